package io.intramesh.internal.balance;

import io.intramesh.call.Endpoint;
import io.intramesh.internal.time.NanoClock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/*
 * Of two choices the one whose answers took less time, by the requests under way there, as in Finagle [1] and Linkerd [2].
 * An endpoint's cost is a moving average of its latencies that jumps: a latency above it becomes the cost at once, one below
 * it is weighed in with 1 - exp(-dt / decay). So trouble shows with the first slow answer, and is forgiven slowly. The load
 * that two endpoints are compared by is cost x (requests under way + 1). Nobody calls an endpoint that was very slow; so that
 * it is looked at again, a cost decays while nothing is measured, too.
 *
 * Balancers by latency love endpoints that fail fast. Linkerd 2.20 records 5 s in place of the latency of a failure. Here a
 * failure records ten times the cost that the endpoint has, up to these 5 s, ten being what Dialogue [3] weighs a failure by:
 * one failure of many moves traffic away for 2.3 times the decay at most, while an endpoint that does nothing but fail is at
 * 5 s within four answers.
 *
 * An endpoint without a measurement gets the median of what is known about the others, when it is first compared; a constant
 * (Linkerd: 30 ms) would flood it where others are slower, and starve it where they are faster. Where nothing is known about
 * any, requests under way decide alone.
 *
 * Cost: a look at the clock and up to two exponentials for each pick, one compare-and-set for each answer, no allocation: cost
 * and time are one long.
 *
 * The cost is kept with the endpoint, not with the balancer: it is the endpoint's, whichever route or reload asks.
 *
 * [1] Finagle, com.twitter.finagle.loadbalancer.PeakEwma.
 * [2] Linkerd documentation, "Load balancing"; release notes of 2.20 for penalties.
 * [3] Palantir Dialogue, README, "Balanced".
 */
final class PeakEwma extends TwoChoices {
    /** Linkerd's. */
    private static final double MAX_PENALTY_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Dialogue's weight of a failure, in requests under way. */
    private static final double PENALTY_FACTOR = 10;

    /** A tick is about a millisecond. 32 bits of them are kept: who was idle for 26 days counts as just measured. */
    private static final int TICK_BITS = 20;

    private static final double TICK_NANOS = 1 << TICK_BITS;
    private static final float UNKNOWN = 0;
    private static final float LEAST_NANOS = 1;

    private final NanoClock clock;
    private final double decayNanos;

    PeakEwma(RandomGenerator chance, NanoClock clock, Duration decay) {
        super(chance);
        this.clock = clock;
        this.decayNanos = decay.toNanos();
    }

    @Override
    Endpoint better(List<Endpoint> endpoints, Endpoint first, Endpoint second) {
        int now = tick();
        float one = cost(first, now);
        float other = cost(second, now);
        if (one == UNKNOWN || other == UNKNOWN) {
            float seed = median(endpoints, now);
            one = one == UNKNOWN ? seeded(first, seed, now) : one;
            other = other == UNKNOWN ? seeded(second, seed, now) : other;
        }
        return other * (busy(endpoints, second) + 1) < one * (busy(endpoints, first) + 1) ? second : first;
    }

    @Override
    public boolean learns() {
        return true;
    }

    @Override
    public void answered(Endpoint endpoint, long nanos, boolean failed) {
        AtomicLong state = state(endpoint);
        int now = tick();
        for (; ; ) {
            long seen = state.get();
            if (state.compareAndSet(seen, pack(after(seen, now, nanos, failed), now))) {
                return;
            }
        }
    }

    /** Returns the cost that an answer leaves. */
    private float after(long seen, int now, long nanos, boolean failed) {
        float before = cost(seen);
        double measured = nanos;
        if (failed) {
            double current = Math.max(measured, decayed(seen, now));
            measured = Math.max(measured, Math.min(MAX_PENALTY_NANOS, PENALTY_FACTOR * current));
        }
        if (before == UNKNOWN || measured >= before) {
            return (float) Math.max(LEAST_NANOS, measured);
        }
        double kept = kept(seen, now);
        return (float) Math.max(LEAST_NANOS, before * kept + measured * (1 - kept));
    }

    /** Returns the endpoint's cost by now, or {@code UNKNOWN}. */
    private float cost(Endpoint endpoint, int now) {
        return decayed(state(endpoint).get(), now);
    }

    private float decayed(long state, int now) {
        float cost = cost(state);
        return cost == UNKNOWN ? UNKNOWN : (float) Math.max(LEAST_NANOS, cost * kept(state, now));
    }

    /** Returns what is left, of 1, of a weight since the last measurement. */
    private double kept(long state, int now) {
        int ticks = now - (int) state;
        return ticks <= 0 ? 1 : Math.exp(-ticks * TICK_NANOS / decayNanos);
    }

    private static float seeded(Endpoint endpoint, float seed, int now) {
        if (seed == UNKNOWN) {
            return LEAST_NANOS;
        }
        // Whoever measured meanwhile knows better.
        state(endpoint).compareAndSet(UNMEASURED, pack(seed, now));
        return seed;
    }

    private float median(List<Endpoint> endpoints, int now) {
        float[] known = new float[endpoints.size()];
        int count = 0;
        for (int i = 0; i < endpoints.size(); i++) {
            float cost = cost(endpoints.get(i), now);
            if (cost != UNKNOWN) {
                known[count++] = cost;
            }
        }
        Arrays.sort(known, 0, count);
        return count == 0 ? UNKNOWN : known[count / 2];
    }

    private int tick() {
        return (int) (clock.nanoTime() >> TICK_BITS);
    }

    /** Cost above, tick below; no cost stands for no measurement. */
    private static final long UNMEASURED = 0;

    private static long pack(float cost, int tick) {
        return (long) Float.floatToRawIntBits(cost) << Integer.SIZE | Integer.toUnsignedLong(tick);
    }

    private static float cost(long state) {
        return Float.intBitsToFloat((int) (state >>> Integer.SIZE));
    }

    private static AtomicLong state(Endpoint endpoint) {
        return endpoint.attachment(PeakEwma.class, PeakEwma::unmeasured);
    }

    @SuppressWarnings("unused") // every endpoint begins in the same way
    private static AtomicLong unmeasured(Endpoint endpoint) {
        return new AtomicLong(UNMEASURED);
    }
}
