package io.intramesh.internal.balance;

import static java.util.Objects.requireNonNull;

import io.intramesh.call.LoadBalancer;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.LoadBalancing;
import io.intramesh.model.LoadBalancing.Algorithm;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Makes the built-in load balancers of a process. Each instance made serves one virtual node. */
public final class LoadBalancers {
    private final NanoClock clock;
    private final RandomGenerator chance;
    private final @Nullable String zone;
    private final long source;

    /**
     * @param chance drawn from by every thread that picks
     * @param zone of this process; null where it is unknown
     */
    public LoadBalancers(NanoClock clock, RandomGenerator chance, @Nullable String zone) {
        this.clock = requireNonNull(clock, "clock");
        this.chance = requireNonNull(chance, "chance");
        this.zone = zone;
        // Odd, and so not the key that stands for none.
        this.source = chance.nextLong() | 1;
    }

    /** Returns a balancer that takes each endpoint in turn, beginning anywhere. */
    public LoadBalancer roundRobin() {
        // All processes of a rollout start together and see the endpoints in the same order. If each began with the
        // first, that one would get the first call of them all.
        return new RoundRobin(chance.nextInt());
    }

    /** Returns a balancer for these settings. */
    public LoadBalancer of(LoadBalancing settings) {
        LoadBalancer picking = of(settings.algorithm());
        Draws draws = picking instanceof ConsistentHash sticky ? sticky : (request, salt) -> chance.nextDouble();
        String here = zone;
        LoadBalancer near =
                settings.prefersOwnZone() && here != null ? new ZonePreference(picking, here, draws) : picking;
        Duration window = settings.slowStart();
        // Outermost: it notes who was there from the start, and has to see them all.
        return window == null ? near : new SlowStart(near, clock, window, draws);
    }

    private LoadBalancer of(Algorithm algorithm) {
        if (algorithm instanceof LoadBalancing.LeastRequest) {
            return new LeastRequest(chance);
        }
        if (algorithm instanceof LoadBalancing.PeakEwma ewma) {
            return new PeakEwma(chance, clock, ewma.decay());
        }
        if (algorithm instanceof LoadBalancing.ConsistentHash hash) {
            return new ConsistentHash(new RequestKey(hash.key(), source), hash.maxLoad(), chance);
        }
        return roundRobin();
    }
}
