package io.intramesh.internal.retry;

import io.intramesh.model.TrafficPolicy;

/*
 * When a request that is slow to be answered goes to a second endpoint as well, after Finagle's backup requests [1]: after the
 * time in which all but x percent of the requests are answered, so that x percent are sent twice. Should all answers become
 * slow at once, many more would be late by what was measured; a budget of the same x percent holds until the measure has caught
 * up. The retry budget is asked on top, by who uses this.
 *
 * What is measured is the first attempt of each call alone, for it is they who are to be late in x percent of the cases. One
 * that lost against the second endpoint counts with the time it had had, which is later than the delay, as the whole would be.
 *
 * Departures: the floor of the budget is one per second and not ten, since floors multiply with the number of callers; and
 * nothing is sent twice before there are enough answers to tell what is late.
 *
 * [1] Finagle, com.twitter.finagle.client.BackupRequestFilter: budget of maxExtraLoad over 10 s, at least 1 ms.
 */

/** Decides how long a request may stay unanswered before it is sent twice. Safe for use by several threads, without locks. */
public final class Hedging {
    private static final int MIN_PER_SECOND = 1;
    private static final int WINDOW_SECONDS = 10;

    private final MovingPercentile times;
    private final RetryBudget budget;

    /**
     * @param nowNanos reading of the clock that all later readings come from
     */
    public Hedging(long nowNanos) {
        times = new MovingPercentile(nowNanos);
        budget = new RetryBudget(nowNanos);
    }

    /** Counts a request that might be sent twice. */
    public void deposit(long nowNanos) {
        budget.deposit(nowNanos);
    }

    /** Takes how long it was until a first attempt was answered, or was given up for its answer was late. */
    public void answered(long nowNanos, long nanos) {
        times.add(nowNanos, nanos);
    }

    /** Returns after which time without an answer a request goes to a second endpoint; 0 means never. */
    public long delayNanos(long nowNanos, TrafficPolicy.Hedge settings) {
        if (settings.delay() != null) {
            return settings.delay().toNanos();
        }
        Integer load = settings.maxExtraLoad();
        long measured = load == null ? 0 : times.allBut(nowNanos, load);
        return measured == 0 ? 0 : Math.max(measured, TrafficPolicy.Hedge.MIN_DELAY.toNanos());
    }

    /** Takes a request out of the share that may be sent twice; returns false where none is left. */
    public boolean withdraw(long nowNanos, TrafficPolicy.Hedge settings) {
        Integer load = settings.maxExtraLoad();
        return load == null || budget.withdraw(nowNanos, new RetryBudget.Terms(load, MIN_PER_SECOND, WINDOW_SECONDS));
    }
}
