package io.intramesh.internal.endpoint;

import io.intramesh.call.Endpoint;
import io.intramesh.registry.EndpointSource.Found;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints behind one listener of a virtual node. The object stays the same over reloads and new answers of discovery,
 * and so do its {@link Endpoint} objects for as long as discovery knows them. Safe for use by several threads.
 */
public final class EndpointGroup {
    /** Stands in for the port of a node without listeners: only what brings its own port is reachable. */
    static final int NO_PORT = 0;

    private final NodeEndpoints node;
    private final int listenerPort;

    // Written by the mesh thread, read by everyone.
    private volatile List<Endpoint> endpoints = List.of();

    // Mesh thread only.
    private Consumer<List<Endpoint>> observer = known -> {};

    EndpointGroup(NodeEndpoints node, int listenerPort) {
        this.node = node;
        this.listenerPort = listenerPort;
    }

    /** Returns what is known now, in a stable order; empty where nothing is. The list does not change. */
    public List<Endpoint> endpoints() {
        return endpoints;
    }

    /** Begins to watch the node unless that has begun. Never waits; made to be called on every call. */
    public void activate() {
        node.activate();
    }

    /**
     * Returns what completes when discovery first answers or fails, or null where that has happened. It never completes by an
     * exception, and only after {@link #activate}, or when the mesh closes. What is chained to it runs on the mesh thread and
     * must not block.
     */
    public @Nullable CompletionStage<?> pending() {
        return node.pending();
    }

    /** Returns why there are no endpoints, or why the last look-up failed, and how to mend it; null where all is well. */
    public @Nullable String problem() {
        String problem = node.problem();
        if (problem == null && endpoints.isEmpty() && node.pending() == null) {
            return "virtualNode '" + node.name()
                    + "': discovery knows no endpoint; start an instance, or name one in an Endpoints document";
        }
        return problem;
    }

    /** Returns who knows the endpoints, in words: the source that was asked and what for, or the node's Endpoints document. */
    public String origin() {
        return node.origin();
    }

    /** Hands every later list of endpoints to an observer, which replaces an earlier one. Both on the mesh thread. */
    public void observe(Consumer<List<Endpoint>> newObserver) {
        observer = newObserver;
    }

    /** Asks for a look-up soon, because the endpoints seem to be wrong. A hint; cheap, from any thread. */
    public void refresh() {
        node.refresh();
    }

    /** Takes what discovery found. Returns whether endpoints came or went. On the mesh thread. */
    boolean show(List<Found> found) {
        Map<Key, Endpoint> before = new HashMap<>();
        endpoints.forEach(endpoint -> before.put(new Key(endpoint.name(), endpoint.port()), endpoint));
        Map<Key, Endpoint> after = new HashMap<>();
        boolean describedAnew = false;
        List<Endpoint> next = new ArrayList<>(found.size());
        for (Found one : found) {
            int port = one.port() == null ? listenerPort : one.port();
            Key key = new Key(one.name(), port);
            if (port == NO_PORT || after.containsKey(key)) {
                continue;
            }
            Endpoint endpoint = before.get(key);
            if (endpoint != null && Objects.equals(endpoint.zone(), one.zone())) {
                if (!endpoint.addresses().equals(one.addresses())) {
                    endpoint.moveTo(one.addresses());
                }
            } else {
                endpoint = new Endpoint(node.name(), one.name(), port, one.zone(), one.addresses());
            }
            describedAnew |= endpoint.describedBy(one.isHealthy(), one.weight(), one.attributes());
            after.put(key, endpoint);
            next.add(endpoint);
        }
        // A list is new, too, where somebody in it fell ill or weighs more: who is picked is worked out by lists.
        boolean changed = describedAnew || !next.equals(endpoints);
        if (changed) {
            List<Endpoint> shown = List.copyOf(next);
            endpoints = shown;
            observer.accept(shown);
        }
        return changed;
    }

    @Override
    public String toString() {
        return "virtualNode '" + node.name() + "' " + endpoints;
    }

    private record Key(String name, int port) {}
}
