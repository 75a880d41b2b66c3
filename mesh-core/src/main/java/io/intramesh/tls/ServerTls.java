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
     * Returns what handshakes are made of at this moment: another object once the certificate, the trust or the validation is
     * another, or nothing valid is left. One volatile read; compare by identity. Containers note it with each connection,
     * and ask those that were made under an older one to end.
     */
    Object epoch();

    /**
     * Checks a client's certificate as of now: trust, dates, revocation, names. To be called for every request, because
     * resumed sessions pass by the trust manager and connections last longer than what was true at their handshake. Cheap
     * when asked again about the same chain. Passes where the listener has no validation.
     *
     * @param chain as shown by the client, its own certificate first; empty where it showed none
     * @throws PeerCertificateException saying why the client is refused
     */
    void checkPeer(List<X509Certificate> chain) throws CertificateException;
}
