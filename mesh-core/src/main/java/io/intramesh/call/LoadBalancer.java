package io.intramesh.call;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Picks one of a virtual node's endpoints. An instance belongs to one virtual node and keeps its state over reloads. Safe
 * for use by several threads, without locks.
 */
public interface LoadBalancer {

    /**
     * Returns the endpoint for the next attempt, or null where none is usable. Never waits.
     *
     * @param endpoints of the node, in a stable order; the list does not change
     * @param usable false for endpoints that are to be left out
     */
    @Nullable
    Endpoint pick(List<Endpoint> endpoints, Predicate<Endpoint> usable);

    /**
     * Returns the endpoint for the next attempt of that request; by default the same as for any other.
     *
     * @param endpoints of the node, in a stable order; the list does not change
     * @param usable false for endpoints that are to be left out
     */
    default @Nullable Endpoint pick(List<Endpoint> endpoints, Predicate<Endpoint> usable, MeshRequest request) {
        return pick(endpoints, usable);
    }

    /**
     * Returns the endpoint for a further attempt of a request, a retry or a hedge; by default as for the first. A balancer that
     * goes in turns leaves its turn to the next request: if further attempts took part, two endpoints of which one always needs
     * them would end in step, with every first attempt at that one.
     *
     * @param endpoints of the node, in a stable order; the list does not change
     * @param usable false for endpoints that are to be left out, such as those that the request has been at
     */
    default @Nullable Endpoint pickAnother(List<Endpoint> endpoints, Predicate<Endpoint> usable, MeshRequest request) {
        return pick(endpoints, usable, request);
    }

    /** Tells whether {@link #answered} is wanted, which costs each attempt a look at the clock. Always the same. */
    default boolean learns() {
        return false;
    }

    /**
     * Learns what came of an attempt. Not told of attempts that the application gave up. Of a gRPC answer that fails after it
     * began it is told twice.
     *
     * @param nanos from the pick to the answer's headers, or to the failure
     * @param failed whether no answer came, or one by which the endpoint said that it could not serve the request
     */
    default void answered(Endpoint endpoint, long nanos, boolean failed) {}

    /**
     * Learns that an endpoint passes its health checks which did not before: a new one, or another process at the address of
     * one that failed them.
     */
    default void recovered(Endpoint endpoint) {}
}
