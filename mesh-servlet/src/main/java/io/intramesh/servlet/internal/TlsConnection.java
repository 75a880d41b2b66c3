package io.intramesh.servlet.internal;

import io.intramesh.tls.ServerTls;
import jakarta.servlet.ServletRequest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A TLS connection to a container that the mesh set up: what its handshake proved, and how it is asked to end. The container
 * puts it on each request; no header can, and neither can a valve or customizer that believes headers take its place. Safe for
 * use by several threads.
 */
public abstract class TlsConnection {
    /** Request attribute that holds the connection that the request came by. */
    public static final String ATTRIBUTE = "io.intramesh.tls.connection";

    private final ServerTls.Lease lease;
    private final List<X509Certificate> peerCertificates;
    private final AtomicBoolean leaves = new AtomicBoolean();

    /**
     * Notes what a handshake proved.
     *
     * @param lease of when the handshake began
     * @param session as it is after the handshake
     */
    protected TlsConnection(ServerTls.Lease lease, SSLSession session) {
        this.lease = lease;
        this.peerCertificates = peerCertificates(session);
    }

    /** Returns the connection that a request came by, or null where it is not encrypted or the container is not ours. */
    public static @Nullable TlsConnection of(ServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof TlsConnection connection ? connection : null;
    }

    /** Returns the chain that the client proved to own, its own certificate first; empty where it showed none. */
    public final List<X509Certificate> peerCertificates() {
        return peerCertificates;
    }

    /** Tells whether it is time to end, since another certificate, trust or declaration has come into force. */
    public final boolean isOutdated() {
        return lease.isOver();
    }

    /**
     * Asks the client to make another connection for its next requests, where the protocol has a word for that beside a
     * response's headers. Idempotent.
     */
    public final void end() {
        if (leaves.compareAndSet(false, true)) {
            sayGoAway();
        }
    }

    /** Sends HTTP/2's GOAWAY, letting streams under way end; nothing for HTTP/1.1. Called at most once. */
    protected abstract void sayGoAway();

    private static List<X509Certificate> peerCertificates(SSLSession session) {
        Certificate[] chain;
        try {
            chain = session.getPeerCertificates();
        } catch (SSLPeerUnverifiedException none) {
            return List.of();
        }
        List<X509Certificate> certificates = new ArrayList<>(chain.length);
        for (Certificate certificate : chain) {
            if (!(certificate instanceof X509Certificate x509)) {
                // Nothing that we could judge: as good as none.
                return List.of();
            }
            certificates.add(x509);
        }
        return List.copyOf(certificates);
    }
}
