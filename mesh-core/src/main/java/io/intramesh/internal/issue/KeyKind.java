package io.intramesh.internal.issue;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;

/** Kinds of keys that are made here, and how each signs. All are among what FIPS 186-5 approves. */
public enum KeyKind {
    /** The default: small, quick, and taken by every TLS library of today. */
    EC_P256("EC", "secp256r1", "SHA256withECDSA", Oids.ECDSA_WITH_SHA256),

    EC_P384("EC", "secp384r1", "SHA384withECDSA", Oids.ECDSA_WITH_SHA384),

    /** For peers that know no elliptic curves. */
    RSA_2048("RSA", "", "SHA256withRSA", Oids.RSA_WITH_SHA256);

    private static final int RSA_BITS = 2048;

    private final String algorithm;
    private final String curve;
    private final String signature;
    private final Oids signatureOid;

    KeyKind(String algorithm, String curve, String signature, Oids signatureOid) {
        this.algorithm = algorithm;
        this.curve = curve;
        this.signature = signature;
        this.signatureOid = signatureOid;
    }

    /** Returns the kind of that key, or throws {@link IllegalArgumentException} where it is of none of these. */
    public static KeyKind of(Key key) {
        if (key instanceof ECKey ec) {
            int bits = ec.getParams().getCurve().getField().getFieldSize();
            if (bits == 256) {
                return EC_P256;
            }
            if (bits == 384) {
                return EC_P384;
            }
        }
        if (key instanceof RSAKey rsa && rsa.getModulus().bitLength() >= RSA_BITS) {
            return RSA_2048;
        }
        throw new IllegalArgumentException("key: " + key.getAlgorithm()
                + " (expected: EC P-256, EC P-384, or RSA of 2048 bits or more); make a new authority");
    }

    KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(
                    this == RSA_2048
                            ? new RSAKeyGenParameterSpec(RSA_BITS, RSAKeyGenParameterSpec.F4)
                            : new ECGenParameterSpec(curve));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException("this JVM makes no " + this + " keys", failure);
        }
    }

    /** Returns the JCA's name of the signature algorithm. */
    String signature() {
        return signature;
    }

    /** Returns the AlgorithmIdentifier of the signature; with RSA, NULL stands for the parameters (RFC 4055 §5). */
    byte[] signatureIdentifier() {
        return this == RSA_2048 ? Der.sequence(signatureOid.der(), Der.nothing()) : Der.sequence(signatureOid.der());
    }

    /** Tells whether TLS 1.2 may use the key to encrypt a secret, as the old RSA suites do. */
    boolean enciphers() {
        return this == RSA_2048;
    }
}
