package io.intramesh.internal.pipeline;

import io.intramesh.internal.limit.ConcurrencyLimit;
import io.intramesh.model.Listener;
import io.intramesh.model.VirtualNode;
import io.intramesh.tls.ServerTls;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listeners of this process's node in their newest form; what they count outlives reloads. */
final class InboundListeners {
    private static final Logger log = LoggerFactory.getLogger(InboundListeners.class);

    private final Supplier<@Nullable VirtualNode> self;
    private final Function<Listener, @Nullable ServerTls> tls;
    private final AtomicBoolean saidGuess = new AtomicBoolean();

    /** By port; touched under the lock of this object only. Bounded by the ports that the node ever listened on. */
    private final Map<Integer, ConcurrencyLimit> limits = new HashMap<>();

    private volatile Bound bound = new Bound(null, List.of());

    InboundListeners(Supplier<@Nullable VirtualNode> self, Function<Listener, @Nullable ServerTls> tls) {
        this.self = self;
        this.tls = tls;
    }

    /** Returns the listener that a request on that port came in by, or null where the node has none. */
    @Nullable
    InboundListener on(int localPort) {
        List<InboundListener> listeners = current().listeners;
        if (listeners.isEmpty()) {
            return null;
        }
        if (listeners.size() == 1) {
            // Whatever the port: a container's port mapping, a proxy on the same machine or a test may stand in
            // between.
            return listeners.get(0);
        }
        for (int i = 0; i < listeners.size(); i++) {
            InboundListener listener = listeners.get(i);
            if (listener.port() == localPort) {
                return listener;
            }
        }
        InboundListener first = listeners.get(0);
        if (saidGuess.compareAndSet(false, true)) {
            log.debug("no listener on the port, so the first stands in port={} listener={}", localPort, first.port());
        }
        return first;
    }

    /** Takes over the node in force, so that a greater limit lets in at once who waits. */
    void refresh() {
        current();
    }

    private Bound current() {
        Bound seen = bound;
        return seen.isOf(self.get()) ? seen : rebind();
    }

    private synchronized Bound rebind() {
        // Read again under the lock, or a slow thread could bring an older node back.
        VirtualNode node = self.get();
        if (!bound.isOf(node)) {
            bound = new Bound(node, node == null ? List.of() : listeners(node));
        }
        return bound;
    }

    /** Called under the lock. */
    private List<InboundListener> listeners(VirtualNode node) {
        List<InboundListener> ready = new ArrayList<>();
        for (Listener listener : node.listeners()) {
            ConcurrencyLimit.Bounds bounds = InboundListener.bounds(listener);
            ConcurrencyLimit limit = limits.computeIfAbsent(listener.port(), port -> new ConcurrencyLimit(bounds));
            limit.resize(bounds);
            ready.add(InboundListener.of(listener, limit, tls.apply(listener)));
        }
        return List.copyOf(ready);
    }

    private record Bound(@Nullable VirtualNode node, List<InboundListener> listeners) {
        // Asked for each request: a node that only equals this one costs a new binding once, comparing it costs each
        // time.
        @SuppressWarnings("ReferenceEquality")
        boolean isOf(@Nullable VirtualNode other) {
            return node == other;
        }
    }
}
