package io.intramesh.internal.pipeline;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.Endpoint;
import io.intramesh.call.LoadBalancer;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Picks the endpoint of each attempt and counts what is under way there. A retry goes to an endpoint that the
 * call has not tried yet, where there is one (RT-05; App Mesh gave up after 5 picks).
 */
final class BalancingStage implements CallStage {
    /** How many endpoints a message names. */
    private static final int MAX_NAMED = 3;

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
        Predicate<Endpoint> usable = binding.availability().usable(endpoints);
        if (!call.hasTriedAny()) {
            return balancer.pick(endpoints, usable);
        }
        Endpoint other = balancer.pick(endpoints, endpoint -> !call.hasTried(endpoint) && usable.test(endpoint));
        return other == null ? balancer.pick(endpoints, usable) : other;
    }

    private static String noEndpoint(MeshCall call, NodeBinding binding) {
        List<Endpoint> known = binding.endpoints().endpoints();
        if (!known.isEmpty()) {
            return call.where() + ": none of its " + known.size() + " endpoints can be used ("
                    + known.stream()
                            .limit(MAX_NAMED)
                            .map(endpoint ->
                                    endpoint + " " + binding.availability().describe(endpoint))
                            .collect(Collectors.joining("; "))
                    + (known.size() > MAX_NAMED ? "; …" : "") + "); find out why they fail";
        }
        String problem = binding.endpoints().problem();
        return call.where() + " has no endpoint"
                + (problem == null ? "; start an instance, or check its service discovery" : ": " + problem);
    }
}
