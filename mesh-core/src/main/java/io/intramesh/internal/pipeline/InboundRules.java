package io.intramesh.internal.pipeline;

import io.intramesh.call.MeshRequest;
import io.intramesh.internal.route.Caller;
import io.intramesh.internal.route.Decision;
import io.intramesh.internal.route.RoutingTable;
import io.intramesh.internal.time.Chance;
import io.intramesh.model.Concurrency;
import io.intramesh.model.Kind;
import io.intramesh.model.RateLimit;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.Route;
import io.intramesh.model.TargetRef;
import io.intramesh.model.TrafficPolicy;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualService;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a process of a virtual node takes in: from whom, as access policies say, and how much, as traffic policies say: of all
 * requests, and of those of a route or virtual service behind which the node stands. Immutable; compiled with each snapshot.
 */
final class InboundRules {
    /** Everything is taken in. */
    static final InboundRules NONE = new InboundRules(null, null, Set.of(), null, null, null);

    private final @Nullable RateLimit rate;
    private final @Nullable Concurrency concurrency;

    /** Those that limit the rate of a route or virtual service which leads here. */
    private final Set<ResourceId> narrower;

    private final @Nullable TrafficPolicies policies;
    private final @Nullable RoutingTable routing;
    private final @Nullable InboundAccess access;

    private InboundRules(
            @Nullable RateLimit rate,
            @Nullable Concurrency concurrency,
            Set<ResourceId> narrower,
            @Nullable TrafficPolicies policies,
            @Nullable RoutingTable routing,
            @Nullable InboundAccess access) {
        this.rate = rate;
        this.concurrency = concurrency;
        this.narrower = narrower;
        this.policies = policies;
        this.routing = routing;
        this.access = access;
    }

    /** Returns rules that hold for all requests alike. */
    static InboundRules of(@Nullable RateLimit rate, @Nullable Concurrency concurrency) {
        return new InboundRules(rate, concurrency, Set.of(), null, null, null);
    }

    /**
     * @param access lets requests in by access policies; null where none holds
     */
    static InboundRules of(
            VirtualNode node,
            ResourceSet resources,
            TrafficPolicies policies,
            RoutingTable routing,
            @Nullable InboundAccess access) {
        Set<ResourceId> narrower = new HashSet<>();
        for (TrafficPolicy policy : resources.all(TrafficPolicy.class)) {
            if (policy.rateLimit() != null
                    && policy.id().mesh().equals(node.id().mesh())
                    && leadsTo(node, policy.targetRef(), resources)) {
                narrower.add(policy.id());
            }
        }
        TrafficPolicy limiting = policies.ofNode(node.name(), TrafficPolicies::hasInboundLimit);
        TrafficPolicy.ConcurrencyLimit limit = limiting == null ? null : limiting.concurrencyLimit();
        return new InboundRules(
                policies.rateLimit(node.name()),
                limit == null ? null : limit.inbound(),
                Set.copyOf(narrower),
                policies,
                routing,
                access);
    }

    private static boolean leadsTo(VirtualNode node, TargetRef target, ResourceSet resources) {
        String mesh = node.id().mesh();
        if (target.kind() == Kind.ROUTE) {
            return resources.routes(mesh, String.valueOf(target.virtualRouter())).stream()
                    .anyMatch(route -> route.name().equals(target.name()) && leadsTo(node, route));
        }
        VirtualService.Provider provider = target.kind() == Kind.VIRTUAL_SERVICE
                        && resources.get(target.in(mesh)) instanceof VirtualService service
                ? service.provider()
                : null;
        if (provider == null) {
            return false;
        }
        return provider instanceof VirtualService.Provider.Node
                ? provider.name().equals(node.name())
                : resources.routes(mesh, provider.name()).stream().anyMatch(route -> leadsTo(node, route));
    }

    private static boolean leadsTo(VirtualNode node, Route route) {
        return route.spec().weightedTargets().stream()
                .anyMatch(target -> target.virtualNode().equals(node.name()));
    }

    /** Returns what access policies let in, or null where no policy holds. */
    @Nullable
    InboundAccess access() {
        return access;
    }

    /** Returns what the node takes in of all requests, or null where that is everything. */
    @Nullable
    RateLimit rate() {
        return rate;
    }

    /** Returns how many requests the node works on at a time, or null where nothing says it. */
    @Nullable
    Concurrency concurrency() {
        return concurrency;
    }

    /**
     * Returns the policy that limits the rate of the request's route, else of its virtual service; or null. Which these are, is
     * found as its caller found it: by host, port, path and the rest of the match.
     */
    @Nullable
    TrafficPolicy narrowerRate(MeshRequest request) {
        if (narrower.isEmpty() || policies == null || routing == null) {
            return null;
        }
        Caller anybody = routing.caller(null);
        Decision decision = anybody == null ? null : routing.decide(request, anybody, Chance.shared());
        if (decision == null || decision.refusal() != null || decision.isPassThrough()) {
            return null;
        }
        TrafficPolicy policy = policies.narrowerRateLimit(decision);
        return policy != null && narrower.contains(policy.id()) ? policy : null;
    }

    /** Tells whether the policy still limits the rate of some of the requests. */
    boolean limitsRateBy(ResourceId policy) {
        return narrower.contains(policy);
    }
}
