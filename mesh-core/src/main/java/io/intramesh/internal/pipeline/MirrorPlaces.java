package io.intramesh.internal.pipeline;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The places for copies under way to a listener. Nobody waits for one: a copy that finds none is not sent. Outlives snapshots. Safe
 * for use by several threads.
 */
final class MirrorPlaces {
    /**
     * As many as keep up with 1000 copies a second that take 30 ms each, while a node that hangs binds no more threads and
     * connections than that. Envoy bounds copies by the circuit breakers of their cluster, which are 1024.
     */
    static final int LIMIT = 32;

    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();

    /** Returns a place, or null where all are taken, which is counted. */
    @Nullable
    Place take() {
        if (taken.incrementAndGet() > LIMIT) {
            taken.decrementAndGet();
            dropped.incrementAndGet();
            return null;
        }
        return new Place();
    }

    int taken() {
        return Math.min(LIMIT, taken.get());
    }

    /** Returns how many copies found no place since the listener is known. */
    long dropped() {
        return dropped.get();
    }

    /** A place that is taken. */
    final class Place {
        private final AtomicBoolean left = new AtomicBoolean();

        private Place() {}

        /** Leaves the place to another copy. Idempotent. */
        void leave() {
            if (left.compareAndSet(false, true)) {
                taken.decrementAndGet();
            }
        }
    }
}
