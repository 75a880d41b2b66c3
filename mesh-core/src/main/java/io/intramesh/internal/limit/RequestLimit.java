package io.intramesh.internal.limit;

import static java.util.Objects.requireNonNull;

import io.intramesh.internal.time.NanoClock;
import io.intramesh.internal.time.OnceAMinute;
import io.intramesh.model.Concurrency;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the requests of one endpoint or process that are under way, by a fixed number or by one that follows latency. What it
 * counts outlives a change of the settings. Safe for use by several threads, without locks for as long as the limit stays.
 *
 * <pre>{@code
 * if (limit.tryAcquire()) {
 *     …
 *     limit.succeeded(startNanos);   // or failed, or dropped, or nothing where nobody can say
 *     limit.release();
 * }
 * }</pre>
 */
public final class RequestLimit {

    private final NanoClock clock;
    private final RandomGenerator chance;
    private final ConcurrencyLimit places = new ConcurrencyLimit(ConcurrencyLimit.Bounds.NONE);
    private final AtomicLong refused = new AtomicLong();
    private final OnceAMinute telling;

    private volatile Concurrency settings;
    private volatile @Nullable GradientLimit gradient;

    public RequestLimit(Concurrency settings, NanoClock clock, RandomGenerator chance) {
        this.clock = requireNonNull(clock, "clock");
        this.chance = requireNonNull(chance, "chance");
        this.settings = requireNonNull(settings, "settings");
        this.telling = new OnceAMinute(clock);
        take(settings);
    }

    /** Takes other settings. An adaptive limit keeps what it has learnt, within its new bounds. */
    public void configure(Concurrency newSettings) {
        if (!settings.equals(requireNonNull(newSettings, "newSettings"))) {
            take(newSettings);
        }
    }

    private synchronized void take(Concurrency newSettings) {
        settings = newSettings;
        GradientLimit adaptive = newSettings instanceof Concurrency.Gradient wanted
                ? new GradientLimit(wanted, gradient, places, clock, chance, this::moved)
                : null;
        gradient = adaptive;
        resize(adaptive == null ? newSettings.maxRequests() : adaptive.bound());
    }

    /** Once in a window. Under the lock, so that one which has been replaced meanwhile does not have the last word. */
    private synchronized void moved(GradientLimit by) {
        if (isSame(by, gradient)) {
            resize(by.bound());
        }
    }

    private void resize(int bound) {
        places.resize(new ConcurrencyLimit.Bounds(bound, 0));
    }

    // One object stands for one choice of settings.
    private static boolean isSame(GradientLimit one, @Nullable GradientLimit other) {
        return one == other;
    }

    public Concurrency settings() {
        return settings;
    }

    /** Tells whether a request has a chance of getting a place now. Takes none. */
    public boolean hasRoom() {
        return places.inUse() < places.bounds().maxConcurrent();
    }

    /** Takes a place if one is free. */
    public boolean tryAcquire() {
        if (!places.tryAcquire()) {
            refused.incrementAndGet();
            return false;
        }
        GradientLimit adaptive = gradient;
        if (adaptive != null) {
            adaptive.started();
        }
        return true;
    }

    /** Gives a place back. Once for each that was taken. */
    public void release() {
        places.release();
    }

    /** Reports an answer. */
    public void succeeded(long startNanos) {
        GradientLimit adaptive = gradient;
        if (adaptive != null) {
            adaptive.succeeded(startNanos);
        }
    }

    /** Reports a failure that does not say that there is too much to do. */
    public void failed(long startNanos) {
        GradientLimit adaptive = gradient;
        if (adaptive != null) {
            adaptive.failed(startNanos);
        }
    }

    /** Reports that the callee had too much to do, or did not answer. */
    public void dropped() {
        GradientLimit adaptive = gradient;
        if (adaptive != null) {
            adaptive.dropped();
        }
    }

    /** Returns the limit in force. */
    public int limit() {
        return places.bounds().maxConcurrent();
    }

    /** Returns how many places are taken. */
    public int inUse() {
        return places.inUse();
    }

    /** Returns how many times there was no place, since the limit was made. */
    public long refused() {
        return refused.get();
    }

    /** Tells, at most once a minute, that it is time to say that there was no place. */
    public boolean isTimeToTell() {
        return telling.isTime();
    }

    /** Returns {@code 7 of 12 requests under way}, and where the number comes from if it is not fixed. */
    public String describe() {
        int limit = limit();
        String used = inUse() + " of " + limit + (limit == 1 ? " request" : " requests") + " under way";
        GradientLimit adaptive = gradient;
        if (adaptive == null) {
            return used;
        }
        long base = adaptive.baseNanos();
        return used + " (adaptive, " + adaptive.settings().minRequests() + " to "
                + adaptive.settings().maxRequests()
                + (base == 0 ? "" : String.format(Locale.ROOT, "; %.3g ms without load", base / 1e6))
                + ")";
    }
}
