package io.intramesh.internal.route;

import io.intramesh.model.Listener;
import io.intramesh.model.WeightedTarget;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A listener of a virtual node that a route sends a share of its traffic to. Immutable. */
public final class Target {
    private final String virtualNode;
    private final int weight;
    private final @Nullable Integer port;
    private final @Nullable Listener listener;
    private final Object binding;

    /** The smaller of the route's limit and the listener's; {@link Limits#NONE} for none. */
    private final long perRequestNanos;

    private final long idleNanos;

    private Target(
            String virtualNode,
            int weight,
            @Nullable Integer port,
            @Nullable Listener listener,
            Object binding,
            long perRequestNanos,
            long idleNanos) {
        this.virtualNode = virtualNode;
        this.weight = weight;
        this.port = port;
        this.listener = listener;
        this.binding = binding;
        this.perRequestNanos = perRequestNanos;
        this.idleNanos = idleNanos;
    }

    static Target of(WeightedTarget declared, @Nullable Listener listener, Object binding, Limits route) {
        Limits limits = listener == null ? route : route.and(Limits.of(listener));
        return new Target(
                declared.virtualNode(),
                declared.weight(),
                listener == null ? declared.port() : Integer.valueOf(listener.port()),
                listener,
                binding,
                limits.perRequestNanos(),
                limits.idleNanos());
    }

    /** Returns the name of the virtual node, which need not exist. */
    public String virtualNode() {
        return virtualNode;
    }

    /** Returns the weight within the route, 0 to 100; 100 where a node is the provider itself. */
    public int weight() {
        return weight;
    }

    /** Returns the port of the listener, else the port that the route names, else null. */
    public @Nullable Integer port() {
        return port;
    }

    /** Returns the listener, or null where the node or that listener of it does not exist. */
    public @Nullable Listener listener() {
        return listener;
    }

    /** Returns what the {@link TargetBinder} gave for this node and listener. */
    public Object binding() {
        return binding;
    }

    long perRequestNanos() {
        return perRequestNanos;
    }

    long idleNanos() {
        return idleNanos;
    }

    /** Tells whether another target does exactly the same, binding included. */
    boolean isSameAs(Target other) {
        return weight == other.weight
                && binding == other.binding
                && perRequestNanos == other.perRequestNanos
                && idleNanos == other.idleNanos
                && virtualNode.equals(other.virtualNode)
                && Objects.equals(port, other.port)
                && Objects.equals(listener, other.listener);
    }

    @Override
    public String toString() {
        return virtualNode + (port == null ? "" : ":" + port) + " weight " + weight;
    }
}
