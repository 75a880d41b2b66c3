package io.intramesh.internal.drain;

import static java.util.Objects.requireNonNull;

import io.intramesh.call.Endpoint;
import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.internal.time.NanoClock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * Remembers which endpoints of one listener said that they shut down. What an endpoint says of itself is no fault: it is
 * neither ejected nor counted against it, it is left alone while there are others. Outlives snapshots. Safe for use by several
 * threads.
 *
 * <p>It is believed for {@link #LASTING} at most, since a process that goes does not come back to say so, and a new one may
 * stand at its address; and no longer than until a request that was sent later is answered as usual.
 */
public final class DrainTracker {
    /**
     * How long an endpoint is believed. The grace and the drain of a process take 25 s where nothing else is set, and
     * Kubernetes kills what has not ended after 30 s (terminationGracePeriodSeconds).
     */
    public static final Duration LASTING = Duration.ofSeconds(30);

    /** With less than this left, saying it again counts as saying it anew; before, it would only cost. */
    private static final Duration RENEWED_BELOW = LASTING.dividedBy(2);

    private static final AtomicReferenceFieldUpdater<DrainTracker, Drains> MOVED =
            AtomicReferenceFieldUpdater.newUpdater(DrainTracker.class, Drains.class, "drains");

    private final NanoClock clock;
    private final MeshScheduler scheduler;
    private final Events events;
    private final AtomicBoolean sweepPlanned = new AtomicBoolean();

    /** Moved by {@link #MOVED}. */
    private volatile Drains drains = Drains.NONE;

    /** Learns what changes, each change once; called on the thread that caused it. */
    public interface Events {
        /** The endpoint shuts down. */
        void draining(Endpoint endpoint, Drain drain);

        /** The endpoint is used like any other again. */
        void drainEnded(Endpoint endpoint, String reason);
    }

    public DrainTracker(NanoClock clock, MeshScheduler scheduler, Events events) {
        this.clock = requireNonNull(clock, "clock");
        this.scheduler = requireNonNull(scheduler, "scheduler");
        this.events = requireNonNull(events, "events");
    }

    /** Returns who shuts down. The same object for as long as that does not change. */
    public Drains drains() {
        return drains;
    }

    /**
     * Takes that an endpoint said it shuts down.
     *
     * @param refuses whether it turned the request away
     */
    public void said(Endpoint endpoint, boolean refuses) {
        while (true) {
            Drains before = drains;
            Drain known = before.of(endpoint);
            long now = clock.nanoTime();
            boolean isNews = known == null
                    || (refuses && !known.refuses())
                    || known.left(now).compareTo(RENEWED_BELOW) < 0;
            if (!isNews) {
                return;
            }
            Drain drain = new Drain(now, LASTING, refuses || (known != null && known.refuses()));
            if (MOVED.compareAndSet(this, before, before.with(endpoint, drain))) {
                if (known == null) {
                    events.draining(endpoint, drain);
                }
                planSweep(LASTING);
                return;
            }
        }
    }

    /**
     * Takes that an endpoint answered as usual. An answer to what was sent before it said that it shuts down changes nothing.
     *
     * @param sentNanos reading of the clock when the request was sent
     */
    public void answered(Endpoint endpoint, long sentNanos) {
        while (true) {
            Drains before = drains;
            Drain known = before.of(endpoint);
            if (known == null || sentNanos - known.sinceNanos() < 0) {
                return;
            }
            if (MOVED.compareAndSet(this, before, before.without((one, drain) -> one.equals(endpoint)))) {
                events.drainEnded(endpoint, "it answers as usual");
                return;
            }
        }
    }

    private void planSweep(Duration after) {
        if (sweepPlanned.compareAndSet(false, true)) {
            scheduler.schedule(this::sweep, after);
        }
    }

    /** On the mesh thread. */
    private void sweep() {
        long now = clock.nanoTime();
        Drains before;
        Drains after;
        do {
            before = drains;
            after = before.without((endpoint, drain) -> drain.isOver(now));
        } while (!MOVED.compareAndSet(this, before, after));
        for (Endpoint endpoint : before.known().keySet()) {
            if (after.of(endpoint) == null) {
                events.drainEnded(endpoint, "its time to shut down is over");
            }
        }
        // In this order: whoever comes in between plans nothing, but is seen here.
        sweepPlanned.set(false);
        Duration next = LASTING;
        for (Drain drain : drains.known().values()) {
            next = drain.left(now).compareTo(next) < 0 ? drain.left(now) : next;
        }
        if (!drains.isEmpty()) {
            planSweep(next);
        }
    }
}
