package io.intramesh.internal.balance;

import static java.util.Objects.requireNonNull;

import io.intramesh.call.LoadBalancer;
import io.intramesh.internal.time.Chance;
import java.util.random.RandomGenerator;

/** The built-in load balancers. Each instance serves one virtual node. */
public final class LoadBalancers {
    private LoadBalancers() {}

    /** Returns a balancer that takes each endpoint in turn, beginning anywhere. */
    public static LoadBalancer roundRobin() {
        // All processes of a rollout start together and see the endpoints in the same order. If each began with the
        // first, that one would get the first call of them all.
        return new RoundRobin(Chance.shared().nextInt());
    }

    /**
     * Returns a balancer that draws two endpoints and takes the one with fewer requests under way.
     *
     * @param chance drawn from by every thread that picks
     */
    public static LoadBalancer leastRequest(RandomGenerator chance) {
        return new LeastRequest(requireNonNull(chance, "chance"));
    }
}
