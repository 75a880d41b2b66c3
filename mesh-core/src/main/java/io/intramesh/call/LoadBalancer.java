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
}
