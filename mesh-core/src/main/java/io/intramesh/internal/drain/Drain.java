package io.intramesh.internal.drain;

import java.time.Duration;

/**
 * That an endpoint said it shuts down. Immutable.
 *
 * @param sinceNanos reading of the clock when it said so
 * @param lasting how long that is believed, unless it says otherwise before
 * @param refuses whether it already turns requests away; before that it still serves what comes
 */
public record Drain(long sinceNanos, Duration lasting, boolean refuses) {

    /** Returns how much longer it is believed. */
    public Duration left(long nowNanos) {
        Duration left = lasting.minusNanos(nowNanos - sinceNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }

    boolean isOver(long nowNanos) {
        return left(nowNanos).isZero();
    }
}
