package io.intramesh.tls;

import static java.util.Objects.requireNonNull;

/**
 * Something changed about a certificate or trust that the mesh uses. Told once per change. Holds no secrets.
 *
 * @param source where the material comes from, such as {@code file /etc/tls/orders.pem}
 * @param detail names and dates of what is in force, or the problem with how to mend it
 */
public record TlsEvent(Kind kind, String source, String detail) {

    /** What happened. */
    public enum Kind {
        /** Material came into force, for the first time or after a problem. */
        LOADED,
        /** Renewed material took the place of older. */
        ROTATED,
        /** New material is not good; what was in force stays. */
        REFUSED,
        /** What was in force has expired: nothing valid is left, and calls are refused. */
        EXPIRED
    }

    public TlsEvent {
        requireNonNull(kind, "kind");
        requireNonNull(source, "source");
        requireNonNull(detail, "detail");
    }
}
