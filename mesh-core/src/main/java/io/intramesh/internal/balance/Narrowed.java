package io.intramesh.internal.balance;

import io.intramesh.call.Endpoint;
import io.intramesh.call.LoadBalancer;
import io.intramesh.call.MeshRequest;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Hands a balancer only some of the endpoints, another choice for each pick; where none of these is usable, all. */
abstract class Narrowed implements LoadBalancer {
    private final LoadBalancer balancer;

    Narrowed(LoadBalancer balancer) {
        this.balancer = balancer;
    }

    /** Returns who takes part in this pick among those that are usable; {@code usable} itself where all of them do. */
    abstract Predicate<Endpoint> narrow(
            List<Endpoint> endpoints, Predicate<Endpoint> usable, @Nullable MeshRequest request);

    @Override
    public final @Nullable Endpoint pick(List<Endpoint> endpoints, Predicate<Endpoint> usable) {
        Predicate<Endpoint> some = narrow(endpoints, usable, null);
        Endpoint picked = balancer.pick(endpoints, some);
        return picked == null && some != usable ? balancer.pick(endpoints, usable) : picked;
    }

    @Override
    public final @Nullable Endpoint pick(List<Endpoint> endpoints, Predicate<Endpoint> usable, MeshRequest request) {
        Predicate<Endpoint> some = narrow(endpoints, usable, request);
        Endpoint picked = balancer.pick(endpoints, some, request);
        return picked == null && some != usable ? balancer.pick(endpoints, usable, request) : picked;
    }

    @Override
    public final @Nullable Endpoint pickAnother(
            List<Endpoint> endpoints, Predicate<Endpoint> usable, MeshRequest request) {
        Predicate<Endpoint> some = narrow(endpoints, usable, request);
        Endpoint picked = balancer.pickAnother(endpoints, some, request);
        return picked == null && some != usable ? balancer.pickAnother(endpoints, usable, request) : picked;
    }

    @Override
    public final boolean learns() {
        return balancer.learns();
    }

    @Override
    public final void answered(Endpoint endpoint, long nanos, boolean failed) {
        balancer.answered(endpoint, nanos, failed);
    }

    @Override
    public void recovered(Endpoint endpoint) {
        balancer.recovered(endpoint);
    }
}
