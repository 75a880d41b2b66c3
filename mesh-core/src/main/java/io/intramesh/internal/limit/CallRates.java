package io.intramesh.internal.limit;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.TrafficPolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Shares of failed and of slow calls over a sliding window of time, measured by a breaker of Resilience4j: what it opens for,
 * ours opens for. Used while ours is closed, and then thrown away. Safe for use by several threads.
 */
final class CallRates {
    private final CircuitBreaker measure;
    private final boolean countsFailures;

    CallRates(TrafficPolicy.CircuitBreaker settings, NanoClock clock) {
        NanoClockAsClock time = new NanoClockAsClock(clock);
        CircuitBreakerConfig.Builder config = CircuitBreakerConfig.custom()
                .slidingWindow(
                        Math.toIntExact(settings.window().toSeconds()),
                        settings.minimumCalls(),
                        SlidingWindowType.TIME_BASED)
                .clock(time)
                .currentTimestampFunction(unused -> clock.nanoTime(), TimeUnit.NANOSECONDS)
                .writableStackTraceEnabled(false);
        Integer failureRate = settings.failureRate();
        if (failureRate != null) {
            config.failureRateThreshold(failureRate);
        }
        countsFailures = failureRate != null;
        Integer slowCallRate = settings.slowCallRate();
        Duration slow = settings.slowCallDuration();
        if (slowCallRate != null && slow != null) {
            // There, slow is who takes longer.
            config.slowCallRateThreshold(slowCallRate).slowCallDurationThreshold(slow.minusNanos(1));
        }
        measure = CircuitBreaker.of("rates", config.build());
    }

    /** Counts a success. Returns why it is time to open, or null. */
    @Nullable
    String succeeded(long nanos) {
        measure.onSuccess(nanos, TimeUnit.NANOSECONDS);
        return reason();
    }

    /** Counts a failure. Returns why it is time to open, or null. */
    @Nullable
    String failed(long nanos) {
        if (countsFailures) {
            measure.onError(nanos, TimeUnit.NANOSECONDS, new Failure());
        } else {
            // There is no "off" for failures; where only slowness counts, a failure is a call of its duration.
            measure.onSuccess(nanos, TimeUnit.NANOSECONDS);
        }
        return reason();
    }

    private @Nullable String reason() {
        if (measure.getState() == CircuitBreaker.State.CLOSED) {
            return null;
        }
        CircuitBreaker.Metrics metrics = measure.getMetrics();
        return String.format(
                Locale.ROOT,
                "%.0f %% of %d calls failed, %.0f %% were slow",
                Math.max(0, metrics.getFailureRate()),
                metrics.getNumberOfBufferedCalls(),
                Math.max(0, metrics.getSlowCallRate()));
    }

    /** Resilience4j wants an exception to count a failure; its kind does not matter, so it costs no stack trace. */
    private static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;

        Failure() {
            super("a failed call", null, false, false);
        }
    }

    /** Time since this object was made, as the wall clock that Resilience4j asks for. */
    private static final class NanoClockAsClock extends Clock {
        private final NanoClock clock;
        private final long start;

        NanoClockAsClock(NanoClock clock) {
            this.clock = clock;
            this.start = clock.nanoTime();
        }

        @Override
        public Instant instant() {
            return Instant.EPOCH.plusNanos(clock.nanoTime() - start);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
