package io.intramesh.internal.pipeline;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.Endpoint;
import io.intramesh.call.LoadBalancer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Picks the endpoint of each attempt and counts what is under way there. A retry goes to an endpoint that the
 * call has not tried yet, where there is one (RT-05; App Mesh gave up after 5 picks).
 */
final class BalancingStage implements CallStage {
    @Override
    public void prepare(MeshCall call, MeshAttempt attempt) throws MeshCallException {
        NodeBinding binding = call.binding();
        binding.endpoints().activate();
        List<Endpoint> endpoints = binding.endpoints().endpoints();
        Endpoint picked = pick(call, binding, endpoints);
        if (picked == null) {
            throw new MeshCallException(Reason.NO_HEALTHY_ENDPOINT, noEndpoint(call, binding));
        }
        picked.requestStarted();
        attempt.useEndpoint(picked);
    }

    @Override
    public void attemptEnded(MeshCall call, MeshAttempt attempt) {
        attempt.endpoint().requestEnded();
    }

    private static @Nullable Endpoint pick(MeshCall call, NodeBinding binding, List<Endpoint> endpoints) {
        LoadBalancer balancer = binding.balancer(call.snapshot().policies().choose(call.decision()));
        if (!call.hasTriedAny()) {
            return balancer.pick(endpoints, BalancingStage::any);
        }
        Endpoint other = balancer.pick(endpoints, endpoint -> !call.hasTried(endpoint));
        return other == null ? balancer.pick(endpoints, BalancingStage::any) : other;
    }

    @SuppressWarnings("unused") // the balancer asks about each endpoint
    private static boolean any(Endpoint endpoint) {
        return true;
    }

    private static String noEndpoint(MeshCall call, NodeBinding binding) {
        String problem = binding.endpoints().problem();
        return call.where() + " has no endpoint"
                + (problem == null ? "; start an instance, or check its service discovery" : ": " + problem);
    }
}
