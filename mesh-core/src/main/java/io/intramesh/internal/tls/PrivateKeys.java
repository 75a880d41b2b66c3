package io.intramesh.internal.tls;

import io.intramesh.tls.Password;
import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Reads private keys: PKCS#8 (RFC 5958), encrypted or not, PKCS#1 (RFC 8017 §A.1.2) and SEC 1 (RFC 5915). The JDK reads the
 * first form only; the other two are put into it.
 */
final class PrivateKeys {
    private static final byte[] VERSION_0 = Der.value(Der.INTEGER, new byte[1]);
    private static final byte[] NULL = Der.value(Der.NULL);

    /** 1.2.840.113549.1.1.1, RFC 8017 §A.1. */
    private static final byte[] RSA = Der.value(
            Der.OBJECT_IDENTIFIER, new byte[] {0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1});

    /** 1.2.840.10045.2.1, RFC 5480 §2.1.1. */
    private static final byte[] EC =
            Der.value(Der.OBJECT_IDENTIFIER, new byte[] {0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1});

    /** The parameters of a SEC 1 key, tagged [0]. */
    private static final int PARAMETERS = 0xa0;

    private PrivateKeys() {}

    /**
     * Reads the one key among the blocks.
     *
     * @param password of an encrypted key; null where none is given
     */
    static PrivateKey read(List<PemBlock> blocks, String where, @Nullable Password password) throws MaterialException {
        byte[] curve = null;
        PrivateKey found = null;
        for (PemBlock block : blocks) {
            if (block.label().equals("EC PARAMETERS")) {
                curve = block.content();
            } else if (block.label().endsWith("PRIVATE KEY")) {
                if (found != null) {
                    throw new MaterialException(where + ": more than one private key; keep the certificate's alone");
                }
                found = read(block, curve, where, password);
            }
        }
        if (found == null) {
            throw new MaterialException(
                    where + ": no private key (expected: a block of PRIVATE KEY, RSA PRIVATE KEY or "
                            + "EC PRIVATE KEY); name the file that holds it");
        }
        return found;
    }

    private static PrivateKey read(PemBlock block, byte @Nullable [] curve, String where, @Nullable Password password)
            throws MaterialException {
        if (block.hasHeaders()) {
            throw new MaterialException(where + ": the key is encrypted in OpenSSL's old way; convert it: "
                    + "openssl pkcs8 -topk8 -in <key> -out <new key>, and give its password, or -nocrypt");
        }
        return switch (block.label()) {
            case "PRIVATE KEY" -> pkcs8(block.content(), where);
            case "RSA PRIVATE KEY" ->
                pkcs8(
                        Der.value(
                                Der.SEQUENCE,
                                VERSION_0,
                                Der.value(Der.SEQUENCE, RSA, NULL),
                                Der.value(Der.OCTET_STRING, block.content())),
                        where);
            case "EC PRIVATE KEY" ->
                pkcs8(
                        Der.value(
                                Der.SEQUENCE,
                                VERSION_0,
                                Der.value(Der.SEQUENCE, EC, curveOf(block.content(), curve, where)),
                                Der.value(Der.OCTET_STRING, block.content())),
                        where);
            case "ENCRYPTED PRIVATE KEY" -> decrypted(block.content(), where, password);
            default ->
                throw new MaterialException(
                        where + ": " + block.label()
                                + " (expected: PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY); convert it: openssl pkcs8 -topk8");
        };
    }

    /** Returns the curve that the key names, else the one of the block before it. */
    private static byte[] curveOf(byte[] sec1, byte @Nullable [] before, String where) throws MaterialException {
        byte[] sequence = Der.reader(sec1).content(Der.SEQUENCE);
        if (sequence != null) {
            Der parts = Der.reader(sequence);
            byte[] version = parts.content(Der.INTEGER);
            byte[] number = parts.content(Der.OCTET_STRING);
            byte[] parameters = parts.content(PARAMETERS);
            if (version != null && number != null && parameters != null) {
                return parameters;
            }
        }
        if (before != null) {
            return before;
        }
        throw new MaterialException(where + ": the EC key does not name its curve; convert it: openssl pkcs8 -topk8");
    }

    private static PrivateKey decrypted(byte[] encrypted, String where, @Nullable Password password)
            throws MaterialException {
        if (password == null) {
            throw new MaterialException(where + ": the key is encrypted, and no password is given; name the files as a "
                    + "certificate source with a password, or decrypt the key: openssl pkcs8 -in <key> -out <new key>");
        }
        char[] secret;
        try {
            secret = password.read();
        } catch (IOException e) {
            throw new MaterialException(where + ": the key's password cannot be read: " + e.getMessage(), e);
        }
        byte[] plain = null;
        try {
            EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(encrypted);
            AlgorithmParameters parameters = info.getAlgParameters();
            // Under PBES2 (RFC 8018 §6.2) the JDK gives the algorithm's full name only here.
            String algorithm = parameters == null ? info.getAlgName() : parameters.toString();
            SecretKeyFactory keys = SecretKeyFactory.getInstance(algorithm);
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(Cipher.DECRYPT_MODE, keys.generateSecret(new PBEKeySpec(secret)), parameters);
            plain = cipher.doFinal(info.getEncryptedData());
            return pkcs8(plain, where);
        } catch (IOException | GeneralSecurityException e) {
            throw new MaterialException(
                    where + ": the key cannot be decrypted (" + e.getMessage()
                            + "); check its password, or convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc",
                    e);
        } finally {
            Arrays.fill(secret, '\0');
            if (plain != null) {
                Arrays.fill(plain, (byte) 0);
            }
        }
    }

    private static PrivateKey pkcs8(byte[] content, String where) throws MaterialException {
        for (String algorithm : List.of("EC", "RSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(content));
            } catch (InvalidKeySpecException other) {
                // Of the other algorithm, or of none that is known here.
            } catch (GeneralSecurityException e) {
                throw new MaterialException(where + ": this JVM reads no " + algorithm + " keys", e);
            }
        }
        throw new MaterialException(
                where + ": the key cannot be read (expected: RSA, or EC on P-256 or P-384); make one of these");
    }
}
