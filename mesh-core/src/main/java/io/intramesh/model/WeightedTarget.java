package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A share of a route's traffic: {@code weight} divided by the sum of the route's weights.
 *
 * @param weight 0 to 100; 0 gets nothing
 * @param port listener of the node; null means its only (or first) one
 */
public record WeightedTarget(
        String virtualNode, int weight, @Nullable Integer port) {
    public static final int MAX_WEIGHT = 100;

    public WeightedTarget {
        requireNonNull(virtualNode, "virtualNode");
        Checks.range("weight", weight, 0, MAX_WEIGHT);
        Checks.port("port", port);
    }
}
