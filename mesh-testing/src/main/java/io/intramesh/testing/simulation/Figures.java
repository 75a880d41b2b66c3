package io.intramesh.testing.simulation;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;

/**
 * What came of an incident.
 *
 * @param whole from the first call to the last
 * @param trouble from the onset of the incident to its relief
 * @param peakAttemptsPerCall the most attempts for each call that any second saw
 * @param secondsToRecover from the relief until the end of the last second in which more than one in a hundred of the calls
 *     that began failed or took longer than {@link #SLOW}
 */
public record Figures(Span whole, Span trouble, double peakAttemptsPerCall, int secondsToRecover) {
    /** A call that takes longer counts as not well, for the time to recover. */
    public static final Duration SLOW = Duration.ofSeconds(1);

    static final long SECOND = Duration.ofSeconds(1).toNanos();

    public Figures {
        requireNonNull(whole, "whole");
        requireNonNull(trouble, "trouble");
    }

    /**
     * Sums over a span of time.
     *
     * @param calls that began in it
     * @param succeeded of these
     * @param p50Nanos time of a call from its beginning to its end, failures included, that half of them do not exceed
     * @param p99Nanos likewise for 99 in 100
     * @param attempts that began in it
     * @param loads attempts at each endpoint
     */
    public record Span(long calls, long succeeded, long p50Nanos, long p99Nanos, long attempts, List<Long> loads) {
        public Span {
            loads = List.copyOf(loads);
        }

        /** Returns the share of calls that succeeded, in percent; 100 where there were none. */
        public double successPercent() {
            return calls == 0 ? 100 : 100.0 * succeeded / calls;
        }

        /** Returns the attempts for each call; 0 where there were no calls. */
        public double attemptsPerCall() {
            return calls == 0 ? 0 : (double) attempts / calls;
        }

        /** Returns how much more the busiest endpoint gets than the average one; 0 where there were no attempts. */
        public double maxOverMean() {
            long most = loads.stream().mapToLong(load -> load).max().orElse(0);
            return attempts == 0 ? 0 : (double) most * loads.size() / attempts;
        }
    }
}
