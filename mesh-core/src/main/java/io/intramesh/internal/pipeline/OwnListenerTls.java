package io.intramesh.internal.pipeline;

import io.intramesh.internal.tls.TlsStore;
import io.intramesh.model.Listener;
import io.intramesh.model.ListenerTls;
import io.intramesh.model.VirtualNode;
import io.intramesh.tls.ServerTls;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Keeps the TLS of this process's listeners as its node declares it. */
final class OwnListenerTls {
    private final TlsStore store;

    /** What each port was last told. Confined to the mesh thread; bounded by the ports that the node ever listened on. */
    private final Map<Integer, Declared> declared = new HashMap<>();

    OwnListenerTls(TlsStore store) {
        this.store = store;
    }

    /** Takes over what a node declares. On the mesh thread. */
    void configure(VirtualNode node) {
        Set<Integer> gone = new HashSet<>(declared.keySet());
        // Callers look for the node under its discovery name (TLS-04).
        List<String> names = node.discoveryNames();
        for (Listener listener : node.listeners()) {
            gone.remove(listener.port());
            if (listener.tls() != null || declared.containsKey(listener.port())) {
                tell(listener.port(), new Declared(listener.tls(), names));
            }
        }
        gone.forEach(port -> tell(port, Declared.NOTHING));
    }

    /** Returns the live TLS of the listener on that port; of the only one where the node has just one. */
    ServerTls on(int port, @Nullable VirtualNode node) {
        List<Listener> listeners = node == null ? List.of() : node.listeners();
        // As for requests: a container's port mapping, or a test's free port, may stand between.
        return store.server(listeners.size() == 1 ? listeners.get(0).port() : port);
    }

    /** Returns the live TLS of a listener, or null where that declares none. */
    @Nullable
    ServerTls of(Listener listener) {
        return listener.tls() == null ? null : store.server(listener.port());
    }

    private void tell(int port, Declared now) {
        if (!now.equals(declared.put(port, now))) {
            store.server(port).configure(now.tls, now.names);
        }
    }

    private record Declared(@Nullable ListenerTls tls, List<String> names) {
        static final Declared NOTHING = new Declared(null, List.of());
    }
}
