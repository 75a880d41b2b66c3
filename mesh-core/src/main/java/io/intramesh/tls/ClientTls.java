package io.intramesh.tls;

import java.time.Instant;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.X509TrustManager;

/**
 * How connections to an endpoint are encrypted, and who may answer there.
 *
 * <p>One object is one security: connections made under it may serve every attempt that carries the same object, and no
 * other. A change of certificate, trust or configuration makes a new object, so that new calls make new connections and the
 * old ones idle out. Compare by identity. Safe for use by several threads.
 */
public interface ClientTls {

    /**
     * Returns what makes the encrypted sockets; the same instance each time. Sockets are layered over connected ones
     * ({@code createSocket(socket, host, port, autoClose)}), shake hands within {@code startHandshake}, speak TLS 1.2 and 1.3,
     * offer the application protocols of their {@code SSLParameters}, and ask for the name that the callee was discovered by
     * (SNI), by which a server with several certificates chooses. Name the endpoint's address, not the logical host,
     * as host and port: sessions are resumed by them.
     *
     * <p>A peer that is not trusted ends the handshake with an {@code SSLException} that a
     * {@link PeerCertificateException} caused, wherever the peer's certificate was the cause.
     */
    SSLSocketFactory socketFactory();

    /** Returns the check of the peer's certificate, with its issuers listed; the same instance each time. */
    X509TrustManager trustManager();

    /**
     * Returns the check to be made after every handshake, resumed ones too, which pass by the trust manager: trust, dates,
     * revocation and names of the peer, as of that moment. The host that it is called with does not matter. The same instance
     * each time.
     */
    HostnameVerifier hostnameVerifier();

    /** Returns the end of the own certificate or of the last trusted authority, whichever is first. No connection outlives it. */
    Instant notAfter();
}
