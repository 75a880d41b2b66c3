package io.intramesh.internal.pipeline;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.Attempt;
import io.intramesh.call.Endpoint;
import io.intramesh.call.LoadBalancer;
import io.intramesh.call.MeshRequest;
import io.intramesh.call.Verdict;
import io.intramesh.internal.limit.CircuitBreaker;
import io.intramesh.internal.limit.RequestLimit;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.Protocol;
import io.intramesh.model.TrafficPolicy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Picks the endpoint of each attempt and counts what is under way there. A retry goes to an endpoint that the
 * call has not tried yet, where there is one (RT-05; App Mesh gave up after 5 picks), and of these to one where the last
 * attempt of anybody went well: a retry is worth more there, and the budget goes further.
 */
final class BalancingStage implements CallStage.OfAttempts, CallStage.OfAnswers, CallStage.OfEnds {
    /** How many endpoints a message names. */
    private static final int MAX_NAMED = 3;

    private static final int FIRST_CLIENT_ERROR = 400;
    private static final int FIRST_SERVER_ERROR = 500;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final String RESOURCE_EXHAUSTED = "8";

    private final NanoClock clock;

    BalancingStage(NanoClock clock) {
        this.clock = clock;
    }

    @Override
    public void prepare(MeshCall call, MeshAttempt attempt) throws MeshCallException {
        NodeBinding binding = call.binding();
        binding.endpoints().activate();
        List<Endpoint> endpoints = binding.endpoints().endpoints();
        TrafficPolicies policies = call.snapshot().policies();
        TrafficPolicy breaking = policies.circuitBreaker(call.decision());
        TrafficPolicy limiting = policies.outboundLimit(call.decision());
        LoadBalancer balancer = binding.balancer(policies.choose(call.decision()));
        Endpoint picked = breaking == null && limiting == null
                ? pick(
                        call,
                        attempt,
                        balancer,
                        endpoints,
                        binding.availability().usable(endpoints),
                        binding.availability().leaving())
                : pickPermitted(
                        call,
                        attempt,
                        balancer,
                        endpoints,
                        breaking == null ? null : binding.breakers(breaking),
                        limiting == null ? null : binding.limits(limiting));
        if (picked == null) {
            throw new MeshCallException(Reason.NO_HEALTHY_ENDPOINT, noEndpoint(call, binding));
        }
        picked.requestStarted();
        attempt.useEndpoint(picked);
        if (balancer.learns()) {
            attempt.teaches(balancer);
        }
    }

    @Override
    public @Nullable Verdict responded(MeshCall call, MeshAttempt attempt, int status, Attempt.HeaderLookup headers) {
        RequestLimit limit = attempt.limit();
        if (limit != null && !attempt.isTurnedAway()) {
            String grpc = attempt.protocol() == Protocol.GRPC ? headers.get(GrpcStatus.HEADER) : null;
            if (status == TOO_MANY_REQUESTS || RESOURCE_EXHAUSTED.equals(grpc) || Overload.isSaid(status, headers)) {
                limit.dropped();
            } else if (status >= FIRST_SERVER_ERROR || isFailure(grpc)) {
                limit.failed(attempt.startNanos());
            } else if (status < FIRST_CLIENT_ERROR) {
                limit.succeeded(attempt.startNanos());
            }
        }
        LoadBalancer learner = attempt.learner();
        if (learner != null && !attempt.isTurnedAway()) {
            boolean failed = status >= FIRST_SERVER_ERROR
                    || status == TOO_MANY_REQUESTS
                    || (attempt.protocol() == Protocol.GRPC && isFailure(headers.get(GrpcStatus.HEADER)));
            learner.answered(attempt.endpoint(), clock.nanoTime() - attempt.startNanos(), failed);
        }
        return null;
    }

    @Override
    public @Nullable Verdict failed(
            MeshCall call, MeshAttempt attempt, IOException failure, boolean mayHaveReachedPeer) {
        RequestLimit limit = attempt.limit();
        // Who refuses a connection is not there, and not overloaded; who lets it time out may be. Who does not trust us
        // has time for us, and would have it later.
        if (limit != null
                && !UntrustedPeer.is(attempt, failure, mayHaveReachedPeer)
                && !OutcomeStage.isInterrupt(failure)
                && (mayHaveReachedPeer || attempt.isRefusedByPeer() || failure instanceof InterruptedIOException)) {
            limit.dropped();
        }
        LoadBalancer learner = attempt.learner();
        if (learner != null && !OutcomeStage.isInterrupt(failure)) {
            learner.answered(attempt.endpoint(), clock.nanoTime() - attempt.startNanos(), true);
        }
        return null;
    }

    @Override
    public void trailers(MeshCall call, MeshAttempt attempt, Attempt.HeaderLookup trailers) {
        RequestLimit limit = attempt.limit();
        if (limit != null
                && attempt.protocol() == Protocol.GRPC
                && RESOURCE_EXHAUSTED.equals(trailers.get(GrpcStatus.HEADER))) {
            limit.dropped();
        }
        LoadBalancer learner = attempt.learner();
        if (learner != null && attempt.protocol() == Protocol.GRPC && isFailure(trailers.get(GrpcStatus.HEADER))) {
            learner.answered(attempt.endpoint(), clock.nanoTime() - attempt.startNanos(), true);
        }
    }

    @Override
    public void attemptEnded(MeshCall call, MeshAttempt attempt) {
        attempt.endpoint().requestEnded();
        RequestLimit limit = attempt.limit();
        if (limit != null) {
            limit.release();
        }
    }

    /** Picks among those whose breaker lets a call through and that have room for one, and takes its permit and place. */
    private static Endpoint pickPermitted(
            MeshCall call,
            MeshAttempt attempt,
            LoadBalancer balancer,
            List<Endpoint> endpoints,
            @Nullable Breakers breakers,
            @Nullable EndpointLimits limits)
            throws MeshCallException {
        Predicate<Endpoint> healthy = call.binding().availability().usable(endpoints);
        Predicate<Endpoint> passing = breakers != null && breakers.isAnyOpen()
                ? healthy.and(endpoint -> breakers.of(endpoint).mayPass())
                : healthy;
        Predicate<Endpoint> usable = passing;
        Predicate<Endpoint> leaving = call.binding().availability().leaving();
        boolean asksForRoom = false;
        // Others may take the last place of a half-open breaker, or of a limit, between the look and the step; then the
        // next one is tried.
        for (int tries = 0; tries <= endpoints.size(); tries++) {
            Endpoint picked = pick(call, attempt, balancer, endpoints, usable, leaving);
            if (picked == null) {
                break;
            }
            RequestLimit limit = limits == null ? null : limits.of(picked);
            if (limits != null && limit != null && !limit.tryAcquire()) {
                limits.noRoom(picked);
                // Only now: mostly there is room, and nobody has to be asked.
                usable = asksForRoom ? usable : usable.and(limits::hasRoom);
                leaving = asksForRoom ? leaving : leaving.and(limits::hasRoom);
                asksForRoom = true;
                continue;
            }
            CircuitBreaker breaker = breakers == null ? null : breakers.of(picked);
            Object permit = breaker == null ? null : breaker.tryAcquire();
            if (breaker == null || permit != null) {
                if (breaker != null && permit != null) {
                    attempt.permittedBy(breaker, permit);
                }
                if (limit != null) {
                    attempt.limitedBy(limit);
                }
                return picked;
            }
            if (limit != null) {
                limit.release();
            }
            usable = usable.and(endpoint -> endpoint != picked);
            leaving = leaving.and(endpoint -> endpoint != picked);
        }
        throw refusal(call, attempt, balancer, endpoints, healthy, passing, breakers, limits);
    }

    /** Returns why nobody was picked: the first of health, breakers and limits that leaves none. */
    private static MeshCallException refusal(
            MeshCall call,
            MeshAttempt attempt,
            LoadBalancer balancer,
            List<Endpoint> endpoints,
            Predicate<Endpoint> healthy,
            Predicate<Endpoint> passing,
            @Nullable Breakers breakers,
            @Nullable EndpointLimits limits) {
        if (pick(call, attempt, balancer, endpoints, healthy, BalancingStage::isNobody) == null) {
            return new MeshCallException(Reason.NO_HEALTHY_ENDPOINT, noEndpoint(call, call.binding()));
        }
        boolean mayHaveReachedPeer = call.attempts() > 1;
        if (breakers != null
                && (limits == null
                        || pick(call, attempt, balancer, endpoints, passing, BalancingStage::isNobody) == null)) {
            return new MeshCallException(
                    Reason.CIRCUIT_OPEN,
                    Reason.CIRCUIT_OPEN.status(),
                    call.where() + ": " + breakers.describe(endpoints) + "; find out why it fails, or wait",
                    mayHaveReachedPeer,
                    null);
        }
        return new MeshCallException(
                Reason.LIMIT_REACHED,
                Reason.LIMIT_REACHED.status(),
                call.where() + ": "
                        + (limits == null ? "no room" : limits.describe(endpoints))
                        + "; start more instances, or raise concurrencyLimit.outbound if they can do more",
                mayHaveReachedPeer,
                null);
    }

    private static boolean isNobody(Endpoint any) {
        return false;
    }

    /**
     * @param leaving those of which another is tried, when all that are usable have been, to no avail: one that said it would leave
     *     may be back under its address, and the others may have left without our hearing of it
     */
    private static @Nullable Endpoint pick(
            MeshCall call,
            MeshAttempt attempt,
            LoadBalancer balancer,
            List<Endpoint> endpoints,
            Predicate<Endpoint> usable,
            Predicate<Endpoint> leaving) {
        MeshRequest request = call.request();
        if (!call.hasTriedAny()) {
            return balancer.pick(endpoints, usable, request);
        }
        Predicate<Endpoint> untried = endpoint -> !call.hasTried(endpoint) && usable.test(endpoint);
        Endpoint well =
                balancer.pickAnother(endpoints, endpoint -> !endpoint.isFailing() && untried.test(endpoint), request);
        Endpoint other = well == null ? balancer.pickAnother(endpoints, untried, request) : well;
        // Beside an attempt under way, a second one at the same endpoint would be slow for the same reason.
        if (other != null || attempt.isHedge()) {
            return other;
        }
        Predicate<Endpoint> back = endpoint -> !call.hasTried(endpoint) && leaving.test(endpoint);
        Endpoint returned = endpoints.stream().anyMatch(back) ? balancer.pickAnother(endpoints, back, request) : null;
        return returned == null ? balancer.pickAnother(endpoints, usable, request) : returned;
    }

    /** Tells whether a gRPC status says that the endpoint could not serve the request, as 5xx and 429 do. */
    private static boolean isFailure(@Nullable String grpcStatus) {
        return grpcStatus != null && (GrpcStatus.isServerError(grpcStatus) || grpcStatus.equals(RESOURCE_EXHAUSTED));
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
