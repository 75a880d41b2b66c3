package io.intramesh.tls;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one certificate or trust that the mesh uses, at a moment. Immutable; holds no secrets.
 *
 * @param source where it comes from, such as {@code file /etc/tls/orders.pem}
 * @param use what it is for
 * @param subject of the certificate, or of the first authority; empty where nothing was ever loaded
 * @param names subject alternative names of the certificate, or the subjects of the authorities
 * @param notAfter when it ends; null where nothing was ever loaded
 * @param secondsToExpiry until then, negative afterwards; 0 where nothing was ever loaded
 * @param provider what encrypts with it, such as {@code OpenSSL (BoringSSL)} or {@code JSSE (SunJSSE)}
 * @param fips whether only a validated provider is used
 * @param problem why the newest material is not in force, with how to mend it; null where it is
 */
public record TlsState(
        String source,
        Use use,
        String subject,
        List<String> names,
        @Nullable Instant notAfter,
        long secondsToExpiry,
        String provider,
        boolean fips,
        @Nullable String problem) {

    /** What material is for. */
    public enum Use {
        /** Shown to peers. */
        CERTIFICATE,
        /** Peers are checked by it. */
        TRUST
    }

    public TlsState {
        requireNonNull(source, "source");
        requireNonNull(use, "use");
        names = List.copyOf(names);
    }
}
