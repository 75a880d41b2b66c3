package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Active check of a listener, declared by the callee and run by each caller.
 *
 * @param path request path for http and http2, unused by grpc and tcp
 * @param port the listener's own port, or null for the same
 * @param healthyThreshold successes in a row, 2 to 10
 * @param unhealthyThreshold failures in a row, 2 to 10
 * @param interval 5 s to 300 s
 * @param timeout 2 s to 60 s
 */
public record HealthCheck(
        Protocol protocol,
        @Nullable String path,
        @Nullable Integer port,
        int healthyThreshold,
        int unhealthyThreshold,
        Duration interval,
        Duration timeout) {
    public static final int MIN_THRESHOLD = 2;
    public static final int MAX_THRESHOLD = 10;
    public static final long MIN_INTERVAL_MILLIS = 5_000;
    public static final long MAX_INTERVAL_MILLIS = 300_000;
    public static final long MIN_TIMEOUT_MILLIS = 2_000;
    public static final long MAX_TIMEOUT_MILLIS = 60_000;

    public HealthCheck {
        requireNonNull(protocol, "protocol");
        Checks.port("port", port);
        Checks.range("healthyThreshold", healthyThreshold, MIN_THRESHOLD, MAX_THRESHOLD);
        Checks.range("unhealthyThreshold", unhealthyThreshold, MIN_THRESHOLD, MAX_THRESHOLD);
        Checks.range("intervalMillis", interval.toMillis(), MIN_INTERVAL_MILLIS, MAX_INTERVAL_MILLIS);
        Checks.range("timeoutMillis", timeout.toMillis(), MIN_TIMEOUT_MILLIS, MAX_TIMEOUT_MILLIS);
    }
}
