package io.intramesh.internal.limit;

import static java.util.Objects.requireNonNull;

import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.Concurrency;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/*
 * Idea. A server answers in some time as long as requests do not wait for each other; beyond that, each further request under way
 * adds to everybody's wait and to nobody's answers. By Little's law the place where that begins is the one where latency leaves
 * what it is without load. So the limit is moved by the ratio of the two, the gradient, as in [1] and [2].
 *
 * Answers are looked at in windows, which last for at least two latencies: what a window shows then comes from the limit that
 * it began with. At the end of each:
 *   - latency is the mean of the middle half of the window's answers (see Latencies);
 *   - above TOLERANCE times the base, the latency without load, the limit is cut to limit * TOLERANCE * base / latency, at once
 *     but by no more than half: by Little's law that is where latency was at the tolerance;
 *   - up to 1 + BUFFER times the base it grows by its square root, if more than half of it was used and nothing failed;
 *   - in between it stays, so that it does not swing.
 *
 * The base is what the two sources differ in. [2] averages over the last 600 samples: an overload that lasts becomes its own
 * norm, and the limit creeps to its maximum. [1] cuts the limit to 3 each minute to see the server idle, and refuses what comes
 * meanwhile. Here
 *   - shorter latencies are learnt quickly, whenever they are seen;
 *   - longer ones slowly, over a minute, while less than half of the limit is used: then it is not us whom they come from;
 *   - and quickly at the minimum: if latency does not fall with the limit, the callee has become slower;
 *   - after a minute at the limit, during which neither could be seen, the limit is halved for two windows, one to let the queue
 *     run dry and one to measure. Half is enough, since the limit is at most TOLERANCE times what the server does at a time.
 *     Where that shows the base to have been wrong by more than the buffer, the half stays, and it is done again. Nothing is
 *     halved where nobody is refused.
 *
 * What fails. A quick failure says nothing about the server's speed: it is no answer of the window, so that no error page can
 * pass for a fast server; but while more than a twentieth of the calls fails, nothing grows. A failure that took longer than
 * the tolerance counts as an answer that took so long. What the server said was too much for it, and what it did not answer at
 * all, are drops: the limit is cut by their share where that is more than a twentieth. Plain errors do not cut: a bug in one
 * tenth of the requests must not end in a refusal of the rest.
 *
 * While less than half of the limit is used, latency does not move it, as in [2], except that it returns to its start.
 *
 * Cost: for a call two or three atomic increments and one reading of the clock; no lock and no allocation. For a window, one
 * object. One thread at a time closes a window, the others go on.
 *
 * [1] Envoy 1.31, "Adaptive Concurrency", gradient controller.
 * [2] Netflix concurrency-limits 0.5, Gradient2Limit.
 */

/** Says how many calls there may be at a time, by what comes of them. Safe for use by several threads. */
final class GradientLimit {
    /** Netflix: initial limit of Gradient2Limit. */
    static final int START = 20;

    /** Netflix: rttTolerance. */
    static final double TOLERANCE = 1.5;

    /** Envoy: buffer of the gradient controller, 25 %. */
    static final double BUFFER = 0.25;

    /** Netflix: Gradient2Limit lets no window cut more than half; Envoy's gradient has the same floor. */
    private static final double MIN_GRADIENT = 0.5;

    /** Netflix: smoothing of Gradient2Limit. */
    private static final double SMOOTHING = 0.2;

    /** Envoy: admission control takes a success rate of 95 % for healthy. */
    private static final double TOLERATED_FAILURES = 0.05;

    /** Envoy: concurrency_update_interval as in its documentation. */
    private static final long MIN_SPAN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** A window never waits longer than that for its end, however slow the answers are. */
    private static final long MAX_SPAN_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Envoy: request_count of a minimum's measurement. */
    private static final int ENOUGH = 50;

    /** Netflix: WindowedLimit looks at no fewer than ten samples, and after a second at the latest where it has these. */
    private static final int FEW = 10;

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Envoy: interval of min_rtt_calc_params as in its documentation, with a jitter of 15 %. */
    private static final double MINUTE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final double JITTER = 0.15;

    private final Concurrency.Gradient settings;
    private final ConcurrencyLimit places;
    private final NanoClock clock;
    private final RandomGenerator chance;
    private final Consumer<GradientLimit> moved;

    // Written by calls.
    private final Latencies latencies = new Latencies();
    private final AtomicInteger answers = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger drops = new AtomicInteger();
    private final AtomicInteger peak = new AtomicInteger();

    // Written by the one who closes a window.
    private final AtomicBoolean closing = new AtomicBoolean();
    private volatile Window window;

    /**
     * @param former what was learnt under other settings, or null
     * @param places that calls take
     * @param moved told when the bound is another one
     */
    GradientLimit(
            Concurrency.Gradient settings,
            @Nullable GradientLimit former,
            ConcurrencyLimit places,
            NanoClock clock,
            RandomGenerator chance,
            Consumer<GradientLimit> moved) {
        this.settings = requireNonNull(settings, "settings");
        this.places = requireNonNull(places, "places");
        this.clock = requireNonNull(clock, "clock");
        this.chance = requireNonNull(chance, "chance");
        long now = clock.nanoTime();
        this.moved = requireNonNull(moved, "moved");
        Window last = former == null ? null : former.window;
        this.window = last == null
                ? new Window(now, MIN_SPAN_NANOS, start(), 0, now, interval(), Phase.OPEN)
                : last.next(now, last.spanNanos, within(last.limit), last.baseNanos, last.freshNanos, Phase.OPEN);
    }

    /** Returns how many calls there may be at a time. */
    int bound() {
        Window now = window;
        return (int) (now.phase == Phase.OPEN ? now.limit : Math.max(settings.minRequests(), now.limit / 2));
    }

    Concurrency.Gradient settings() {
        return settings;
    }

    /** Learns that a place was taken. */
    void started() {
        int used = places.inUse();
        int seen = peak.get();
        while (used > seen && !peak.compareAndSet(seen, used)) {
            seen = peak.get();
        }
    }

    void succeeded(long startNanos) {
        long now = clock.nanoTime();
        latencies.record(now - startNanos);
        answers.incrementAndGet();
        look(now);
    }

    /** Learns of a failure that does not say that there is too much to do. */
    void failed(long startNanos) {
        long now = clock.nanoTime();
        failures.incrementAndGet();
        double base = window.baseNanos;
        if (base > 0 && now - startNanos > base * TOLERANCE) {
            latencies.record(now - startNanos);
            answers.incrementAndGet();
        }
        look(now);
    }

    /** Learns that the callee had too much to do, or did not answer. */
    void dropped() {
        drops.incrementAndGet();
        look(clock.nanoTime());
    }

    /** Returns the latency without load in nanoseconds, 0 while it is unknown. */
    long baseNanos() {
        return (long) window.baseNanos;
    }

    private void look(long now) {
        Window seen = window;
        long open = now - seen.sinceNanos;
        if (open < seen.spanNanos || !isTelling(open) || !closing.compareAndSet(false, true)) {
            return;
        }
        try {
            if (isSame(seen, window)) {
                Window next = close(seen, now);
                window = next;
                if (bound() != places.bounds().maxConcurrent()) {
                    moved.accept(this);
                }
            }
        } finally {
            closing.set(false);
        }
    }

    private boolean isTelling(long open) {
        int seen = answers.get() + drops.get();
        return seen >= ENOUGH || (seen >= FEW && open >= PATIENCE_NANOS);
    }

    /** Returns what follows a window. By one thread at a time. */
    private Window close(Window seen, long now) {
        int answered = answers.getAndSet(0);
        int failed = failures.getAndSet(0);
        int dropped = drops.getAndSet(0);
        int used = peak.getAndSet(places.inUse());
        double latency = latencies.takeMidmean();
        boolean isKnown = answered >= FEW;
        long span = isKnown ? span(latency) : seen.spanNanos;
        return switch (seen.phase) {
            case DRAINING -> seen.next(now, span, seen.limit, seen.baseNanos, seen.freshNanos, Phase.PROBING);
            case PROBING -> {
                // Where half of the limit is much quicker, half of that may be quicker still.
                boolean isWrong = isKnown && latency * (1 + BUFFER) < seen.baseNanos;
                double half = Math.max(settings.minRequests(), seen.limit / 2);
                double base = isKnown ? latency : seen.baseNanos;
                Phase phase = isWrong && half > settings.minRequests() ? Phase.DRAINING : Phase.OPEN;
                yield new Window(now, span, isWrong ? half : seen.limit, base, now, interval(), phase);
            }
            case OPEN -> {
                boolean isQuiet = used * 2.0 < seen.limit;
                boolean isLeast = seen.limit <= settings.minRequests();
                double base = isKnown ? base(seen, latency, now, isQuiet, isLeast) : seen.baseNanos;
                double total = Math.max(1, answered + dropped);
                double limit = seen.limit * gradient(isKnown && !isQuiet ? latency : 0, base, dropped / total);
                boolean isWell = isKnown
                        && latency <= base * (1 + BUFFER)
                        && failed + dropped <= TOLERATED_FAILURES * (total + failed);
                if (isWell && (used * 2.0 > seen.limit || seen.limit < start())) {
                    limit += Math.sqrt(limit);
                }
                limit = within(limit);
                boolean isFresh = isQuiet || isLeast;
                // What is learnt first and under load may be the latency of a queue.
                boolean isStale = !isFresh && (seen.baseNanos == 0 || now - seen.freshNanos >= seen.intervalNanos);
                yield seen.next(
                        now,
                        span,
                        limit,
                        base,
                        isFresh ? now : seen.freshNanos,
                        isStale && used >= (int) seen.limit ? Phase.DRAINING : Phase.OPEN);
            }
        };
    }

    private static double base(Window seen, double latency, long now, boolean isQuiet, boolean isLeast) {
        double base = seen.baseNanos;
        if (base == 0) {
            return latency;
        }
        double weight = latency <= base || isLeast
                ? SMOOTHING
                : isQuiet ? 1 - Math.exp(-(now - seen.sinceNanos) / MINUTE_NANOS) : 0;
        return base + weight * (latency - base);
    }

    /** Returns what the limit is multiplied by, at most 1. */
    private static double gradient(double latency, double base, double dropped) {
        double slower = latency > 0 && base > 0 ? TOLERANCE * base / latency : 1;
        double refused = dropped > TOLERATED_FAILURES ? 1 - dropped : 1;
        return Math.min(1, Math.max(MIN_GRADIENT, Math.min(slower, refused)));
    }

    private double start() {
        return within(START);
    }

    private double within(double limit) {
        return Math.min(settings.maxRequests(), Math.max(settings.minRequests(), limit));
    }

    private static long span(double latency) {
        return Math.min(MAX_SPAN_NANOS, Math.max(MIN_SPAN_NANOS, (long) (2 * latency)));
    }

    private long interval() {
        return (long) (MINUTE_NANOS * (1 + JITTER * chance.nextDouble()));
    }

    // A window is one object from its beginning to its end.
    private static boolean isSame(Window one, Window other) {
        return one == other;
    }

    private enum Phase {
        /** The limit holds. */
        OPEN,
        /** Half of the limit holds, until the queue is dry. */
        DRAINING,
        /** Half of the limit holds, and latency is measured. */
        PROBING
    }

    /** What holds until the next window. Immutable; compared by identity. */
    private static final class Window {
        private final long sinceNanos;
        private final long spanNanos;
        private final double limit;

        /** Latency without load, 0 while it is unknown. */
        private final double baseNanos;

        /** When the base was last seen to hold. */
        private final long freshNanos;

        /** How long it is believed to. */
        private final long intervalNanos;

        private final Phase phase;

        Window(
                long sinceNanos,
                long spanNanos,
                double limit,
                double baseNanos,
                long freshNanos,
                long intervalNanos,
                Phase phase) {
            this.sinceNanos = sinceNanos;
            this.spanNanos = spanNanos;
            this.limit = limit;
            this.baseNanos = baseNanos;
            this.freshNanos = freshNanos;
            this.intervalNanos = intervalNanos;
            this.phase = phase;
        }

        Window next(long now, long span, double nextLimit, double base, long fresh, Phase nextPhase) {
            return new Window(now, span, nextLimit, base, fresh, intervalNanos, nextPhase);
        }
    }
}
