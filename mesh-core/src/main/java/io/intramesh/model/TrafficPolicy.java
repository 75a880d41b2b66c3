package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How traffic to a virtual node, virtual service or route behaves beyond what App Mesh could say. Every part is optional;
 * null keeps the default. This version acts on {@code loadBalancing} alone, and reports the other parts when they are loaded.
 */
public record TrafficPolicy(
        ResourceId id,
        TargetRef targetRef,
        @Nullable LoadBalancing loadBalancing,
        @Nullable RetryBudget retryBudget,
        @Nullable CircuitBreaker circuitBreaker,
        @Nullable ConcurrencyLimit concurrencyLimit,
        @Nullable Fault fault,
        @Nullable Mirror mirror)
        implements Resource {
    public TrafficPolicy {
        requireNonNull(id, "id");
        requireNonNull(targetRef, "targetRef");
    }

    /** How one of a virtual node's endpoints is picked. */
    public enum LoadBalancing {
        /** Each in turn; what App Mesh did, and the default. */
        ROUND_ROBIN("round-robin"),
        /** Of two picked at random, the one with fewer requests under way. */
        LEAST_REQUEST("least-request");

        private final String text;

        LoadBalancing(String text) {
            this.text = text;
        }

        /** Returns the name that documents use. */
        public String text() {
            return text;
        }
    }

    /**
     * Bounds retries as a share of live traffic.
     *
     * @param percent 0 to 100
     * @param minRetriesPerSecond floor for callers with little traffic, 0 or more
     * @param window period over which traffic is counted
     */
    public record RetryBudget(int percent, int minRetriesPerSecond, Duration window) {
        public RetryBudget {
            Checks.range("percent", percent, 0, 100);
            Checks.range("minRetriesPerSecond", minRetriesPerSecond, 0, Integer.MAX_VALUE);
            Checks.require(!window.isNegative() && !window.isZero(), "window: 0 (expected: more than 0)");
        }
    }

    /**
     * Stops calling what keeps failing.
     *
     * @param consecutiveFailures failures in a row that open the breaker, at least 1
     * @param openFor how long it stays open
     */
    public record CircuitBreaker(int consecutiveFailures, Duration openFor) {
        public CircuitBreaker {
            Checks.range("consecutiveFailures", consecutiveFailures, 1, Integer.MAX_VALUE);
            Checks.require(!openFor.isNegative() && !openFor.isZero(), "openFor: 0 (expected: more than 0)");
        }
    }

    /** Bounds requests under way at a time, at least 1. */
    public record ConcurrencyLimit(int maxRequests) {
        public ConcurrencyLimit {
            Checks.range("maxRequests", maxRequests, 1, Integer.MAX_VALUE);
        }
    }

    /**
     * Makes a share of calls slow or fail, to try what happens.
     *
     * @param percent share of the calls, 0 to 100
     * @param delay added before the call; null means none
     * @param abortStatus status that answers instead of the callee, 200 to 599; null means none
     */
    public record Fault(
            int percent, @Nullable Duration delay, @Nullable Integer abortStatus) {
        public Fault {
            Checks.range("percent", percent, 0, 100);
            Checks.require(delay != null || abortStatus != null, "fault: empty (expected: delay, abortStatus or both)");
            if (abortStatus != null) {
                Checks.range("abortStatus", abortStatus, 200, 599);
            }
        }
    }

    /** Sends copies of a share of the requests to another virtual node, whose answers are dropped. */
    public record Mirror(String virtualNode, int percent) {
        public Mirror {
            requireNonNull(virtualNode, "virtualNode");
            Checks.range("percent", percent, 0, 100);
        }
    }

    /** Returns the names of the parts that are set and that this version does not act on yet. */
    public List<String> partsWithoutEffect() {
        List<String> names = new ArrayList<>();
        addIfSet(names, "retryBudget", retryBudget);
        addIfSet(names, "circuitBreaker", circuitBreaker);
        addIfSet(names, "concurrencyLimit", concurrencyLimit);
        addIfSet(names, "fault", fault);
        addIfSet(names, "mirror", mirror);
        return List.copyOf(names);
    }

    private static void addIfSet(List<String> names, String name, @Nullable Object part) {
        if (part != null) {
            names.add(name);
        }
    }
}
