package io.intramesh.internal.issue;

import static java.util.Objects.requireNonNull;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A certificate with its key.
 *
 * @param chain the certificate itself first, then the intermediates that lead to the root, without the root
 */
public record IssuedCertificate(PrivateKey key, List<X509Certificate> chain) {
    public IssuedCertificate {
        requireNonNull(key, "key");
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("chain: empty (expected: the certificate at least)");
        }
    }

    /** Returns the certificate itself. */
    public X509Certificate certificate() {
        return chain.get(0);
    }

    /** Returns the chain as PEM text. */
    public String chainPem() {
        return Pem.certificates(chain);
    }

    /** Returns the key as PEM text, in PKCS#8. A secret: never log it. */
    public String keyPem() {
        return Pem.key(key);
    }

    /** Returns subject and serial number; a key never shows. */
    @Override
    public String toString() {
        return certificate().getSubjectX500Principal() + " serial "
                + certificate().getSerialNumber().toString(16);
    }
}
