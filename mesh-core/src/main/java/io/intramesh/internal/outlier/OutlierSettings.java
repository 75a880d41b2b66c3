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
 * @param leastEndpoints with fewer endpoints nobody is ejected, at least 1
 * @param successRate null where endpoints are not compared with each other
 */
public record OutlierSettings(
        long consecutiveFailures,
        Duration interval,
        Duration baseEjection,
        int maxEjectionPercent,
        int leastEndpoints,
        TrafficPolicy.@Nullable SuccessRate successRate) {
    /** No number of failures in a row ejects. */
    public static final long NEVER = Long.MAX_VALUE;

    /**
     * What holds where nobody wrote anything down: Envoy's consecutive_5xx, interval, base_ejection_time and
     * max_ejection_percent, which are its defaults once detection is on. App Mesh left it off; an endpoint that fails all
     * it is given then takes more calls than a retry budget covers (decision 0014). Unlike one that is written down (OD-06),
     * it never ejects the only endpoint there is.
     */
    public static final OutlierSettings DEFAULT =
            new OutlierSettings(5, Duration.ofSeconds(10), Duration.ofSeconds(30), 10, 2, null);

    /** Returns what a listener and a policy ask for together; {@link #DEFAULT} where neither asks for anything. */
    public static OutlierSettings of(
            @Nullable OutlierDetection listener, TrafficPolicy.@Nullable SuccessRate successRate) {
        return listener == null
                ? DEFAULT.comparing(successRate)
                : new OutlierSettings(
                        listener.maxServerErrors(),
                        listener.interval(),
                        listener.baseEjectionDuration(),
                        listener.maxEjectionPercent(),
                        1,
                        successRate);
    }

    private OutlierSettings comparing(TrafficPolicy.@Nullable SuccessRate rates) {
        return new OutlierSettings(
                consecutiveFailures, interval, baseEjection, maxEjectionPercent, leastEndpoints, rates);
    }
}
