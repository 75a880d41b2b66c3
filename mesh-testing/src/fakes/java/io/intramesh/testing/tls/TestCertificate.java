package io.intramesh.testing.tls;

import static java.util.Objects.requireNonNull;

import io.intramesh.internal.issue.Pem;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate with its key.
 *
 * @param chain the certificate itself first, then the intermediates, without the root
 */
public record TestCertificate(PrivateKey key, List<X509Certificate> chain) {
    private static final String ENTRY = "test";

    public TestCertificate {
        requireNonNull(key, "key");
        chain = List.copyOf(chain);
    }

    /** Returns the certificate itself. */
    public X509Certificate certificate() {
        return chain.get(0);
    }

    /** Returns the chain as PEM text. */
    public String chainPem() {
        return Pem.certificates(chain);
    }

    /** Returns the key as PEM text, in PKCS#8. */
    public String keyPem() {
        return Pem.key(key);
    }

    /** Returns the key as PEM text in the older form of its algorithm: PKCS#1 for RSA, SEC 1 for elliptic curves. */
    public String traditionalKeyPem() {
        return Pem.traditionalKey(key);
    }

    /** Returns this chain with the key of another certificate: two that do not belong together. */
    public TestCertificate withKeyOf(TestCertificate other) {
        return new TestCertificate(other.key, chain);
    }

    /** Returns this certificate without what leads from it to the root. */
    public TestCertificate withoutIntermediates() {
        return new TestCertificate(key, List.of(certificate()));
    }

    /** Returns a PKCS#12 key store with this certificate as its only entry, the key under that password. */
    public KeyStore keyStore(char[] password) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(ENTRY, key, password, chain.toArray(Certificate[]::new));
            return store;
        } catch (GeneralSecurityException | IOException failure) {
            throw new IllegalStateException("this JVM keeps no PKCS#12 store", failure);
        }
    }

    /**
     * Returns a context of the JDK's own TLS that shows this certificate and trusts that authority alone, by the JDK's rules:
     * a peer that knows no mesh. Names are checked only where the socket is told to.
     */
    public SSLContext jdkContext(TestAuthority trusted) {
        char[] password = new char[0];
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(keyStore(password), password);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted.trustStore());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException("this JVM has no TLS", failure);
        }
    }

    /** Returns subject and serial number; the key never shows. */
    @Override
    public String toString() {
        return certificate().getSubjectX500Principal() + " serial "
                + certificate().getSerialNumber().toString(16);
    }
}
