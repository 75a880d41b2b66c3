package io.intramesh.call;

import java.security.cert.X509Certificate;
import java.util.List;

/** Inbound half of a mesh, for transports. Safe for use by several threads. */
public interface Inbound {

    /**
     * Decides about a request that arrived.
     *
     * @param localPort port that it arrived on
     * @param peerCertificates chain that the peer proved to own, its own certificate first; empty where there is none
     */
    InboundRequest begin(MeshRequest request, int localPort, List<X509Certificate> peerCertificates);
}
