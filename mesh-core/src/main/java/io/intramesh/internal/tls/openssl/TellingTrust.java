package io.intramesh.internal.tls.openssl;

import io.intramesh.tls.PeerCertificateException;
import io.netty.handler.ssl.OpenSslCertificateException;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Lets BoringSSL tell a peer why its certificate is refused, as far as TLS has an alert for it (RFC 8446, section 6.2). Netty
 * takes the alert from the code of its own exception, and says {@code internal_error} for all others.
 */
final class TellingTrust extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager judge;

    TellingTrust(X509ExtendedTrustManager judge) {
        this.judge = judge;
    }

    private interface Check {
        void run() throws CertificateException;
    }

    private static void told(Check check) throws CertificateException {
        try {
            check.run();
        } catch (PeerCertificateException refusal) {
            throw new OpenSslCertificateException(refusal.getMessage(), refusal, code(refusal.reason()));
        }
    }

    /**
     * Returns a code of OpenSSL's x509_vfy.h, of which BoringSSL makes the fitting alert in its SSL_alert_from_verify_result.
     * tcnative has them by name, but its module is not there to be compiled against.
     */
    private static int code(PeerCertificateException.Reason reason) {
        return switch (reason) {
            // X509_V_ERR_CERT_HAS_EXPIRED: certificate_expired
            case EXPIRED -> 10;
            // X509_V_ERR_CERT_NOT_YET_VALID: certificate_expired, which is for both
            case NOT_YET_VALID -> 9;
            // X509_V_ERR_HOSTNAME_MISMATCH: bad_certificate
            case WRONG_NAME -> 62;
            // X509_V_ERR_CERT_REJECTED: bad_certificate
            case WEAK -> 28;
            // X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: unknown_ca
            case SELF_SIGNED -> 18;
            // X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknown_ca
            case UNTRUSTED -> 20;
            // X509_V_ERR_CERT_REVOKED: certificate_revoked
            case REVOKED -> 23;
            // X509_V_ERR_INVALID_PURPOSE: unsupported_certificate
            case UNSUITABLE -> 26;
            // X509_V_ERR_CRL_PATH_VALIDATION_ERROR: certificate_unknown, since what is wrong is not the certificate.
            case REVOCATION_UNKNOWN, NO_CERTIFICATE -> 54;
        };
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        told(() -> judge.checkClientTrusted(chain, authType));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        told(() -> judge.checkServerTrusted(chain, authType));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        told(() -> judge.checkClientTrusted(chain, authType, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        told(() -> judge.checkServerTrusted(chain, authType, socket));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        told(() -> judge.checkClientTrusted(chain, authType, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        told(() -> judge.checkServerTrusted(chain, authType, engine));
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return judge.getAcceptedIssuers();
    }
}
