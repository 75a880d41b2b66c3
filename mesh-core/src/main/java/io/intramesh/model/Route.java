package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A route of a virtual router.
 *
 * @param priority 0 to 1000, 0 is tried first; null comes after every number
 */
public record Route(ResourceId id, @Nullable Integer priority, Spec spec) implements Resource {
    public static final int MAX_PRIORITY = 1000;

    /** Most weighted targets of a route. */
    public static final int MAX_TARGETS = 10;

    public Route {
        requireNonNull(id, "id");
        requireNonNull(spec, "spec");
        if (priority != null) {
            Checks.range("priority", priority, 0, MAX_PRIORITY);
        }
    }

    /** Returns the name within the virtual router. */
    public String name() {
        return id.name();
    }

    /** Returns the name of the virtual router. */
    public String virtualRouter() {
        return requireNonNull(id.parent());
    }

    /** What a route does, by protocol. */
    public sealed interface Spec {
        /** Returns the protocol of the requests that this route takes. */
        Protocol protocol();

        /** Returns the port that the caller must have dialled, or null for any. */
        @Nullable
        Integer port();

        /** Returns where matching requests go, 1 to 10 targets. */
        List<WeightedTarget> weightedTargets();

        /** Returns the time limits; null means the defaults. */
        @Nullable
        Timeouts timeout();

        /** Returns what is tried again; null means the default policy. */
        @Nullable
        RetryPolicy retryPolicy();
    }

    /**
     * A route of HTTP requests.
     *
     * @param protocol {@link Protocol#HTTP} or {@link Protocol#HTTP2}
     */
    public record Http(
            Protocol protocol,
            HttpMatch match,
            List<WeightedTarget> weightedTargets,
            @Nullable RetryPolicy retryPolicy,
            @Nullable Timeouts timeout)
            implements Spec {
        public Http {
            Checks.require(
                    protocol == Protocol.HTTP || protocol == Protocol.HTTP2,
                    "protocol: " + protocol.text() + " (expected: http or http2)");
            weightedTargets = targets(weightedTargets);
        }

        @Override
        public @Nullable Integer port() {
            return match.port();
        }
    }

    /** A route of gRPC calls. */
    public record Grpc(
            GrpcMatch match,
            List<WeightedTarget> weightedTargets,
            @Nullable RetryPolicy retryPolicy,
            @Nullable Timeouts timeout)
            implements Spec {
        public Grpc {
            weightedTargets = targets(weightedTargets);
        }

        @Override
        public Protocol protocol() {
            return Protocol.GRPC;
        }

        @Override
        public @Nullable Integer port() {
            return match.port();
        }
    }

    /** A route of TCP connections. */
    public record Tcp(
            @Nullable Integer port,
            List<WeightedTarget> weightedTargets,
            @Nullable Timeouts timeout) implements Spec {
        public Tcp {
            Checks.port("port", port);
            weightedTargets = targets(weightedTargets);
        }

        @Override
        public Protocol protocol() {
            return Protocol.TCP;
        }

        @Override
        public @Nullable RetryPolicy retryPolicy() {
            return null;
        }
    }

    private static List<WeightedTarget> targets(List<WeightedTarget> targets) {
        List<WeightedTarget> copy = Checks.size("weightedTargets", targets, 1, MAX_TARGETS);
        Checks.require(
                copy.stream().anyMatch(target -> target.weight() > 0),
                "weightedTargets: every weight is 0 (expected: at least one above 0)");
        return copy;
    }
}
