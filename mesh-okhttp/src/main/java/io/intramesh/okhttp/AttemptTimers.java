package io.intramesh.okhttp;

import io.intramesh.call.Outbound;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/*
 * Limits that hardly ever end anything. Nearly every attempt is over long before its time is up, so what counts is what it
 * costs to begin and to end a limit: here a compare-and-set each, on a slot that threads mostly have to themselves. OkHttp's timer
 * takes a lock and a place in a heap that all calls of the process share, twice for each limit, and an object.
 *
 * Who is due is found by looking at all slots, at the time when the first of them was due when somebody looked last. With one
 * limit for all, that is once in each limit's length; at least once a second while anybody is in.
 *
 * Whoever enters writes the slot and then reads when the next look is; a look clears that and then reads the slots. So either
 * the look sees the slot, or whoever entered sees that no look comes in time, and plans one.
 */

/** The time limits of attempts under way. Safe for use by several threads. */
final class AttemptTimers {
    /** More than threads usually are in calls at a time; the rest stand in a set. */
    private static final int SLOTS = 64;

    /** References in a line of the cache, of 64 bytes: slots side by side would be fought over. */
    private static final int STRIDE = 16;

    private static final int PROBES = 4;
    private static final int OTHERS = -1;
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long UNPLANNED = Long.MIN_VALUE;
    private static final long GONE = Long.MAX_VALUE;

    /** Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, section 6.4), down to 6 bits: one of the slots. */
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

    private static final int SPREAD_SHIFT = 58;

    private final Outbound outbound;
    private final AtomicReferenceArray<@Nullable Timed> slots = new AtomicReferenceArray<>(SLOTS * STRIDE);
    private final Set<Timed> others = ConcurrentHashMap.newKeySet();
    private final AtomicLong nextLook = new AtomicLong(UNPLANNED);

    AttemptTimers(Outbound outbound) {
        this.outbound = outbound;
    }

    /**
     * Begins a limit. Until it is left or its time is up, it may not be entered again.
     *
     * @param due reading of the mesh's clock
     */
    void enter(Timed timed, long due) {
        timed.dueAt(due);
        take(timed);
        plan(due);
    }

    /** Ends a limit; returns whether that was in time. */
    boolean leave(Timed timed) {
        int slot = timed.slot();
        return slot == OTHERS ? others.remove(timed) : slots.compareAndSet(slot, timed, null);
    }

    private void take(Timed timed) {
        int first = (int) ((Thread.currentThread().getId() * SPREAD) >>> SPREAD_SHIFT);
        for (int i = 0; i < PROBES; i++) {
            int slot = (first + i) % SLOTS * STRIDE;
            if (slots.get(slot) == null) {
                timed.inSlot(slot);
                if (slots.compareAndSet(slot, null, timed)) {
                    return;
                }
            }
        }
        timed.inSlot(OTHERS);
        others.add(timed);
    }

    private void plan(long due) {
        for (; ; ) {
            long planned = nextLook.get();
            if (planned != UNPLANNED && planned - due <= 0) {
                return;
            }
            // Never far ahead: a task whose place another one takes stays planned for as long.
            long now = outbound.nanoTime();
            long pause = Math.min(Math.max(0, due - now), LONGEST_NANOS);
            long at = now + pause;
            if (planned != UNPLANNED && planned - at <= 0) {
                return;
            }
            if (nextLook.compareAndSet(planned, at)) {
                outbound.schedule(() -> look(at), Duration.ofNanos(pause), Runnable::run);
                return;
            }
        }
    }

    private void look(long planned) {
        if (!nextLook.compareAndSet(planned, UNPLANNED)) {
            // An earlier one took its place, and planned what comes next.
            return;
        }
        long now = outbound.nanoTime();
        // A mesh that is closed keeps no task back any longer; what is under way has its limits still.
        boolean isClosed = now - planned < 0;
        long left = GONE;
        for (int slot = 0; slot < SLOTS * STRIDE; slot += STRIDE) {
            Timed timed = slots.get(slot);
            if (timed != null) {
                left = Math.min(left, look(timed, now, isClosed));
            }
        }
        for (Timed timed : others) {
            left = Math.min(left, look(timed, now, isClosed));
        }
        if (left != GONE) {
            plan(now + left);
        }
    }

    /** Returns how long the limit has left, or {@link #GONE}. */
    private long look(Timed timed, long now, boolean isClosed) {
        long left = timed.dueNanos() - now;
        if (left > 0 && !isClosed) {
            return left;
        }
        try {
            if (left > 0) {
                timed.untimed(left);
                leave(timed);
            } else if (leave(timed)) {
                timed.timeUp();
            }
        } catch (RuntimeException e) {
            // A listener of the application's.
            MeshClient.log.warn("attempt not ended though its time is up", e);
        }
        return GONE;
    }

    /** What has a limit. Its place and time are written by who enters it, and read by all. */
    interface Timed {
        void inSlot(int slot);

        int slot();

        void dueAt(long nanos);

        long dueNanos();

        /** The time is up. Does not block. */
        void timeUp();

        /** Nobody will look after this limit any longer, which has so much left. Does not block. */
        void untimed(long leftNanos);
    }
}
