package io.intramesh.internal.retry;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/*
 * A budget for retries: a share of the calls of the last seconds, and a floor for callers with few. When a callee is down,
 * each call wants all its retries, which would multiply the load on it at the worst moment; with the budget the load grows by
 * the share and no more. Finagle [1] and Linkerd [2] bound retries in this way.
 *
 * Calls are counted in slots of a second, kept in a ring. Retries are counted in one number that only grows; each slot
 * remembers it as it was when the slot began. So the retries of the window are the difference between that number and what the
 * oldest slot of the window remembers, and one compare-and-set on the number both checks and takes: however many threads ask
 * at a time, no window ever holds more retries than the calls that stood in it allowed. A retry that happens while its slot
 * is being made counts for that slot too, never for none.
 *
 * The newest slot has only begun, so a window of ten seconds touches eleven. Calls count where they stand in the newer ten,
 * which is no more than the window, and retries where they stand in any, which is no less. Otherwise a callee that is down for
 * half a minute would get four bursts of retries and not three.
 *
 * Departures: the floor is what the share does not fall below, as Envoy's min_retry_concurrency is, and is not added to it as
 * in Finagle: at 20 % the load is then at most 1.2 times the calls as soon as there are five times as many calls as the floor.
 * And deposits stand for calls, not for tokens, so that the share may change while it runs and a reload loses nothing.
 *
 * Cost: a call costs one look at the newest slot and one striped increment. A retry adds up the slots of the window.
 *
 * [1] Finagle, com.twitter.finagle.service.RetryBudget: 20 %, 10 per second, deposits live 10 s; a life of 1 to 60 s.
 * [2] Linkerd 2, ServiceProfile retryBudget: retryRatio 0.2, minRetriesPerSecond 10, ttl 10 s.
 */

/** Bounds something to a share of live traffic. Safe for use by several threads, without locks. */
public final class RetryBudget {
    private static final long SLOT_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** More slots than the longest window has, so that a slot in use is never overwritten. */
    private static final int SLOTS = 64;

    private final long origin;
    private final AtomicLong spent = new AtomicLong();
    private final AtomicReferenceArray<@Nullable Slot> ring = new AtomicReferenceArray<>(SLOTS);
    private final AtomicReference<Slot> newest;

    /**
     * @param nowNanos reading of the clock that all later readings come from
     */
    public RetryBudget(long nowNanos) {
        origin = nowNanos;
        Slot first = new Slot(0, 0);
        ring.set(0, first);
        newest = new AtomicReference<>(first);
    }

    /** Counts a call. */
    public void deposit(long nowNanos) {
        slot(nowNanos).calls.increment();
    }

    /** Takes a retry out of the budget, when it is scheduled and not when it begins; returns false where none is left. */
    public boolean withdraw(long nowNanos, Terms terms) {
        Slot last = slot(nowNanos);
        while (true) {
            long before = spent.get();
            if (left(before, last, terms) <= 0) {
                return false;
            }
            if (spent.compareAndSet(before, before + 1)) {
                return true;
            }
        }
    }

    /** Returns how many retries the budget holds at the moment. */
    public long left(long nowNanos, Terms terms) {
        return Math.max(0, left(spent.get(), slot(nowNanos), terms));
    }

    private long left(long spentNow, Slot last, Terms terms) {
        long calls = 0;
        long spentBefore = spentNow;
        long oldest = last.epoch - terms.windowSeconds;
        for (long epoch = last.epoch; epoch >= oldest; epoch--) {
            Slot slot = epoch < 0 ? null : ring.get(index(epoch));
            if (slot != null && slot.epoch == epoch) {
                calls += epoch == oldest ? 0 : slot.calls.sum();
                spentBefore = slot.spentBefore;
            }
        }
        long share = calls * terms.percent / 100;
        long floor = (long) terms.minPerSecond * terms.windowSeconds;
        return Math.max(share, floor) - (spentNow - spentBefore);
    }

    /** Returns the slot of that moment; for a thread that was held up, the newest there is. */
    private Slot slot(long nowNanos) {
        Slot known = requireNonNull(newest.get());
        long epoch = (nowNanos - origin) / SLOT_NANOS;
        return epoch <= known.epoch ? known : begin(epoch);
    }

    private Slot begin(long epoch) {
        int index = index(epoch);
        Slot there = ring.get(index);
        if (there == null || there.epoch < epoch) {
            // Read before the slot can be seen: whatever is taken from now on counts for this slot.
            Slot fresh = new Slot(epoch, spent.get());
            there = ring.compareAndSet(index, there, fresh) ? fresh : requireNonNull(ring.get(index));
        }
        Slot begun = there;
        return requireNonNull(
                newest.accumulateAndGet(begun, (known, other) -> known.epoch < other.epoch ? other : known));
    }

    private static int index(long epoch) {
        return (int) (epoch % SLOTS);
    }

    /**
     * What the budget allows.
     *
     * @param percent of the calls of the window, 0 to 100
     * @param minPerSecond what the share does not fall below, on average over the window
     * @param windowSeconds 1 to 60
     */
    public record Terms(int percent, int minPerSecond, int windowSeconds) {
        /**
         * Share and window are Finagle's and Linkerd's. Their floor of 10 per second is that of each process, and where many small
         * callers meet one callee it is what multiplies the load (decision 0014): 3, as Envoy's min_retry_concurrency.
         */
        public static final Terms DEFAULT = new Terms(20, 3, 10);
    }

    /** The calls of a second. */
    private static final class Slot {
        private final long epoch;
        private final long spentBefore;
        private final LongAdder calls = new LongAdder();

        private Slot(long epoch, long spentBefore) {
            this.epoch = epoch;
            this.spentBefore = spentBefore;
        }
    }
}
