package io.intramesh.internal.pipeline;

import io.intramesh.call.MeshRequest;
import io.intramesh.internal.limit.ConcurrencyLimit;
import io.intramesh.model.ConnectionPool;
import io.intramesh.model.HealthCheck;
import io.intramesh.model.Listener;
import io.intramesh.model.Timeouts;
import io.intramesh.tls.ServerTls;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A listener of this process's node, made ready for requests.
 *
 * @param limit stays the same object over reloads
 * @param maxWaitNanos longest wait for a place
 * @param check how a health check is recognized, or null where none can be
 * @param tls null where the listener declares none
 */
record InboundListener(
        int port,
        ConcurrencyLimit limit,
        long maxWaitNanos,
        @Nullable Check check,
        @Nullable ServerTls tls) {
    private static final String GRPC_CHECK_PATH = "/grpc.health.v1.Health/Check";

    static InboundListener of(Listener listener, ConcurrencyLimit limit, @Nullable ServerTls tls) {
        return new InboundListener(
                listener.port(), limit, maxWaitNanos(listener.timeout()), Check.of(listener.healthCheck()), tls);
    }

    /** Returns what the listener's connection pool lets through; a listener without one lets everything through. */
    static ConcurrencyLimit.Bounds bounds(Listener listener) {
        ConnectionPool pool = listener.connectionPool();
        if (pool instanceof ConnectionPool.Http http) {
            return new ConcurrencyLimit.Bounds(http.maxConnections(), http.maxPendingRequests());
        }
        if (pool instanceof ConnectionPool.Http2 http2) {
            return new ConcurrencyLimit.Bounds(http2.maxRequests(), 0);
        }
        if (pool instanceof ConnectionPool.Grpc grpc) {
            return new ConcurrencyLimit.Bounds(grpc.maxRequests(), 0);
        }
        // None, or a tcp pool: that counts connections, which a request does not show.
        return ConcurrencyLimit.Bounds.NONE;
    }

    boolean isHealthCheck(MeshRequest request) {
        return check != null && check.path.equals(request.path()) && check.method.equals(request.method());
    }

    private static long maxWaitNanos(@Nullable Timeouts timeouts) {
        Duration limit = (timeouts == null ? Timeouts.DEFAULTS : timeouts).effectivePerRequest();
        if (limit.isZero()) {
            return Long.MAX_VALUE;
        }
        try {
            return limit.toNanos();
        } catch (ArithmeticException tooLong) {
            return Long.MAX_VALUE;
        }
    }

    /** What a request must be to count as a health check. */
    private record Check(String method, String path) {
        static @Nullable Check of(@Nullable HealthCheck declared) {
            if (declared == null) {
                return null;
            }
            return switch (declared.protocol()) {
                case GRPC -> new Check("POST", GRPC_CHECK_PATH);
                case HTTP, HTTP2 -> get(declared.path());
                case TCP -> null;
            };
        }

        private static @Nullable Check get(@Nullable String target) {
            if (target == null || target.isEmpty()) {
                return null;
            }
            int query = target.indexOf('?');
            return new Check("GET", query < 0 ? target : target.substring(0, query));
        }
    }
}
