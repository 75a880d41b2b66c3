package io.intramesh.internal.tls;

import io.intramesh.tls.Password;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads PKCS#12 and JKS stores; which of the two it is shows in the first bytes. */
final class KeyStores {
    /** The first bytes of a JKS file; PKCS#12 begins with an ASN.1 SEQUENCE. */
    private static final byte[] JKS_MAGIC = {(byte) 0xfe, (byte) 0xed, (byte) 0xfe, (byte) 0xed};

    private KeyStores() {}

    /** A key with its chain, as stored. */
    record Entry(List<X509Certificate> chain, PrivateKey key) {}

    static Entry key(byte[] content, Password password, @Nullable String alias, String where) throws MaterialException {
        char[] secret = secret(password, where);
        try {
            KeyStore store = open(content, secret, where);
            String chosen = alias == null ? onlyKey(store, where) : alias;
            Key key = store.getKey(chosen, secret);
            if (!(key instanceof PrivateKey privateKey)) {
                throw new MaterialException(where + ": no private key '" + chosen + "' (there are: " + aliases(store)
                        + "); name one of them");
            }
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate certificate : store.getCertificateChain(chosen)) {
                chain.add((X509Certificate) certificate);
            }
            return new Entry(chain, privateKey);
        } catch (GeneralSecurityException e) {
            throw new MaterialException(
                    where + ": the key cannot be opened (" + e.getMessage() + "); give key and store the same password",
                    e);
        } finally {
            Arrays.fill(secret, '\0');
        }
    }

    static List<X509Certificate> trusted(byte[] content, @Nullable Password password, String where)
            throws MaterialException {
        char[] secret = password == null ? null : secret(password, where);
        try {
            KeyStore store = open(content, secret, where);
            List<X509Certificate> trusted = new ArrayList<>();
            for (String alias : Collections.list(store.aliases())) {
                if (store.isCertificateEntry(alias)
                        && store.getCertificate(alias) instanceof X509Certificate certificate) {
                    trusted.add(certificate);
                }
            }
            return trusted;
        } catch (GeneralSecurityException e) {
            throw new MaterialException(where + ": the store cannot be read (" + e.getMessage() + "); make it anew", e);
        } finally {
            if (secret != null) {
                Arrays.fill(secret, '\0');
            }
        }
    }

    private static char[] secret(Password password, String where) throws MaterialException {
        try {
            return password.read();
        } catch (IOException e) {
            throw new MaterialException(where + ": the password cannot be read: " + e.getMessage(), e);
        }
    }

    private static KeyStore open(byte[] content, char @Nullable [] secret, String where) throws MaterialException {
        boolean jks = content.length >= JKS_MAGIC.length
                && Arrays.equals(content, 0, JKS_MAGIC.length, JKS_MAGIC, 0, JKS_MAGIC.length);
        try {
            KeyStore store = KeyStore.getInstance(jks ? "JKS" : "PKCS12");
            store.load(new ByteArrayInputStream(content), secret);
            return store;
        } catch (IOException | GeneralSecurityException e) {
            throw new MaterialException(
                    where + ": the store cannot be opened (" + e.getMessage()
                            + "); check its password, and that it is PKCS#12 or JKS",
                    e);
        }
    }

    private static String onlyKey(KeyStore store, String where) throws GeneralSecurityException, MaterialException {
        List<String> keys = new ArrayList<>();
        for (String alias : Collections.list(store.aliases())) {
            if (store.isKeyEntry(alias)) {
                keys.add(alias);
            }
        }
        if (keys.size() != 1) {
            throw new MaterialException(
                    where + ": keys " + keys + " (expected: one); keep one alone, or name its alias");
        }
        return keys.get(0);
    }

    private static List<String> aliases(KeyStore store) throws GeneralSecurityException {
        return Collections.list(store.aliases());
    }
}
