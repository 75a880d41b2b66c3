package io.intramesh.internal.pipeline;

import io.intramesh.tls.PeerCertificateException;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Tells failures of trust from those of the network: the peer did not prove who it is, did not believe us, or does not speak TLS
 * where it must.
 */
final class UntrustedPeer {
    private static final int MAX_CAUSES = 8;

    private UntrustedPeer() {}

    /** Tells whether an attempt came to nothing for want of trust. A connection that breaks in the handshake says nothing of it. */
    static boolean is(MeshAttempt attempt, IOException failure, boolean mayHaveReachedPeer) {
        return !mayHaveReachedPeer
                && attempt.tls() != null
                && first(failure, SSLException.class) != null
                && first(failure, EOFException.class) == null
                && first(failure, SocketException.class) == null;
    }

    /** Returns what was wrong, and how to mend it. */
    static String words(IOException failure) {
        PeerCertificateException certificate = PeerCertificateException.in(failure);
        if (certificate != null) {
            return "its certificate is not trusted (" + certificate.reason() + ": " + certificate.getMessage() + ")";
        }
        SSLPeerUnverifiedException unverified = first(failure, SSLPeerUnverifiedException.class);
        if (unverified != null) {
            return "its certificate is not trusted (" + unverified.getMessage() + ")";
        }
        SSLException tls = first(failure, SSLException.class);
        String message = tls == null ? failure.toString() : tls.toString();
        return (isRefusalOfOurs(failure) ? "it refused this node's certificate (" : "no TLS connection (") + message
                + ")";
    }

    /** Returns what to look at. */
    static String mend(IOException failure) {
        if (PeerCertificateException.in(failure) != null || first(failure, SSLPeerUnverifiedException.class) != null) {
            return "check its certificate, and trust and subjectAlternativeNames of the client policy";
        }
        return isRefusalOfOurs(failure)
                ? "check the certificate of the client policy, and trust and subjectAlternativeNames of the listener's validation"
                : "check that what listens there speaks TLS, and mode and certificate of the listener";
    }

    /**
     * Alerts (RFC 8446, section 6) have no type in Java, only a text, which names them in words of the same kind whichever
     * library wrote it.
     */
    private static boolean isRefusalOfOurs(IOException failure) {
        Throwable looked = failure;
        for (int depth = 0; looked != null && depth < MAX_CAUSES; depth++) {
            String message = looked.getMessage();
            if (message != null) {
                String lower = message.toLowerCase(Locale.ROOT);
                if (lower.contains("alert") && (lower.contains("certificate") || lower.contains("unknown_ca"))) {
                    return true;
                }
            }
            looked = looked.getCause();
        }
        return false;
    }

    private static <T extends Throwable> @Nullable T first(Throwable failure, Class<T> type) {
        Throwable looked = failure;
        for (int depth = 0; looked != null && depth < MAX_CAUSES; depth++) {
            if (type.isInstance(looked)) {
                return type.cast(looked);
            }
            looked = looked.getCause();
        }
        return null;
    }
}
