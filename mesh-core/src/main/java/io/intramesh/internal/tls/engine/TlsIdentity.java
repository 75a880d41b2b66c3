package io.intramesh.internal.tls.engine;

import static java.util.Objects.requireNonNull;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * A certificate with its chain and the key that was checked to belong to it. Immutable; compared by identity, since one load
 * of the material is one identity.
 */
public final class TlsIdentity {
    private final List<X509Certificate> chain;
    private final PrivateKey key;
    private final X509ExtendedKeyManager keyManager;

    public TlsIdentity(List<X509Certificate> chain, PrivateKey key) {
        this.chain = List.copyOf(chain);
        this.key = requireNonNull(key, "key");
        if (this.chain.isEmpty()) {
            throw new IllegalArgumentException("chain: empty (expected: the certificate at least)");
        }
        this.keyManager = new OneKeyManager(this.chain, key);
    }

    /** Returns the certificate, then its issuers. */
    public List<X509Certificate> chain() {
        return chain;
    }

    /** Returns the certificate itself. */
    public X509Certificate certificate() {
        return chain.get(0);
    }

    /** Returns when the first certificate of the chain ends. */
    public Instant notAfter() {
        return chain.stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .min(Instant::compareTo)
                .orElseThrow();
    }

    /** Returns what shows this certificate to whoever asks; always with the same objects, which libraries remember. */
    public X509ExtendedKeyManager keyManager() {
        return keyManager;
    }

    /** Tells nothing of the key. */
    @Override
    public String toString() {
        return certificate().getSubjectX500Principal() + " until " + notAfter() + ", " + key.getAlgorithm();
    }
}
