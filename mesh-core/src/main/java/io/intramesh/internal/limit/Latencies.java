package io.intramesh.internal.limit;

import java.util.concurrent.atomic.AtomicIntegerArray;

/*
 * Counts durations in buckets that grow with them: sixteen for each power of two, so that a bucket's middle is off by 3 % at
 * most, from a microsecond to half an hour. One atomic increment for a duration, no allocation; 2 KB.
 */

/** Durations of one window. Any thread records, one at a time takes. */
final class Latencies {
    private static final int SUB_BITS = 4;
    private static final int SUBS = 1 << SUB_BITS;

    /** 2^10 ns is the first microsecond; what is shorter counts as that. */
    private static final int MIN_EXPONENT = 10;

    /** 2^40 ns is 18 minutes; what is 36 minutes or longer counts as that. */
    private static final int MAX_EXPONENT = 40;

    private static final int BUCKETS = (MAX_EXPONENT - MIN_EXPONENT + 1) * SUBS;

    private final AtomicIntegerArray counts = new AtomicIntegerArray(BUCKETS);

    /** Used by whoever takes. */
    private final int[] taken = new int[BUCKETS];

    void record(long nanos) {
        counts.incrementAndGet(bucket(nanos));
    }

    /**
     * Takes all out, and returns the mean of the middle half: without the longest and the shortest quarter. It is as deaf to a
     * few stuck calls as the median is, and does not jump where half of the calls are of a slower kind.
     *
     * @return nanoseconds, or 0 where nothing was recorded
     */
    double takeMidmean() {
        long total = 0;
        for (int i = 0; i < BUCKETS; i++) {
            // A look first: most are empty, and to write is to take the line from others.
            taken[i] = counts.get(i) == 0 ? 0 : counts.getAndSet(i, 0);
            total += taken[i];
        }
        if (total == 0) {
            return 0;
        }
        double from = total * 0.25;
        double to = total * 0.75;
        double sum = 0;
        double before = 0;
        for (int i = 0; i < BUCKETS && before < to; i++) {
            double after = before + taken[i];
            double within = Math.min(after, to) - Math.max(before, from);
            if (within > 0) {
                sum += within * middle(i);
            }
            before = after;
        }
        return sum / (to - from);
    }

    private static int bucket(long nanos) {
        if (nanos < 1L << MIN_EXPONENT) {
            return 0;
        }
        int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos);
        if (exponent > MAX_EXPONENT) {
            return BUCKETS - 1;
        }
        int sub = (int) (nanos >>> (exponent - SUB_BITS)) & (SUBS - 1);
        return (exponent - MIN_EXPONENT) * SUBS + sub;
    }

    private static double middle(int bucket) {
        int shift = bucket / SUBS + MIN_EXPONENT - SUB_BITS;
        return (SUBS + bucket % SUBS + 0.5) * (1L << shift);
    }
}
