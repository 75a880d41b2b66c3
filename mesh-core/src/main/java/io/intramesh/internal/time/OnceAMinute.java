package io.intramesh.internal.time;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Lets what happens often be told seldom: at once, and then at most once a minute. Safe for use by several threads. */
public final class OnceAMinute {
    private static final long INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final NanoClock clock;
    private final AtomicLong toldAt;

    public OnceAMinute(NanoClock clock) {
        this.clock = clock;
        this.toldAt = new AtomicLong(clock.nanoTime() - INTERVAL_NANOS);
    }

    /** Tells whether it is time to tell. Who hears so is the only one, and the next minute begins. */
    public boolean isTime() {
        long last = toldAt.get();
        long now = clock.nanoTime();
        return now - last >= INTERVAL_NANOS && toldAt.compareAndSet(last, now);
    }
}
