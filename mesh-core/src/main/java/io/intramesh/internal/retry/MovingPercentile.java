package io.intramesh.internal.retry;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/*
 * A percentile of the durations of the last half minute. Time is cut into slices; each counts durations in buckets whose width
 * grows with what they hold, sixteen to each doubling, so that no answer is more than 1/16 off [1]. The percentile is taken over
 * the slices that are complete, once for each, as Finagle does for its backup requests (every 3 s, over 30 s) [2]: what is
 * asked for with every call must cost a look at a field.
 *
 * Cost: a duration costs one atomic increment, on counters that are spread by what they count. 1.5 KB for each slice.
 *
 * [1] Gil Tene, HdrHistogram: buckets of constant relative width.
 * [2] Finagle, com.twitter.finagle.util.WindowedPercentileHistogram and client.BackupRequestFilter.
 */

/** How long all but a few of the latest durations took at most. Safe for use by several threads, without locks. */
final class MovingPercentile {
    static final long SLICE_NANOS = TimeUnit.SECONDS.toNanos(3);
    static final int SLICES = 10;

    private static final int NANOS_PER_UNIT = 1000;

    /** Below it each microsecond has a bucket of its own. */
    private static final int LINEAR = 32;

    private static final int LINEAR_BITS = 5;
    private static final int PER_DOUBLING = 16;
    private static final int PER_DOUBLING_BITS = 4;

    /** Up to 2^27 microseconds, more than two minutes; what takes longer counts as that. */
    private static final int DOUBLINGS = 22;

    private static final int BUCKETS = LINEAR + DOUBLINGS * PER_DOUBLING;

    private final long origin;
    private final AtomicReference<Slice> newest = new AtomicReference<>(new Slice(new Counts(0), List.of()));

    /**
     * @param nowNanos reading of the clock that all later readings come from
     */
    MovingPercentile(long nowNanos) {
        origin = nowNanos;
    }

    /** Takes a duration that ended now. */
    void add(long nowNanos, long nanos) {
        slice(nowNanos).counts.byBucket.incrementAndGet(bucket(nanos));
    }

    /**
     * Returns what all but that many percent of the durations did not exceed, in nanoseconds and rounded up; 0 while there are
     * too few to tell, which is fewer than one for each share.
     */
    long allBut(long nowNanos, int percent) {
        Slice slice = slice(nowNanos);
        Answer known = slice.answer;
        if (known == null || known.percent != percent) {
            // Several threads may work it out at a time; what they find is the same.
            known = new Answer(percent, slice.allBut(percent));
            slice.answer = known;
        }
        return known.nanos;
    }

    private Slice slice(long nowNanos) {
        Slice known = requireNonNull(newest.get());
        long epoch = (nowNanos - origin) / SLICE_NANOS;
        // For a thread that was held up, the newest there is.
        return epoch <= known.counts.epoch ? known : begin(known, epoch);
    }

    private Slice begin(Slice before, long epoch) {
        List<Counts> earlier = new ArrayList<>(SLICES);
        earlier.add(before.counts);
        earlier.addAll(before.earlier);
        earlier.removeIf(counts -> counts.epoch < epoch - SLICES);
        Slice fresh = new Slice(new Counts(epoch), List.copyOf(earlier));
        return newest.compareAndSet(before, fresh) ? fresh : requireNonNull(newest.get());
    }

    private static int bucket(long nanos) {
        long units = Math.max(0, nanos) / NANOS_PER_UNIT;
        if (units < LINEAR) {
            return (int) units;
        }
        int doubling = Long.SIZE - 1 - Long.numberOfLeadingZeros(units) - LINEAR_BITS;
        if (doubling >= DOUBLINGS) {
            return BUCKETS - 1;
        }
        int within = (int) (units >>> (doubling + LINEAR_BITS - PER_DOUBLING_BITS)) & (PER_DOUBLING - 1);
        return LINEAR + doubling * PER_DOUBLING + within;
    }

    /** Returns the least duration that is beyond the bucket. */
    private static long endNanos(int bucket) {
        if (bucket < LINEAR) {
            return (bucket + 1L) * NANOS_PER_UNIT;
        }
        int doubling = (bucket - LINEAR) / PER_DOUBLING;
        int within = (bucket - LINEAR) % PER_DOUBLING;
        return ((PER_DOUBLING + within + 1L) << (doubling + LINEAR_BITS - PER_DOUBLING_BITS)) * NANOS_PER_UNIT;
    }

    /** The counters of a slice of time. */
    private static final class Counts {
        private final long epoch;
        private final AtomicIntegerArray byBucket = new AtomicIntegerArray(BUCKETS);

        private Counts(long epoch) {
            this.epoch = epoch;
        }
    }

    /** The slice that counts now, and those that are complete and young enough. */
    private static final class Slice {
        private final Counts counts;
        private final List<Counts> earlier;
        private volatile @Nullable Answer answer;

        private Slice(Counts counts, List<Counts> earlier) {
            this.counts = counts;
            this.earlier = earlier;
        }

        private long allBut(int percent) {
            long[] sums = new long[BUCKETS];
            long total = 0;
            for (Counts complete : earlier) {
                for (int i = 0; i < BUCKETS; i++) {
                    int count = complete.byBucket.get(i);
                    sums[i] += count;
                    total += count;
                }
            }
            long beyond = total * percent / 100;
            if (beyond == 0) {
                return 0;
            }
            long left = beyond;
            int bucket = BUCKETS - 1;
            while (bucket > 0 && sums[bucket] <= left) {
                left -= sums[bucket];
                bucket--;
            }
            return endNanos(bucket);
        }
    }

    private record Answer(int percent, long nanos) {}
}
