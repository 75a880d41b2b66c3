package io.intramesh.call;

import static java.util.Objects.requireNonNull;

import io.intramesh.MeshCallException;
import org.jspecify.annotations.Nullable;

/** What a transport does after a report. Immutable. */
public final class Verdict {
    /** Hand the answer to the application. */
    public static final Verdict DELIVER = new Verdict(false, 0, null);

    /** Drop what came back: another attempt of the call is under way, and its report decides. */
    public static final Verdict AWAIT_OTHER = new Verdict(false, 0, null);

    private final boolean retry;
    private final long pauseNanos;
    private final @Nullable MeshCallException failure;

    private Verdict(boolean retry, long pauseNanos, @Nullable MeshCallException failure) {
        this.retry = retry;
        this.pauseNanos = pauseNanos;
        this.failure = failure;
    }

    /** Drop what came back, pause, and ask for the next attempt. */
    public static Verdict retryAfter(long pauseNanos) {
        return new Verdict(true, pauseNanos, null);
    }

    /** Give up: the application gets this failure. */
    public static Verdict fail(MeshCallException failure) {
        return new Verdict(false, 0, requireNonNull(failure, "failure"));
    }

    public boolean isRetry() {
        return retry;
    }

    /** Tells whether nothing is decided before another attempt under way is reported. Only after {@link OutboundCall#hedge}. */
    public boolean awaitsOther() {
        return this == AWAIT_OTHER;
    }

    /** Returns the pause before the next attempt, in nanoseconds; 0 for none. */
    public long pauseNanos() {
        return pauseNanos;
    }

    /** Returns the failure for the application, or null where there is an answer to deliver or another attempt to make. */
    public @Nullable MeshCallException failure() {
        return failure;
    }
}
