package io.intramesh.internal.route;

import io.intramesh.model.Protocol;
import io.intramesh.model.RetryPolicy;
import io.intramesh.model.Timeouts;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What becomes of a request once its route, or the virtual node behind its service, is known. Immutable. */
final class Plan {
    private final @Nullable String route;
    private final @Nullable Protocol protocol;
    private final List<Target> targets;
    private final @Nullable RetryPolicy retryPolicy;
    private final @Nullable Timeouts timeouts;

    /** Targets with a weight above 0, and the sums of the weights up to and including each. */
    private final Target[] weighted;

    private final int[] sums;

    Plan(
            @Nullable String route,
            @Nullable Protocol protocol,
            List<Target> targets,
            @Nullable RetryPolicy retryPolicy,
            @Nullable Timeouts timeouts) {
        this.route = route;
        this.protocol = protocol;
        this.targets = List.copyOf(targets);
        this.retryPolicy = retryPolicy;
        this.timeouts = timeouts;
        this.weighted = targets.stream().filter(target -> target.weight() > 0).toArray(Target[]::new);
        this.sums = new int[weighted.length];
        int sum = 0;
        for (int i = 0; i < sums.length; i++) {
            sum += weighted[i].weight();
            sums[i] = sum;
        }
    }

    /** Returns the name of the route, or null where a virtual node is the provider. */
    @Nullable
    String route() {
        return route;
    }

    /** Returns the protocol, or null where nothing says it. */
    @Nullable
    Protocol protocol() {
        return protocol;
    }

    /** Returns all targets as declared, those of weight 0 included. */
    List<Target> targets() {
        return targets;
    }

    @Nullable
    RetryPolicy retryPolicy() {
        return retryPolicy;
    }

    /** Returns the limits that the route declares, or null. */
    @Nullable
    Timeouts timeouts() {
        return timeouts;
    }

    /** Returns the sum of all weights. */
    int weightSum() {
        return sums[sums.length - 1];
    }

    /** Picks a target at random, in proportion to the weights. At most ten targets, so a walk is quicker than a search. */
    Target pick(RandomGenerator chance) {
        if (weighted.length == 1) {
            return weighted[0];
        }
        int drawn = chance.nextInt(weightSum());
        int i = 0;
        while (drawn >= sums[i]) {
            i++;
        }
        return weighted[i];
    }
}
