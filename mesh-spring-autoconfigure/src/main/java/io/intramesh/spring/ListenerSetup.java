package io.intramesh.spring;

import io.intramesh.Mesh;
import io.intramesh.MeshConfigException;
import io.intramesh.model.Listener;
import io.intramesh.model.ListenerTls;
import io.intramesh.model.VirtualNode;
import io.intramesh.tls.ServerTls;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an embedded server is to do for the mesh's listener that it serves. For the modules of the lines of Spring Boot, where
 * the servers' own types live.
 */
public final class ListenerSetup {
    private static final Logger log = LoggerFactory.getLogger(ListenerSetup.class);

    private final Mesh mesh;
    private final int port;
    private final ListenerTls.Mode mode;

    private ListenerSetup(Mesh mesh, int port, ListenerTls.Mode mode) {
        this.mesh = mesh;
        this.port = port;
        this.mode = mode;
    }

    /**
     * Returns what to do for the listener that a server's port serves, or null where that declares no TLS.
     *
     * @param port of the server; one of a container or test may differ from that of the node's only listener
     */
    public static @Nullable ListenerSetup of(Mesh mesh, int port) {
        VirtualNode node = mesh.state().resources().virtualNode(mesh.name(), mesh.virtualNode());
        List<Listener> listeners = node == null ? List.of() : node.listeners();
        for (Listener listener : listeners) {
            if (listener.tls() != null && (listener.port() == port || listeners.size() == 1)) {
                return new ListenerSetup(mesh, port, listener.tls().mode());
            }
        }
        return null;
    }

    /** Returns the listener's encryption, for the server. */
    public ServerTls tls() {
        return mesh.serverTls(port);
    }

    /**
     * Says that the server cannot be set up, and is left as it is. Where the listener takes plaintext too, that is logged.
     *
     * @throws MeshConfigException where the listener takes TLS only
     */
    public void impossible(String why) {
        String problem = "virtualNode '" + mesh.virtualNode() + "' listener on port " + port + ": tls mode " + mode
                + ", but " + why;
        if (mode == ListenerTls.Mode.STRICT) {
            throw new MeshConfigException(problem, List.of());
        }
        log.warn("mesh listener without its TLS problem=\"{}\"", problem);
    }
}
