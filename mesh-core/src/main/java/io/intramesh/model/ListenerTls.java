package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * TLS of a listener.
 *
 * @param validation how client certificates are checked; null asks for none
 */
public record ListenerTls(
        Mode mode, TlsCertificate certificate, @Nullable TlsValidation validation) {
    /** Whom the listener lets in. */
    public enum Mode {
        /** TLS connections only. */
        STRICT,
        /** TLS or plaintext, on the same port. */
        PERMISSIVE,
        /** Plaintext only. */
        DISABLED
    }

    public ListenerTls {
        requireNonNull(mode, "mode");
        requireNonNull(certificate, "certificate");
        Checks.require(
                validation == null || !(validation.trust() instanceof TlsTrust.Acm),
                "validation.trust: acm (expected: file or sds on a listener)");
    }
}
