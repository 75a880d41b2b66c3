package io.intramesh.internal.outlier;

import io.intramesh.model.OutlierDetection;
import io.intramesh.model.TrafficPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * By what an endpoint is an outlier, and how long it is left out.
 *
 * @param consecutiveFailures failures in a row that eject; {@link #NEVER} for none
 * @param interval period of the sweep
 * @param baseEjection length of a first ejection
 * @param maxEjectionPercent share of the endpoints that may be ejected; one always may
 * @param successRate null where endpoints are not compared with each other
 */
public record OutlierSettings(
        long consecutiveFailures,
        Duration interval,
        Duration baseEjection,
        int maxEjectionPercent,
        TrafficPolicy.@Nullable SuccessRate successRate) {
    /** No number of failures in a row ejects. */
    public static final long NEVER = Long.MAX_VALUE;

    // What Envoy takes where nobody says anything: interval, base_ejection_time, max_ejection_percent.
    private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(10);
    private static final Duration DEFAULT_BASE_EJECTION = Duration.ofSeconds(30);
    private static final int DEFAULT_MAX_EJECTION_PERCENT = 10;

    /** Returns what a listener and a policy ask for together, or null where neither asks for anything. */
    public static @Nullable OutlierSettings of(
            @Nullable OutlierDetection listener, TrafficPolicy.@Nullable SuccessRate successRate) {
        if (listener != null) {
            return new OutlierSettings(
                    listener.maxServerErrors(),
                    listener.interval(),
                    listener.baseEjectionDuration(),
                    listener.maxEjectionPercent(),
                    successRate);
        }
        return successRate == null
                ? null
                : new OutlierSettings(
                        NEVER, DEFAULT_INTERVAL, DEFAULT_BASE_EJECTION, DEFAULT_MAX_EJECTION_PERCENT, successRate);
    }
}
