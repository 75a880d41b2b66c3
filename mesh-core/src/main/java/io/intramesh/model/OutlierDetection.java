package io.intramesh.model;

import java.time.Duration;

/**
 * When callers stop using an endpoint that answers with server errors. Declared by the callee, run by each caller.
 *
 * @param maxServerErrors 5xx in a row before ejection, at least 1
 * @param interval period of the sweep that brings endpoints back
 * @param baseEjectionDuration length of a first ejection
 * @param maxEjectionPercent share of the endpoints that may be ejected, 0 to 100; one always may
 */
public record OutlierDetection(
        long maxServerErrors, Duration interval, Duration baseEjectionDuration, int maxEjectionPercent) {
    public OutlierDetection {
        Checks.range("maxServerErrors", maxServerErrors, 1, Long.MAX_VALUE);
        Checks.require(!interval.isNegative(), "interval: negative (expected: 0 or more)");
        Checks.require(!baseEjectionDuration.isNegative(), "baseEjectionDuration: negative (expected: 0 or more)");
        Checks.range("maxEjectionPercent", maxEjectionPercent, 0, 100);
    }
}
