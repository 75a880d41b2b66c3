package io.intramesh.testing.tls;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/**
 * Where a certificate was written.
 *
 * @param chain the certificate and what leads to the root
 * @param key its private key
 * @param trust the root of the authority that issued it
 */
public record PemFiles(Path chain, Path key, Path trust) {
    public PemFiles {
        requireNonNull(chain, "chain");
        requireNonNull(key, "key");
        requireNonNull(trust, "trust");
    }
}
