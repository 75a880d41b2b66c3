package io.intramesh.internal.retry;

import java.util.random.RandomGenerator;

/** How long to wait before an attempt is made again. */
public final class Backoff {
    /** Envoy's backoff, which App Mesh ran (RT-06): random in [0, (2^n - 1) × 25 ms), at most 250 ms. */
    static final long BASE_NANOS = 25_000_000;

    static final long CAP_NANOS = 250_000_000;

    /** From this retry on the cap holds, and the shift cannot overflow. */
    private static final int CAPPED_FROM = 4;

    private Backoff() {}

    /**
     * Draws the pause before a retry.
     *
     * @param retry 1 for the first
     */
    public static long pauseNanos(long retry, RandomGenerator chance) {
        return chance.nextLong(retry >= CAPPED_FROM ? CAP_NANOS : ((1L << retry) - 1) * BASE_NANOS);
    }
}
