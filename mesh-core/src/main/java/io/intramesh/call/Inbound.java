package io.intramesh.call;

import java.security.cert.X509Certificate;
import java.util.List;

/** Inbound half of a mesh, for transports. Safe for use by several threads. */
public interface Inbound {

    /**
     * Decides about a request that arrived.
     *
     * @param localPort port that it arrived on
     * @param isEncrypted whether the connection that it arrived by is encrypted up to here, whatever a header says
     * @param peerCertificates chain that the peer proved to own on that connection, its own certificate first; empty where there
     *     is none. Does not count where the connection is not encrypted.
     */
    InboundRequest begin(
            MeshRequest request, int localPort, boolean isEncrypted, List<X509Certificate> peerCertificates);

    /** Decides about a request of which only the peer's certificates are known: with any, its connection is encrypted. */
    default InboundRequest begin(MeshRequest request, int localPort, List<X509Certificate> peerCertificates) {
        return begin(request, localPort, !peerCertificates.isEmpty(), peerCertificates);
    }
}
