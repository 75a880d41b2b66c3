package io.intramesh.internal.limit;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how many hold a place at a time, lets a bounded number wait in order of arrival, and can be resized while it is in
 * use. Safe for use by several threads.
 *
 * <pre>{@code
 * if (limit.tryAcquire()) { …; limit.release(); }
 * }</pre>
 */
/*
 * Idea: one word holds both counts, places in use and waiters, so that one CAS decides on both. While nobody waits, taking
 * and giving back a place is that CAS and nothing else. The number of waiters changes only under the lock, together with the
 * queue. A place that is given back while somebody waits is handed to the first waiter: the count in use does not sink in
 * between, so nobody who comes later can slip in, and no wake-up is lost.
 *
 * Holds whenever the lock is free: waiters > 0 implies in use >= maxConcurrent, and waiters == queue.size().
 *
 * Why not a Semaphore: it cannot be shrunk below what is in use without hidden debts, cannot bound its queue, and a fair one
 * queues under its own lock even where we only want to count.
 *
 * A taker that read the bounds just before a resize may go by the older ones. That is within what Envoy promises for the
 * same setting: its limits are soft by one per worker thread.
 */
public final class ConcurrencyLimit {
    private static final long ONE_WAITING = 1L << Integer.SIZE;

    /** Waiters in the upper half, places in use in the lower. */
    private final AtomicLong state = new AtomicLong();

    /** Written under the lock only. */
    private volatile Bounds bounds;

    /** Read and written under its own lock only. */
    private final ArrayDeque<Place> queue = new ArrayDeque<>();

    public ConcurrencyLimit(Bounds bounds) {
        this.bounds = requireNonNull(bounds, "bounds");
    }

    /** Takes a place if one is free and nobody waits for it. Never blocks. */
    public boolean tryAcquire() {
        while (true) {
            long seen = state.get();
            if (waiting(seen) > 0 || inUse(seen) >= bounds.maxConcurrent) {
                return false;
            }
            if (state.compareAndSet(seen, seen + 1)) {
                return true;
            }
        }
    }

    /** Returns a place, granted or to be waited for, or null where no more may wait. Does not block. */
    public @Nullable Place enqueue() {
        Place place = new Place();
        synchronized (queue) {
            Bounds now = bounds;
            while (true) {
                long seen = state.get();
                if (waiting(seen) == 0 && inUse(seen) < now.maxConcurrent) {
                    if (state.compareAndSet(seen, seen + 1)) {
                        place.grant();
                        return place;
                    }
                } else if (waiting(seen) >= now.maxWaiting) {
                    return null;
                } else if (state.compareAndSet(seen, seen + ONE_WAITING)) {
                    queue.add(place);
                    return place;
                }
            }
        }
    }

    /** Gives a place back: to whoever waits longest, if anybody does. Once for each place taken. */
    public void release() {
        while (true) {
            long seen = state.get();
            if (waiting(seen) > 0) {
                handOver();
                return;
            }
            if (state.compareAndSet(seen, seen - 1)) {
                return;
            }
        }
    }

    /**
     * Takes other bounds. Places in use stay in use, also beyond a smaller bound; who waits goes on waiting, also beyond a
     * smaller bound, and is let in where the bound grew.
     */
    public void resize(Bounds newBounds) {
        requireNonNull(newBounds, "newBounds");
        synchronized (queue) {
            bounds = newBounds;
            while (true) {
                long seen = state.get();
                if (waiting(seen) == 0 || inUse(seen) >= newBounds.maxConcurrent) {
                    return;
                }
                if (state.compareAndSet(seen, seen - ONE_WAITING + 1)) {
                    queue.remove().grant();
                }
            }
        }
    }

    public Bounds bounds() {
        return bounds;
    }

    /** Returns how many places are taken. */
    public int inUse() {
        return inUse(state.get());
    }

    /** Returns how many wait. */
    public int waiting() {
        return waiting(state.get());
    }

    private void handOver() {
        synchronized (queue) {
            while (true) {
                long seen = state.get();
                if (waiting(seen) == 0 || inUse(seen) > bounds.maxConcurrent) {
                    if (state.compareAndSet(seen, seen - 1)) {
                        return;
                    }
                } else if (state.compareAndSet(seen, seen - ONE_WAITING)) {
                    queue.remove().grant();
                    return;
                }
            }
        }
    }

    /** Takes a waiter out; false where it was granted its place in the meantime. */
    private boolean leave(Place place) {
        synchronized (queue) {
            // Whoever gives up has usually waited longest and stands in front.
            if (!queue.remove(place)) {
                return false;
            }
            // Others may be counting places at the same time, so the word is changed by addition, not set.
            state.addAndGet(-ONE_WAITING);
            return true;
        }
    }

    private static int inUse(long word) {
        return (int) word;
    }

    private static int waiting(long word) {
        return (int) (word >>> Integer.SIZE);
    }

    /**
     * How much is let through.
     *
     * @param maxConcurrent places at a time, at least 1
     * @param maxWaiting how many may wait for one; 0 for none
     */
    public record Bounds(int maxConcurrent, int maxWaiting) {
        /** Counts, and lets everything through. */
        public static final Bounds NONE = new Bounds(Integer.MAX_VALUE, 0);

        public Bounds {
            if (maxConcurrent < 1) {
                throw new IllegalArgumentException("maxConcurrent: " + maxConcurrent + " (expected: 1 or more)");
            }
            if (maxWaiting < 0) {
                throw new IllegalArgumentException("maxWaiting: " + maxWaiting + " (expected: 0 or more)");
            }
        }
    }

    /** A place, or a place in the queue. Used by one thread at a time, and either awaited or abandoned. */
    public final class Place {
        private final CountDownLatch granted = new CountDownLatch(1);

        private Place() {}

        /** Tells whether the place is the caller's, to be given back with {@link ConcurrencyLimit#release}. */
        public boolean isGranted() {
            return granted.getCount() == 0;
        }

        /**
         * Waits until the place is granted. The queue is left when it is not.
         *
         * @param nanos longest wait
         * @return whether the place was granted
         * @throws InterruptedException when the thread is interrupted; nothing is held then
         */
        public boolean await(long nanos) throws InterruptedException {
            try {
                if (granted.await(nanos, TimeUnit.NANOSECONDS)) {
                    return true;
                }
            } catch (InterruptedException e) {
                abandon();
                throw e;
            }
            return !leave(this);
        }

        /** Gives up waiting, and gives back what may have been granted in the meantime. */
        public void abandon() {
            if (!leave(this)) {
                release();
            }
        }

        private void grant() {
            granted.countDown();
        }
    }
}
