package io.intramesh.okhttp;

import io.intramesh.call.Endpoint;
import io.intramesh.tls.ClientTls;
import io.intramesh.tls.PeerCertificateException;
import io.intramesh.tls.PeerIdentity;
import java.io.IOException;
import java.net.ProtocolException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** How TLS fails towards an endpoint, in the exceptions that the mesh judges by. */
final class TlsFailures {
    private static final int MAX_CAUSES = 8;

    /**
     * Alerts by which a peer says that it does not take our certificate, or asks for one (RFC 8446, section 6.2; RFC 5246,
     * section 7.2.2). Java has no type for them, only texts: these names in the one library, in capitals in the other.
     */
    private static final List<String> CERTIFICATE_ALERTS = List.of(
            "bad_certificate",
            "unsupported_certificate",
            "certificate_revoked",
            "certificate_expired",
            "certificate_unknown",
            "certificate_required",
            "no_certificate",
            "unknown_ca",
            "access_denied");

    private TlsFailures() {}

    /** Returns what it is when a resumed session's peer is not who it should be, for which trust managers are not asked. */
    static SSLException notVerified(Endpoint endpoint, ClientTls tls, SSLSession session) {
        String names;
        CertificateException cause = null;
        try {
            List<X509Certificate> chain = Stream.of(session.getPeerCertificates())
                    .filter(X509Certificate.class::isInstance)
                    .map(X509Certificate.class::cast)
                    .toList();
            names = String.valueOf(PeerIdentity.of(chain).name());
            cause = objection(tls, chain);
        } catch (SSLPeerUnverifiedException e) {
            names = "nobody";
        }
        SSLException failure = new SSLPeerUnverifiedException(
                "the certificate of " + endpoint + " is not one that the client policy takes; it is for " + names);
        if (cause != null) {
            failure.initCause(cause);
        }
        return failure;
    }

    private static @Nullable CertificateException objection(ClientTls tls, List<X509Certificate> chain) {
        try {
            tls.trustManager().checkServerTrusted(chain.toArray(new X509Certificate[0]), "UNKNOWN");
            return null;
        } catch (CertificateException e) {
            return e;
        }
    }

    /** Returns what it is when an HTTP/2 listener's endpoint agrees on something else. Trust has nothing to do with it. */
    static IOException notHttp2(Endpoint endpoint, @Nullable String agreed) {
        return new ProtocolException("the listener speaks HTTP/2, but " + endpoint + " agreed by ALPN on "
                + (agreed == null || agreed.isEmpty() ? "nothing" : "'" + agreed + "'")
                + "; let it offer h2, or declare the listener as http");
    }

    /** Tells whether a server ended the handshake because it speaks nothing that it was offered (RFC 7301, section 3.2). */
    static boolean isForWantOfHttp2(SSLException failure) {
        String message = failure.getMessage();
        return message != null && message.toLowerCase(Locale.ROOT).contains("no_application_protocol");
    }

    /**
     * Returns what a failure comes to that the peer's alert about our certificate caused; null for any other. With TLS 1.3 the
     * alert comes after the request was written, which the peer has not looked at: it takes no data before it knows who sends.
     */
    static @Nullable SSLException refusalOfOurs(IOException failure) {
        SSLException alert = alert(failure, 0);
        if (alert == null) {
            return null;
        }
        SSLException refusal =
                new SSLHandshakeException("the peer refused our certificate, or missed one: " + alert.getMessage());
        refusal.initCause(alert);
        return refusal;
    }

    /**
     * Returns what is wrong, in words. What TLS libraries throw says little by itself ({@code General OpenSslEngine problem}); its
     * causes say it.
     */
    static String words(IOException failure) {
        PeerCertificateException certificate = PeerCertificateException.in(failure);
        if (certificate != null) {
            return "certificate not trusted: " + certificate.reason() + ": " + certificate.getMessage();
        }
        SSLException refusal = refusalOfOurs(failure);
        if (refusal != null) {
            return String.valueOf(refusal.getMessage());
        }
        Throwable told = failure;
        if (failure instanceof SSLException) {
            for (int depth = 0; told.getCause() != null && depth < MAX_CAUSES; depth++) {
                told = told.getCause();
            }
        }
        String message = told.getMessage();
        return message == null ? told.getClass().getSimpleName() : message;
    }

    /** Among suppressed ones, too: OkHttp goes on to read when it cannot write, and finds the alert there. */
    private static @Nullable SSLException alert(Throwable failure, int depth) {
        if (depth == MAX_CAUSES) {
            return null;
        }
        if (failure instanceof SSLException tls && isAboutOurCertificate(tls.getMessage())) {
            return tls;
        }
        Throwable cause = failure.getCause();
        SSLException found = cause == null ? null : alert(cause, depth + 1);
        for (Throwable suppressed : failure.getSuppressed()) {
            found = found == null ? alert(suppressed, depth + 1) : found;
        }
        return found;
    }

    private static boolean isAboutOurCertificate(@Nullable String message) {
        if (message == null) {
            return false;
        }
        String lower = message.toLowerCase(Locale.ROOT);
        return lower.contains("alert") && CERTIFICATE_ALERTS.stream().anyMatch(lower::contains);
    }
}
