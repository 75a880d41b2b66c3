package io.intramesh.tls;

import io.intramesh.model.ListenerTls;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;

/**
 * Encryption of one listener. Live: it follows configuration and renewed certificates while the container keeps the object.
 * Safe for use by several threads.
 */
public interface ServerTls {

    /**
     * Returns the context that makes the listener's engines; the same one for the life of the mesh. Its engines ask for a
     * client certificate where the listener demands one, whatever the container sets. While no valid certificate is at hand,
     * or the mode is DISABLED, every handshake fails.
     */
    SSLContext context();

    /** Returns the mode in force; DISABLED where the listener declares no TLS. One volatile read. */
    ListenerTls.Mode mode();

    /** Tells whether every TLS client must show a certificate: where the listener has a validation. */
    boolean requiresClientCertificate();

    /**
     * Returns for how long a connection may be used whose handshake begins now. Containers keep it with the connection, and ask
     * the connection to end once it is over.
     */
    Lease lease();

    /**
     * Checks a client's certificate as of now: trust, dates, revocation, names. To be called for every request, because
     * resumed sessions pass by the trust manager and connections last longer than what was true at their handshake. Cheap
     * when asked again about the same chain. Passes where the listener has no validation.
     *
     * @param chain as shown by the client, its own certificate first; empty where it showed none
     * @throws PeerCertificateException saying why the client is refused
     */
    void checkPeer(List<X509Certificate> chain) throws CertificateException;

    /** For how long one connection may be used. Safe for use by several threads. */
    interface Lease {
        /**
         * Tells whether the connection ought to end with its next response. At once when the trust or the validation is another,
         * or nothing valid is left. Where only the listener's own certificate was renewed, connections end one after the other,
         * within a minute at most and within half of the time that the old certificate has left, lest all clients make new ones
         * at once. Two volatile reads while nothing has changed.
         */
        boolean isOver();
    }
}
