package io.intramesh.testing;

import io.intramesh.internal.time.NanoClock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until it is advanced. Safe for use by several threads. */
public final class FakeNanoClock implements NanoClock {
    private final AtomicLong now;

    private FakeNanoClock(long start) {
        now = new AtomicLong(start);
    }

    /** Returns a clock that starts at an arbitrary small reading. */
    public static FakeNanoClock create() {
        return startingAt(1_000_000_007L);
    }

    /** Returns a clock that starts at that reading. */
    public static FakeNanoClock startingAt(long nanos) {
        return new FakeNanoClock(nanos);
    }

    /** Returns a clock that wraps to negative readings a second from now, as a real one may at any time. */
    public static FakeNanoClock aboutToWrap() {
        return startingAt(Long.MAX_VALUE - 1_000_000_000L);
    }

    @Override
    public long nanoTime() {
        return now.get();
    }

    /**
     * Moves the time on.
     *
     * @throws IllegalArgumentException when the duration is negative: this clock is monotonic, too
     */
    public void advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("by: " + by + " (expected: 0 or more)");
        }
        now.addAndGet(by.toNanos());
    }

    @Override
    public String toString() {
        return nanoTime() + " ns";
    }
}
