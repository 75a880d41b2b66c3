package io.intramesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.tls.PeerCertificateException;
import java.io.IOException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@NullMarked
class TlsFailuresTest {
    @Test
    void aFailedHandshakeIsToldByWhatCausedIt() {
        PeerCertificateException expired = new PeerCertificateException(
                PeerCertificateException.Reason.EXPIRED, "CN=pay has expired at 2026-11-20T00:00:00Z");

        assertThat(TlsFailures.words(handshake("General OpenSslEngine problem", expired)))
                .isEqualTo("certificate not trusted: EXPIRED: CN=pay has expired at 2026-11-20T00:00:00Z");
        assertThat(TlsFailures.words(handshake("General OpenSslEngine problem", new CertificateException("no path"))))
                .isEqualTo("no path");
        assertThat(TlsFailures.words(handshake("General OpenSslEngine problem", null)))
                .isEqualTo("General OpenSslEngine problem");
    }

    @Test
    void aRefusedCertificateIsToldAsSuch() {
        SSLException alert = new SSLHandshakeException("Received fatal alert: certificate_revoked");

        assertThat(TlsFailures.words(alert))
                .isEqualTo(
                        "the peer refused our certificate, or missed one: Received fatal alert: certificate_revoked");
    }

    @Test
    void otherFailuresSpeakForThemselves() {
        assertThat(TlsFailures.words(new IOException("Failed to connect", new IOException("Connection refused"))))
                .isEqualTo("Failed to connect");
        assertThat(TlsFailures.words(new IOException())).isEqualTo("IOException");
    }

    private static SSLException handshake(String message, @Nullable CertificateException cause) {
        SSLException failure = new SSLHandshakeException(message);
        if (cause != null) {
            failure.initCause(cause);
        }
        return failure;
    }
}
