package io.intramesh.internal.pipeline;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.Endpoint;
import io.intramesh.call.LoadBalancer;
import io.intramesh.internal.limit.CircuitBreaker;
import io.intramesh.model.TrafficPolicy;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Picks the endpoint of each attempt and counts what is under way there. A retry goes to an endpoint that the
 * call has not tried yet, where there is one (RT-05; App Mesh gave up after 5 picks), and of these to one where the last
 * attempt of anybody went well: a retry is worth more there, and the budget goes further.
 */
final class BalancingStage implements CallStage {
    /** How many endpoints a message names. */
    private static final int MAX_NAMED = 3;

    @Override
    public void prepare(MeshCall call, MeshAttempt attempt) throws MeshCallException {
        NodeBinding binding = call.binding();
        binding.endpoints().activate();
        List<Endpoint> endpoints = binding.endpoints().endpoints();
        TrafficPolicy policy = call.snapshot().policies().circuitBreaker(call.decision());
        Endpoint picked = policy == null
                ? pick(call, binding, endpoints, binding.availability().usable(endpoints))
                : pickPermitted(call, attempt, endpoints, binding.breakers(policy));
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

    /** Picks among those whose breaker lets a call through, and takes its permit. */
    private static @Nullable Endpoint pickPermitted(
            MeshCall call, MeshAttempt attempt, List<Endpoint> endpoints, Breakers breakers) throws MeshCallException {
        NodeBinding binding = call.binding();
        Predicate<Endpoint> healthy = binding.availability().usable(endpoints);
        Predicate<Endpoint> usable = breakers.isAnyOpen()
                ? healthy.and(endpoint -> breakers.of(endpoint).mayPass())
                : healthy;
        // Others may take the last place of a half-open breaker between the look and the step; then the next one is
        // tried.
        for (int tries = 0; tries <= endpoints.size(); tries++) {
            Endpoint picked = pick(call, binding, endpoints, usable);
            if (picked == null) {
                break;
            }
            CircuitBreaker breaker = breakers.of(picked);
            Object permit = breaker.tryAcquire();
            if (permit != null) {
                attempt.permittedBy(breaker, permit);
                return picked;
            }
            usable = usable.and(endpoint -> endpoint != picked);
        }
        if (pick(call, binding, endpoints, healthy) == null) {
            return null;
        }
        throw new MeshCallException(
                Reason.CIRCUIT_OPEN,
                Reason.CIRCUIT_OPEN.status(),
                call.where() + ": " + breakers.describe(endpoints) + "; find out why it fails, or wait",
                call.attempts() > 1,
                null);
    }

    private static @Nullable Endpoint pick(
            MeshCall call, NodeBinding binding, List<Endpoint> endpoints, Predicate<Endpoint> usable) {
        LoadBalancer balancer = binding.balancer(call.snapshot().policies().choose(call.decision()));
        if (!call.hasTriedAny()) {
            return balancer.pick(endpoints, usable);
        }
        Predicate<Endpoint> untried = endpoint -> !call.hasTried(endpoint) && usable.test(endpoint);
        Endpoint well = balancer.pick(endpoints, endpoint -> !endpoint.isFailing() && untried.test(endpoint));
        Endpoint other = well == null ? balancer.pick(endpoints, untried) : well;
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
