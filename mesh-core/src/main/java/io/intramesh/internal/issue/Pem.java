package io.intramesh.internal.issue;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/** Writes PEM text (RFC 7468), and reads back the one form of key that is written here by default. */
public final class Pem {
    private static final int LINE = 64;
    private static final String KEY_BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String KEY_END = "-----END PRIVATE KEY-----";

    private Pem() {}

    /** Returns these certificates, one after the other. */
    public static String certificates(List<X509Certificate> certificates) {
        StringBuilder text = new StringBuilder();
        for (X509Certificate certificate : certificates) {
            text.append(certificate(certificate));
        }
        return text.toString();
    }

    /** Returns one certificate. */
    public static String certificate(X509Certificate certificate) {
        try {
            return block("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException("a certificate that has no encoding", failure);
        }
    }

    /** Returns a revocation list. */
    public static String crl(X509CRL crl) {
        try {
            return block("X509 CRL", crl.getEncoded());
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException("a revocation list that has no encoding", failure);
        }
    }

    /** Returns a private key as PKCS#8 (RFC 5958), which every reader of today knows. */
    public static String key(PrivateKey key) {
        return block("PRIVATE KEY", key.getEncoded());
    }

    /** Returns a private key in the older form of its algorithm: PKCS#1 (RFC 8017 §A.1.2) or SEC 1 (RFC 5915). */
    public static String traditionalKey(PrivateKey key) {
        if (key instanceof RSAPrivateCrtKey rsa) {
            return block("RSA PRIVATE KEY", pkcs1(rsa));
        }
        if (key instanceof ECPrivateKey ec) {
            return block("EC PRIVATE KEY", sec1(ec));
        }
        throw new IllegalArgumentException("key: " + key.getAlgorithm() + " (expected: an RSA or EC key)");
    }

    /** Reads what {@link #key} wrote, or throws {@link IllegalArgumentException} that says what is wrong. */
    public static PrivateKey readKey(String pem) {
        int begin = pem.indexOf(KEY_BEGIN);
        int end = pem.indexOf(KEY_END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("no private key (expected: '" + KEY_BEGIN + "')");
        }
        // The decoder for MIME passes over line ends.
        byte[] der = Base64.getMimeDecoder().decode(pem.substring(begin + KEY_BEGIN.length(), end));
        for (String algorithm : List.of("EC", "RSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException failure) {
                // Of the other algorithm, or of none.
            } catch (GeneralSecurityException failure) {
                throw new IllegalStateException("this JVM reads no " + algorithm + " keys", failure);
            }
        }
        throw new IllegalArgumentException("private key not understood (expected: EC or RSA, in PKCS#8)");
    }

    private static String block(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(LINE, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(der)
                + "\n-----END " + label + "-----\n";
    }

    private static byte[] pkcs1(RSAPrivateCrtKey key) {
        return Der.sequence(
                Der.integer(0),
                Der.integer(key.getModulus()),
                Der.integer(key.getPublicExponent()),
                Der.integer(key.getPrivateExponent()),
                Der.integer(key.getPrimeP()),
                Der.integer(key.getPrimeQ()),
                Der.integer(key.getPrimeExponentP()),
                Der.integer(key.getPrimeExponentQ()),
                Der.integer(key.getCrtCoefficient()));
    }

    /** Without the public key, which RFC 5915 leaves to the writer. */
    private static byte[] sec1(ECPrivateKey key) {
        int size = (key.getParams().getOrder().bitLength() + Byte.SIZE - 1) / Byte.SIZE;
        Oids curve = KeyKind.of(key) == KeyKind.EC_P256 ? Oids.SECP256R1 : Oids.SECP384R1;
        return Der.sequence(
                Der.integer(1), Der.octets(unsigned(key.getS().toByteArray(), size)), Der.explicit(0, curve.der()));
    }

    /** Returns the number in just so many bytes: without the sign's, with zeros before it. */
    private static byte[] unsigned(byte[] number, int size) {
        byte[] out = new byte[size];
        int count = Math.min(size, number.length);
        System.arraycopy(number, number.length - count, out, size - count, count);
        return out;
    }
}
