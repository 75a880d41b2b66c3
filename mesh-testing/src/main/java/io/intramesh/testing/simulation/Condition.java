package io.intramesh.testing.simulation;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** What state an endpoint is in. */
public sealed interface Condition {

    /** Returns by how much longer than usual work takes, that long after the condition began. */
    default double slowness(long sinceNanos) {
        return 1;
    }

    /** Does what it should. */
    record Well() implements Condition {}

    /** The process is gone, the machine is there: whoever connects is refused at once, and connections break. */
    record Down() implements Condition {}

    /** The machine is gone from the network: nothing that is sent there is ever answered. */
    record Silent() implements Condition {}

    /**
     * Answers a share of the requests with a status at once, without working on them.
     *
     * @param percent 0 to 100
     */
    record Failing(int status, int percent) implements Condition {}

    /**
     * Takes a changing number of times as long for its work: from the one to the other within that time, then the other.
     *
     * @param within more than 0
     */
    record Slow(double from, double to, Duration within) implements Condition {
        public Slow {
            requireNonNull(within, "within");
            if (!(from > 0) || !(to > 0) || within.isNegative() || within.isZero()) {
                throw new IllegalArgumentException(
                        "slow: from " + from + " to " + to + " within " + within + " (expected: all more than 0)");
            }
        }

        /** Takes that many times as long from the beginning. */
        public static Slow by(double factor) {
            return new Slow(factor, factor, Duration.ofSeconds(1));
        }

        /** A process that has just started, with nothing compiled and no cache filled, and gets warm within that time. */
        public static Slow cold(double factor, Duration within) {
            return new Slow(factor, 1, within);
        }

        @Override
        public double slowness(long sinceNanos) {
            double part = Math.min(1, (double) sinceNanos / within.toNanos());
            return from + (to - from) * part;
        }
    }
}
