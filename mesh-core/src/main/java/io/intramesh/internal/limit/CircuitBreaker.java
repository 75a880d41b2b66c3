package io.intramesh.internal.limit;

import static java.util.Objects.requireNonNull;

import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.TrafficPolicy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Lets calls through while they succeed, refuses them for a while once they do not, then tries a few. Safe for use by
 * several threads, without locks.
 *
 * <pre>{@code
 * Object permit = breaker.tryAcquire();
 * if (permit == null) { refuse }
 * …
 * breaker.succeeded(permit, nanos);   // or failed(…), or released(permit) where nobody can say
 * }</pre>
 */
/*
 * Two parts. What opens the breaker: failures in a row, which is a counter of our own, and rates over a window, which
 * Resilience4j measures [1] (see CallRates). What an open breaker does: this state machine.
 *
 * Why not Resilience4j for the whole. (a) Its "N in a row" is a count-based window of N with a threshold of 100 %: 52 to 91 ns
 * per call and up to 290 under contention, where a counter that stays at 0 costs one read. (b) A permit there does not say
 * which state gave it. A call that began while the breaker was closed and fails only when it is half open counts as a probe
 * there, although it says nothing about the callee of now; and it uses up one of the probes' places, so that the result of a
 * true one may come too late. A slow failure, the very thing a breaker is for, hits that. (c) A probe that never reports keeps
 * it half open and refusing for ever, unless a timer of its own thread is switched on. (d) Its clock is the wall's.
 *
 * So here a permit is the state object that gave it, and what is reported under another state than the present one is
 * dropped. Each state is left once, by CAS; who wins tells the listener. Probes that do not report for as long as the breaker
 * was open are given up, and others are let through.
 *
 * [1] Resilience4j 2.4.0, "CircuitBreaker".
 */
public final class CircuitBreaker {
    private static final AtomicReferenceFieldUpdater<CircuitBreaker, State> MOVED =
            AtomicReferenceFieldUpdater.newUpdater(CircuitBreaker.class, State.class, "state");

    private final TrafficPolicy.CircuitBreaker settings;
    private final NanoClock clock;
    private final Events events;

    private volatile State state;

    /** Learns how the breaker moves; called outside locks, by the thread that caused it. */
    public interface Events {
        /** Calls are refused from now on. */
        void opened(Duration lasting, String reason);

        /** A few calls are let through to try. */
        void halfOpened();

        /** Calls go through again. */
        void closed();
    }

    /** Creates a closed breaker. */
    public CircuitBreaker(TrafficPolicy.CircuitBreaker settings, NanoClock clock, Events events) {
        this.settings = requireNonNull(settings, "settings");
        this.clock = requireNonNull(clock, "clock");
        this.events = requireNonNull(events, "events");
        this.state = new Closed(settings, clock);
    }

    /** Tells whether a call has a chance of getting a permit now. Takes none. */
    public boolean mayPass() {
        return state.mayPass(this);
    }

    public boolean isClosed() {
        return state instanceof Closed;
    }

    /** Takes a permit for one call, to be given back by one of the reports; null where the call is refused. */
    public @Nullable Object tryAcquire() {
        while (true) {
            State seen = state;
            if (seen instanceof Closed) {
                return seen;
            }
            if (seen instanceof HalfOpen trying && trying.places.getAndUpdate(CircuitBreaker::less) > 0) {
                return trying;
            }
            if (!seen.isOver(this)) {
                return null;
            }
            // The time of being open is over, or the probes' time to report is.
            if (MOVED.compareAndSet(this, seen, new HalfOpen(settings.halfOpenCalls(), clock.nanoTime()))
                    && seen instanceof Open) {
                events.halfOpened();
            }
        }
    }

    /**
     * Reports a success.
     *
     * @param nanos how long the answer took
     */
    public void succeeded(Object permit, long nanos) {
        State seen = state;
        if (seen != permit) {
            return;
        }
        if (seen instanceof Closed closed) {
            if (closed.failuresInARow.get() != 0) {
                closed.failuresInARow.set(0);
            }
            openIf(closed, closed.rates == null ? null : closed.rates.succeeded(nanos));
        } else if (seen instanceof HalfOpen trying) {
            if (isSlow(nanos)) {
                open(trying, "the call that tried it was slow");
            } else if (trying.missing.decrementAndGet() == 0
                    && MOVED.compareAndSet(this, trying, new Closed(settings, clock))) {
                events.closed();
            }
        }
    }

    /**
     * Reports a failure.
     *
     * @param nanos how long it took
     * @param what happened, in words, such as {@code status 503}
     */
    public void failed(Object permit, long nanos, String what) {
        State seen = state;
        if (seen != permit) {
            return;
        }
        if (seen instanceof Closed closed) {
            Integer limit = settings.consecutiveFailures();
            int inARow = closed.failuresInARow.incrementAndGet();
            if (limit != null && inARow >= limit) {
                open(closed, (inARow == 1 ? "" : inARow + " failures in a row, the last: ") + what);
            } else {
                openIf(closed, closed.rates == null ? null : closed.rates.failed(nanos));
            }
        } else {
            open(seen, "the call that tried it failed: " + what);
        }
    }

    /** Gives a permit back without a result: the call was never made, or given up by the application. */
    public void released(Object permit) {
        if (state == permit && permit instanceof HalfOpen trying) {
            trying.places.incrementAndGet();
        }
    }

    /** Returns {@code closed}, {@code half open}, or how long it is open and why. */
    public String describe() {
        return state.describe(this);
    }

    private void openIf(Closed closed, @Nullable String reason) {
        if (reason != null) {
            open(closed, reason);
        }
    }

    private void open(State from, String reason) {
        if (MOVED.compareAndSet(this, from, new Open(clock.nanoTime(), reason))) {
            events.opened(settings.openFor(), reason);
        }
    }

    private boolean isSlow(long nanos) {
        Duration slow = settings.slowCallDuration();
        return slow != null && nanos >= slow.toNanos();
    }

    private static int less(int places) {
        return places > 0 ? places - 1 : places;
    }

    /** A state, compared by identity. */
    private abstract static class State {
        abstract boolean mayPass(CircuitBreaker of);

        abstract boolean isOver(CircuitBreaker of);

        abstract String describe(CircuitBreaker of);

        static boolean isOver(CircuitBreaker of, long sinceNanos) {
            return of.clock.nanoTime() - sinceNanos >= of.settings.openFor().toNanos();
        }
    }

    private static final class Closed extends State {
        private final AtomicInteger failuresInARow = new AtomicInteger();
        private final @Nullable CallRates rates;

        Closed(TrafficPolicy.CircuitBreaker settings, NanoClock clock) {
            rates = settings.hasRates() ? new CallRates(settings, clock) : null;
        }

        @Override
        boolean mayPass(CircuitBreaker of) {
            return true;
        }

        @Override
        boolean isOver(CircuitBreaker of) {
            return false;
        }

        @Override
        String describe(CircuitBreaker of) {
            return "closed";
        }
    }

    private static final class Open extends State {
        private final long sinceNanos;
        private final String reason;

        Open(long sinceNanos, String reason) {
            this.sinceNanos = sinceNanos;
            this.reason = reason;
        }

        @Override
        boolean mayPass(CircuitBreaker of) {
            return isOver(of);
        }

        @Override
        boolean isOver(CircuitBreaker of) {
            return isOver(of, sinceNanos);
        }

        @Override
        String describe(CircuitBreaker of) {
            long left = of.settings.openFor().toNanos() - (of.clock.nanoTime() - sinceNanos);
            return "open for " + Math.max(0, left / 1_000_000) + " ms more: " + reason;
        }
    }

    private static final class HalfOpen extends State {
        private final long sinceNanos;

        /** Calls that may still be let through. */
        private final AtomicInteger places;

        /** Successes without which it does not close. */
        private final AtomicInteger missing;

        HalfOpen(int calls, long sinceNanos) {
            this.sinceNanos = sinceNanos;
            this.places = new AtomicInteger(calls);
            this.missing = new AtomicInteger(calls);
        }

        @Override
        boolean mayPass(CircuitBreaker of) {
            return places.get() > 0 || isOver(of);
        }

        @Override
        boolean isOver(CircuitBreaker of) {
            return isOver(of, sinceNanos);
        }

        @Override
        String describe(CircuitBreaker of) {
            return "half open";
        }
    }
}
