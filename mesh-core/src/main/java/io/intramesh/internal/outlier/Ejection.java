package io.intramesh.internal.outlier;

import java.time.Duration;

/**
 * Why an endpoint is left out, since when and how long. Immutable.
 *
 * @param sinceNanos reading of the clock when it began
 * @param lasting how long at least; it ends with the first sweep after that
 * @param inARow which ejection of the endpoint this is, counted from 1; the count sinks while it behaves
 * @param reason what it did, in words
 */
public record Ejection(long sinceNanos, Duration lasting, int inARow, String reason) {

    /** Returns how much of the time is left; zero where only the next sweep is waited for. */
    public Duration left(long nowNanos) {
        Duration left = lasting.minusNanos(nowNanos - sinceNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }

    boolean isOver(long nowNanos) {
        return left(nowNanos).isZero();
    }
}
