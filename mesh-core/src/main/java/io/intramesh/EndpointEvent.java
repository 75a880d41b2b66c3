package io.intramesh;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What this process changed in its use of a virtual node's endpoints. Immutable.
 *
 * @param endpoint {@code address:port}; null where the event concerns all endpoints of the node
 * @param reason why, in words
 * @param lasting how long it holds at least; null where nobody can say
 */
public record EndpointEvent(
        Kind kind,
        String virtualNode,
        @Nullable String endpoint,
        String reason,
        @Nullable Duration lasting) {
    public EndpointEvent {
        requireNonNull(kind, "kind");
        requireNonNull(virtualNode, "virtualNode");
        requireNonNull(reason, "reason");
    }

    /** What happened. The names are stable: metrics and logs use them. */
    public enum Kind {
        /** Outlier detection takes the endpoint out of use. */
        EJECTED,
        /** An ejected endpoint is used again. */
        RETURNED,
        /** Active health checks failed; the endpoint is not used. */
        UNHEALTHY,
        /** Active health checks passed; the endpoint is used. */
        HEALTHY,
        /** The endpoint said that it shuts down; calls go to others while there are any. */
        DRAINING,
        /** An endpoint that shut down is used like any other again. */
        DRAIN_ENDED,
        /** A circuit breaker refuses calls. */
        CIRCUIT_OPENED,
        /** A circuit breaker lets a few calls through to try. */
        CIRCUIT_HALF_OPENED,
        /** A circuit breaker lets calls through again. */
        CIRCUIT_CLOSED,
        /**
         * The endpoint has as many requests of this process under way as its concurrency limit allows; further ones go to
         * other endpoints, or are refused. Told at most once a minute for each endpoint.
         */
        LIMIT_REACHED,
        /** Too few endpoints are left, so all are used, the unusable ones as well. */
        PANIC_BEGAN,
        /** Enough endpoints are usable again. */
        PANIC_ENDED
    }
}
