package io.intramesh.tls;

import static java.util.Objects.requireNonNull;

import java.security.cert.CertificateException;
import org.jspecify.annotations.Nullable;

/** Thrown when a peer's certificate does not prove who the peer should be. The message names the certificate, never a key. */
public final class PeerCertificateException extends CertificateException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    public PeerCertificateException(Reason reason, String message) {
        super(message);
        this.reason = requireNonNull(reason, "reason");
    }

    public PeerCertificateException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = requireNonNull(reason, "reason");
    }

    /** Returns why, for metrics and audit. */
    public Reason reason() {
        return reason;
    }

    /** Returns the first exception of this type among a failure and its causes, or null. */
    public static @Nullable PeerCertificateException in(Throwable failure) {
        Throwable looked = failure;
        // Causes may form a ring; no real chain is that long.
        for (int depth = 0; looked != null && depth < MAX_DEPTH; depth++) {
            if (looked instanceof PeerCertificateException found) {
                return found;
            }
            looked = looked.getCause();
        }
        return null;
    }

    private static final int MAX_DEPTH = 16;

    /** Why a certificate is refused. The names are stable: logs, metrics and the audit log use them. */
    public enum Reason {
        /** None was shown where one is demanded. */
        NO_CERTIFICATE,
        /** A certificate of the chain is past its end. */
        EXPIRED,
        /** A certificate of the chain is before its begin. */
        NOT_YET_VALID,
        /** The peer vouches for itself, and is no trusted authority. */
        SELF_SIGNED,
        /** No trusted authority vouches for it. */
        UNTRUSTED,
        /** Its issuer revoked it, or the issuer above did so with the issuer. */
        REVOKED,
        /** The revocation list that should say so is out of date. */
        REVOCATION_UNKNOWN,
        /** It carries none of the names that are asked for. */
        WRONG_NAME,
        /** Its key or signature is too weak. */
        WEAK,
        /** It may not be used for this, or cannot be understood. */
        UNSUITABLE
    }
}
