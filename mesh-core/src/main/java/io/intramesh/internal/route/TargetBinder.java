package io.intramesh.internal.route;

import io.intramesh.model.Listener;
import org.jspecify.annotations.Nullable;

/**
 * Ties targets to whatever the pipeline keeps for them: endpoints, balancer, breaker. Called while a table is compiled, once
 * for each node and listener that a route leads to; must be cheap and must not block.
 */
@FunctionalInterface
public interface TargetBinder {
    /**
     * Returns what stands for that listener of that virtual node. The same object for an unchanged node lets the table keep
     * what it compiled before.
     *
     * @param listener null where the node, or the listener that the route names, does not exist
     */
    Object bind(String virtualNode, @Nullable Listener listener);
}
