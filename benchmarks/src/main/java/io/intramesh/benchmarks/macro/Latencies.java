package io.intramesh.benchmarks.macro;

/**
 * Counts latencies in buckets of 1/32 of their power of two, so that what it reports is at most 3 % too high. Allocates nothing
 * while it counts. One thread writes.
 */
final class Latencies {
    private static final int STEPS = 32;
    private static final int STEP_BITS = 5;

    private final long[] counts = new long[Long.SIZE * STEPS];
    private long total;

    void add(long nanos) {
        counts[bucket(Math.max(nanos, STEPS))]++;
        total++;
    }

    void addAll(Latencies other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
        total += other.total;
    }

    long total() {
        return total;
    }

    /** Returns the upper end of the bucket below which that share of the latencies lies, in nanoseconds. */
    long percentile(double share) {
        long wanted = (long) Math.ceil(share * total);
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= wanted && seen > 0) {
                return upperEnd(i);
            }
        }
        return 0;
    }

    private static int bucket(long nanos) {
        int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos);
        int step = (int) (nanos >>> (power - STEP_BITS)) & (STEPS - 1);
        return power * STEPS + step;
    }

    private static long upperEnd(int bucket) {
        int power = bucket / STEPS;
        long step = bucket % STEPS;
        return (STEPS + step + 1) << (power - STEP_BITS);
    }
}
