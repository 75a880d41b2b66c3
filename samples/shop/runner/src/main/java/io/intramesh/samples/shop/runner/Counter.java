package io.intramesh.samples.shop.runner;

import java.util.Arrays;

/** Counts since the start and over the last ten seconds, in buckets of one second. Not thread-safe. */
final class Counter {
    /** Length of what counts as recent, in seconds. */
    static final int WINDOW = 10;

    private final long[] buckets = new long[WINDOW];
    private long newest;
    private long total;

    /**
     * Counts one.
     *
     * @param second since some start; never less than before
     */
    void add(long second) {
        advance(second);
        buckets[(int) (second % WINDOW)]++;
        total++;
    }

    long total() {
        return total;
    }

    /** Returns the count of this second and the nine before it. */
    long recent(long second) {
        advance(second);
        return Arrays.stream(buckets).sum();
    }

    private void advance(long second) {
        if (second - newest >= WINDOW) {
            Arrays.fill(buckets, 0);
        } else {
            for (long passed = newest + 1; passed <= second; passed++) {
                buckets[(int) (passed % WINDOW)] = 0;
            }
        }
        newest = Math.max(newest, second);
    }
}
