package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How traffic to a virtual node, virtual service or route behaves beyond what App Mesh could say. Every part is optional;
 * null keeps the default.
 *
 * @param panicThreshold percent of a virtual node's endpoints, 0 to 100: with fewer of them usable, all are used; 0 never
 * @param idempotent whether requests may be sent twice whatever their method; null where only the method says it
 * @param rateLimit what a process of the virtual node takes in: of all, or of the virtual service's or route's requests
 * @param hedge when a request that may be sent twice is sent to a second endpoint as well; null means never
 */
public record TrafficPolicy(
        ResourceId id,
        TargetRef targetRef,
        @Nullable LoadBalancing loadBalancing,
        @Nullable RetryBudget retryBudget,
        @Nullable CircuitBreaker circuitBreaker,
        @Nullable ConcurrencyLimit concurrencyLimit,
        @Nullable Fault fault,
        @Nullable Mirror mirror,
        @Nullable SuccessRate successRate,
        @Nullable Integer panicThreshold,
        @Nullable Boolean idempotent,
        @Nullable RateLimit rateLimit,
        @Nullable Hedge hedge)
        implements Resource {
    public TrafficPolicy {
        requireNonNull(id, "id");
        requireNonNull(targetRef, "targetRef");
        if (panicThreshold != null) {
            Checks.range("panicThreshold", panicThreshold, 0, 100);
        }
    }

    /** Returns a builder for a policy without any part. */
    public static Builder builder(ResourceId id, TargetRef targetRef) {
        return new Builder(id, targetRef);
    }

    /** Returns a builder that starts with this policy's parts. */
    public Builder toBuilder() {
        return builder(id, targetRef)
                .loadBalancing(loadBalancing)
                .retryBudget(retryBudget)
                .circuitBreaker(circuitBreaker)
                .concurrencyLimit(concurrencyLimit)
                .fault(fault)
                .mirror(mirror)
                .successRate(successRate)
                .panicThreshold(panicThreshold)
                .idempotent(idempotent)
                .rateLimit(rateLimit)
                .hedge(hedge);
    }

    /**
     * Bounds retries as a share of live traffic.
     *
     * @param percent 0 to 100
     * @param minRetriesPerSecond floor for callers with little traffic, 0 or more
     * @param window period over which traffic is counted, 1 to 60 s as in Finagle; parts of a second count as one
     */
    public record RetryBudget(int percent, int minRetriesPerSecond, Duration window) {
        private static final Duration MIN_WINDOW = Duration.ofSeconds(1);
        private static final Duration MAX_WINDOW = Duration.ofSeconds(60);

        public RetryBudget {
            Checks.range("percent", percent, 0, 100);
            Checks.range("minRetriesPerSecond", minRetriesPerSecond, 0, Integer.MAX_VALUE);
            Checks.require(
                    window.compareTo(MIN_WINDOW) >= 0 && window.compareTo(MAX_WINDOW) <= 0,
                    "window: " + window.toMillis() + " ms (expected: 1 to 60 s)");
        }

        /** Returns the window in seconds, rounded up. */
        public int windowSeconds() {
            return Math.toIntExact(window.plusMillis(999).toSeconds());
        }
    }

    /**
     * Stops calling what keeps failing, and tries again after a while. At least one of the conditions is set; any that holds
     * opens the breaker.
     *
     * @param consecutiveFailures failures in a row that open it, at least 1; null for no such condition
     * @param failureRate percent of failures within the window that open it, 1 to 100; null for no such condition
     * @param slowCallRate percent of slow calls within the window that open it, 1 to 100; null for no such condition
     * @param slowCallDuration time to the answer's headers from which a call is slow; set with slowCallRate and only then
     * @param minimumCalls calls within the window below which rates say nothing, at least 1
     * @param window period that rates are taken over, whole seconds, at least 1 s
     * @param openFor how long it stays open
     * @param halfOpenCalls calls let through then; if all succeed it closes, if one fails it stays open as long again
     * @param per what a breaker stands for
     */
    public record CircuitBreaker(
            @Nullable Integer consecutiveFailures,
            @Nullable Integer failureRate,
            @Nullable Integer slowCallRate,
            @Nullable Duration slowCallDuration,
            int minimumCalls,
            Duration window,
            Duration openFor,
            int halfOpenCalls,
            Per per) {
        /** A tenth of Resilience4j's 100: a breaker here sees the calls of one process to one endpoint. */
        public static final int DEFAULT_MINIMUM_CALLS = 10;

        /** Linkerd's window for success rates, and Hystrix's. */
        public static final Duration DEFAULT_WINDOW = Duration.ofSeconds(10);

        /** One probe, as Hystrix and Linkerd: if the callee is still down, one call pays for knowing it. */
        public static final int DEFAULT_HALF_OPEN_CALLS = 1;

        /** What a breaker stands for. */
        public enum Per {
            /** Each endpoint has its own; calls are refused where none is closed. The default. */
            ENDPOINT("endpoint"),
            /** One for all endpoints of the virtual node. */
            VIRTUAL_NODE("virtual-node");

            private final String text;

            Per(String text) {
                this.text = text;
            }

            /** Returns the name that documents use. */
            public String text() {
                return text;
            }
        }

        public CircuitBreaker {
            Checks.require(
                    consecutiveFailures != null || failureRate != null || slowCallRate != null,
                    "no condition (expected: consecutiveFailures, failureRate or slowCallRate)");
            if (consecutiveFailures != null) {
                Checks.range("consecutiveFailures", consecutiveFailures, 1, Integer.MAX_VALUE);
            }
            if (failureRate != null) {
                Checks.range("failureRate", failureRate, 1, 100);
            }
            if (slowCallRate != null) {
                Checks.range("slowCallRate", slowCallRate, 1, 100);
            }
            Checks.require(
                    (slowCallRate == null) == (slowCallDuration == null),
                    "slowCallRate and slowCallDuration (expected: both or none)");
            Checks.require(
                    slowCallDuration == null || slowCallDuration.compareTo(Duration.ZERO) > 0,
                    "slowCallDuration: 0 (expected: more than 0)");
            Checks.range("minimumCalls", minimumCalls, 1, Integer.MAX_VALUE);
            Checks.require(
                    window.toSeconds() >= 1 && window.toNanosPart() == 0 && window.toSeconds() <= MAX_WINDOW_SECONDS,
                    "window: " + window.toMillis() + " ms (expected: whole seconds, 1 s to 3600 s)");
            Checks.require(!openFor.isNegative() && !openFor.isZero(), "openFor: 0 (expected: more than 0)");
            Checks.range("halfOpenCalls", halfOpenCalls, 1, Integer.MAX_VALUE);
            requireNonNull(per, "per");
        }

        /** One bucket a second for each endpoint: an hour is more than anybody should look back. */
        private static final int MAX_WINDOW_SECONDS = 3600;

        /** Returns the breaker of each endpoint that opens after so many failures in a row. */
        public static CircuitBreaker ofConsecutiveFailures(int failures, Duration openFor) {
            return new CircuitBreaker(
                    failures,
                    null,
                    null,
                    null,
                    DEFAULT_MINIMUM_CALLS,
                    DEFAULT_WINDOW,
                    openFor,
                    DEFAULT_HALF_OPEN_CALLS,
                    Per.ENDPOINT);
        }

        /** Tells whether calls are looked at over a window, and not in a row alone. */
        public boolean hasRates() {
            return failureRate != null || slowCallRate != null;
        }
    }

    /**
     * Bounds requests under way at a time. At least one side is set.
     *
     * @param inbound what a process of the virtual node takes in; null for no bound
     * @param outbound what a calling process has under way at one endpoint; null for no bound
     */
    public record ConcurrencyLimit(
            @Nullable Concurrency inbound, @Nullable Concurrency outbound) {
        public ConcurrencyLimit {
            Checks.require(inbound != null || outbound != null, "no side (expected: inbound, outbound or both)");
        }
    }

    /**
     * Makes a share of calls slow or fail, to try what happens.
     *
     * @param percent share of the calls, 0 to 100
     * @param delay added before the call; null means none
     * @param abortStatus status that answers instead of the callee, 200 to 599; null means none
     * @param headers all that a request must have to be among the calls; empty means every call
     */
    public record Fault(
            int percent, @Nullable Duration delay, @Nullable Integer abortStatus, List<HeaderMatch> headers) {
        /** Makes a fault for every call. */
        public Fault(int percent, @Nullable Duration delay, @Nullable Integer abortStatus) {
            this(percent, delay, abortStatus, List.of());
        }

        public Fault {
            headers = List.copyOf(headers);
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

    /**
     * Sends a request that is slow to be answered to a second endpoint as well, and takes the answer that comes first. Only
     * what may be sent twice is; what is sent so is taken from the retry budget, too.
     *
     * @param maxExtraLoad percent of the requests that may be sent so, 1 to 50; null means that only the retry budget bounds it
     * @param delay how long the first endpoint has to answer, at least 1 ms; null means as long as all but maxExtraLoad percent
     *     of the answers take, as measured
     */
    public record Hedge(
            @Nullable Integer maxExtraLoad, @Nullable Duration delay) {
        /** With more, the median request would be sent twice. */
        public static final int MAX_EXTRA_LOAD = 50;

        /** Finagle's: an earlier second request would go out before any answer can come. */
        public static final Duration MIN_DELAY = Duration.ofMillis(1);

        public Hedge {
            Checks.require(maxExtraLoad != null || delay != null, "empty (expected: maxExtraLoad, delay or both)");
            if (maxExtraLoad != null) {
                Checks.range("maxExtraLoad", maxExtraLoad, 1, MAX_EXTRA_LOAD);
            }
            Checks.require(
                    delay == null || delay.compareTo(MIN_DELAY) >= 0, "delay: less than 1 ms (expected: 1 ms or more)");
        }

        /** Returns what it does, in words. */
        public String text() {
            return "a second endpoint after "
                    + (delay == null ? "all but " + maxExtraLoad + " % of the answers" : delay.toMillis() + " ms")
                    + (delay == null || maxExtraLoad == null
                            ? ""
                            : ", for at most " + maxExtraLoad + " % of the requests");
        }
    }

    /**
     * Takes out endpoints that fail more often than the others do, as Envoy's success-rate outlier detection.
     *
     * @param minimumEndpoints fewer endpoints with enough requests give no mean to compare with; at least 2
     * @param minimumRequests an endpoint with fewer in an interval is not looked at; at least 1
     * @param stdevFactor out is whose success rate lies that many thousandths of a standard deviation below the mean, at
     *     least 1
     */
    public record SuccessRate(int minimumEndpoints, int minimumRequests, int stdevFactor) {
        /** Envoy's {@code success_rate_minimum_hosts}. */
        public static final int DEFAULT_MINIMUM_ENDPOINTS = 5;

        /** Envoy's {@code success_rate_request_volume}. */
        public static final int DEFAULT_MINIMUM_REQUESTS = 100;

        /** Envoy's {@code success_rate_stdev_factor}. */
        public static final int DEFAULT_STDEV_FACTOR = 1900;

        public SuccessRate {
            Checks.range("minimumEndpoints", minimumEndpoints, 2, Integer.MAX_VALUE);
            Checks.range("minimumRequests", minimumRequests, 1, Integer.MAX_VALUE);
            Checks.range("stdevFactor", stdevFactor, 1, Integer.MAX_VALUE);
        }
    }

    /** Builds a {@link TrafficPolicy}. Not thread-safe. */
    public static final class Builder {
        private final ResourceId id;
        private final TargetRef targetRef;
        private @Nullable LoadBalancing loadBalancing;
        private @Nullable RetryBudget retryBudget;
        private @Nullable CircuitBreaker circuitBreaker;
        private @Nullable ConcurrencyLimit concurrencyLimit;
        private @Nullable Fault fault;
        private @Nullable Mirror mirror;
        private @Nullable SuccessRate successRate;
        private @Nullable Integer panicThreshold;
        private @Nullable Boolean idempotent;
        private @Nullable RateLimit rateLimit;
        private @Nullable Hedge hedge;

        private Builder(ResourceId id, TargetRef targetRef) {
            this.id = id;
            this.targetRef = targetRef;
        }

        public Builder loadBalancing(@Nullable LoadBalancing value) {
            loadBalancing = value;
            return this;
        }

        public Builder retryBudget(@Nullable RetryBudget value) {
            retryBudget = value;
            return this;
        }

        public Builder circuitBreaker(@Nullable CircuitBreaker value) {
            circuitBreaker = value;
            return this;
        }

        public Builder concurrencyLimit(@Nullable ConcurrencyLimit value) {
            concurrencyLimit = value;
            return this;
        }

        public Builder fault(@Nullable Fault value) {
            fault = value;
            return this;
        }

        public Builder mirror(@Nullable Mirror value) {
            mirror = value;
            return this;
        }

        public Builder successRate(@Nullable SuccessRate value) {
            successRate = value;
            return this;
        }

        public Builder panicThreshold(@Nullable Integer value) {
            panicThreshold = value;
            return this;
        }

        public Builder idempotent(@Nullable Boolean value) {
            idempotent = value;
            return this;
        }

        public Builder rateLimit(@Nullable RateLimit value) {
            rateLimit = value;
            return this;
        }

        public Builder hedge(@Nullable Hedge value) {
            hedge = value;
            return this;
        }

        /** Returns the policy, or throws {@link IllegalArgumentException} when a part is out of range. */
        public TrafficPolicy build() {
            return new TrafficPolicy(
                    id,
                    targetRef,
                    loadBalancing,
                    retryBudget,
                    circuitBreaker,
                    concurrencyLimit,
                    fault,
                    mirror,
                    successRate,
                    panicThreshold,
                    idempotent,
                    rateLimit,
                    hedge);
        }
    }
}
