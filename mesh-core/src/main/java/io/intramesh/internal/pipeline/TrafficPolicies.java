package io.intramesh.internal.pipeline;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.groupingBy;

import io.intramesh.explain.Explanation;
import io.intramesh.internal.route.Decision;
import io.intramesh.internal.route.HeaderConditions;
import io.intramesh.model.Concurrency;
import io.intramesh.model.Kind;
import io.intramesh.model.LoadBalancing;
import io.intramesh.model.RateLimit;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.TrafficPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which traffic policy holds for a call, part by part: that of its route, else of its virtual service, its virtual node, the
 * mesh. Where several policies name the same target, the first one by declaration that has the part holds. Immutable.
 */
final class TrafficPolicies {
    private final List<TrafficPolicy> all;

    // By plain names, which a call has at hand; an id would have to be made for each look.
    private final List<TrafficPolicy> ofMesh;
    private final Map<String, List<TrafficPolicy>> byNode;
    private final Map<String, List<TrafficPolicy>> byService;
    private final Map<String, Map<String, List<TrafficPolicy>>> byRouterAndRoute;
    private final boolean hasOwnDefault;
    private final @Nullable String zone;
    private final boolean hasCircuitBreakers;
    private final boolean hasRateLimits;
    private final boolean hasHedges;
    private final boolean hasOutboundLimits;
    private final boolean hasMirrors;

    /** By policy; only of those that have a fault. */
    private final Map<ResourceId, HeaderConditions> faultConditions;

    private TrafficPolicies(String mesh, List<TrafficPolicy> all, boolean hasOwnDefault, @Nullable String zone) {
        this.all = all;
        this.ofMesh = all.stream()
                .filter(policy -> policy.targetRef().in(mesh).equals(ResourceId.mesh(mesh)))
                .toList();
        this.byNode = byName(all, Kind.VIRTUAL_NODE);
        this.byService = byName(all, Kind.VIRTUAL_SERVICE);
        this.byRouterAndRoute = all.stream()
                .filter(policy -> policy.targetRef().kind() == Kind.ROUTE)
                .collect(groupingBy(
                        policy -> requireNonNull(policy.targetRef().virtualRouter()),
                        groupingBy(policy -> policy.targetRef().name())));
        this.hasOwnDefault = hasOwnDefault;
        this.zone = zone;
        this.hasCircuitBreakers = all.stream().anyMatch(policy -> policy.circuitBreaker() != null);
        this.hasRateLimits = all.stream().anyMatch(policy -> policy.rateLimit() != null);
        this.hasHedges = all.stream().anyMatch(policy -> policy.hedge() != null);
        this.hasOutboundLimits = all.stream().anyMatch(TrafficPolicies::hasOutboundLimit);
        this.hasMirrors = all.stream().anyMatch(policy -> policy.mirror() != null);
        Map<ResourceId, HeaderConditions> conditions = new HashMap<>();
        for (TrafficPolicy policy : all) {
            TrafficPolicy.Fault fault = policy.fault();
            if (fault != null) {
                conditions.put(policy.id(), HeaderConditions.of(fault.headers()));
            }
        }
        this.faultConditions = Map.copyOf(conditions);
    }

    private static Map<String, List<TrafficPolicy>> byName(List<TrafficPolicy> policies, Kind kind) {
        return policies.stream()
                .filter(policy -> policy.targetRef().kind() == kind)
                .collect(groupingBy(policy -> policy.targetRef().name()));
    }

    /**
     * @param hasOwnDefault whether the application brings the balancer that holds where no policy chooses
     * @param zone of this process; null where it is unknown
     */
    static TrafficPolicies of(String mesh, ResourceSet resources, boolean hasOwnDefault, @Nullable String zone) {
        List<TrafficPolicy> all = resources.all(TrafficPolicy.class).stream()
                .filter(policy -> policy.id().mesh().equals(mesh))
                .toList();
        return new TrafficPolicies(mesh, all, hasOwnDefault, zone);
    }

    /** Returns the choice, or null for the default. Costs one look at an empty map where nobody chose anything. */
    @Nullable
    LoadBalancing choose(Decision decision) {
        TrafficPolicy policy = find(decision, has -> has.loadBalancing() != null);
        return policy == null ? null : policy.loadBalancing();
    }

    /** Returns the policy whose breaker the call has to pass, or null. */
    @Nullable
    TrafficPolicy circuitBreaker(Decision decision) {
        return hasCircuitBreakers ? find(decision, has -> has.circuitBreaker() != null) : null;
    }

    /** Returns the policy by which the call may be sent twice at a time, or null. */
    @Nullable
    TrafficPolicy hedge(Decision decision) {
        return hasHedges ? find(decision, has -> has.hedge() != null) : null;
    }

    /** Returns the policy that bounds what the call's endpoint has under way, or null. */
    @Nullable
    TrafficPolicy outboundLimit(Decision decision) {
        return hasOutboundLimits ? find(decision, TrafficPolicies::hasOutboundLimit) : null;
    }

    /** Returns the policy of that name, or null. */
    @Nullable
    TrafficPolicy named(ResourceId policy) {
        for (TrafficPolicy known : all) {
            if (known.id().equals(policy)) {
                return known;
            }
        }
        return null;
    }

    static boolean hasOutboundLimit(TrafficPolicy policy) {
        return outbound(policy) != null;
    }

    static boolean hasInboundLimit(TrafficPolicy policy) {
        TrafficPolicy.ConcurrencyLimit limit = policy.concurrencyLimit();
        return limit != null && limit.inbound() != null;
    }

    static @Nullable Concurrency outbound(TrafficPolicy policy) {
        TrafficPolicy.ConcurrencyLimit limit = policy.concurrencyLimit();
        return limit == null ? null : limit.outbound();
    }

    /** Returns the policy that limits the rate of the request's route, else of its virtual service; or null. */
    @Nullable
    TrafficPolicy narrowerRateLimit(Decision decision) {
        return narrowerRateLimit(decision.virtualService(), decision.virtualRouter(), decision.route());
    }

    @Nullable
    TrafficPolicy narrowerRateLimit(String virtualService, @Nullable String virtualRouter, @Nullable String route) {
        return narrower(virtualService, virtualRouter, route, has -> has.rateLimit() != null);
    }

    /** Returns the policy by which the call may have a copy, or null. */
    @Nullable
    TrafficPolicy mirror(Decision decision) {
        return hasMirrors ? find(decision, has -> has.mirror() != null) : null;
    }

    /** Returns the policy whose fault the call may suffer, or null. */
    @Nullable
    TrafficPolicy fault(Decision decision) {
        return faultConditions.isEmpty() ? null : find(decision, has -> has.fault() != null);
    }

    /** Returns which requests the fault of that policy is for. */
    HeaderConditions faultConditions(TrafficPolicy policy) {
        return requireNonNull(faultConditions.get(policy.id()));
    }

    /** Returns what a process of that node takes in, or null where it takes everything. */
    @Nullable
    RateLimit rateLimit(String virtualNode) {
        TrafficPolicy policy = hasRateLimits ? ofNode(virtualNode, has -> has.rateLimit() != null) : null;
        return policy == null ? null : policy.rateLimit();
    }

    /** Tells whether some policy chooses that. */
    boolean hasLoadBalancing(LoadBalancing choice) {
        return all.stream().anyMatch(has -> choice.equals(has.loadBalancing()));
    }

    /** Returns the nearest policy that has a part, or null. */
    @Nullable
    TrafficPolicy find(Decision decision, Predicate<TrafficPolicy> part) {
        if (all.isEmpty()) {
            return null;
        }
        return find(
                decision.virtualService(),
                decision.virtualRouter(),
                decision.route(),
                decision.target().virtualNode(),
                part);
    }

    /** Returns the nearest policy that has a part, for a call that was explained and one of its targets; or null. */
    @Nullable
    TrafficPolicy find(Explanation explained, String virtualNode, Predicate<TrafficPolicy> part) {
        String service = explained.virtualService();
        return service == null ? null : find(service, explained.virtualRouter(), explained.route(), virtualNode, part);
    }

    private @Nullable TrafficPolicy find(
            String virtualService,
            @Nullable String virtualRouter,
            @Nullable String route,
            String virtualNode,
            Predicate<TrafficPolicy> part) {
        TrafficPolicy policy = narrower(virtualService, virtualRouter, route, part);
        return policy == null ? ofNode(virtualNode, part) : policy;
    }

    private @Nullable TrafficPolicy narrower(
            String virtualService,
            @Nullable String virtualRouter,
            @Nullable String route,
            Predicate<TrafficPolicy> part) {
        TrafficPolicy policy = null;
        if (virtualRouter != null && route != null) {
            Map<String, List<TrafficPolicy>> byRoute = byRouterAndRoute.get(virtualRouter);
            policy = byRoute == null ? null : first(byRoute.get(route), part);
        }
        return policy == null ? first(byService.get(virtualService), part) : policy;
    }

    /** Returns the policy of the node, else of the mesh, that has a part which holds for the node as a whole; or null. */
    @Nullable
    TrafficPolicy ofNode(String virtualNode, Predicate<TrafficPolicy> part) {
        TrafficPolicy policy = first(byNode.get(virtualNode), part);
        return policy == null ? first(ofMesh, part) : policy;
    }

    private static @Nullable TrafficPolicy first(
            @Nullable List<TrafficPolicy> policies, Predicate<TrafficPolicy> part) {
        if (policies != null) {
            for (int i = 0; i < policies.size(); i++) {
                if (part.test(policies.get(i))) {
                    return policies.get(i);
                }
            }
        }
        return null;
    }

    /**
     * Returns an explanation with how endpoints are picked added: once where it is the same for all targets.
     *
     * @param isLive whether the zone of this process, and its own default, are those of the call explained
     */
    Explanation withBalancing(Explanation explained, boolean isLive) {
        if (explained.virtualService() == null || explained.targets().isEmpty()) {
            return explained;
        }
        Map<String, Explanation.Setting> byNode = new LinkedHashMap<>();
        for (Explanation.Target target : explained.targets()) {
            String node = target.virtualNode();
            byNode.put(node, balancing(find(explained, node, has -> has.loadBalancing() != null), isLive));
        }
        boolean areSame = Set.copyOf(byNode.values()).size() == 1;
        List<Explanation.Setting> settings = new ArrayList<>(explained.settings());
        byNode.forEach((node, setting) -> {
            if (!areSame) {
                settings.add(new Explanation.Setting(
                        setting.name() + " towards " + node, setting.value(), setting.source()));
            } else if (node.equals(explained.targets().get(0).virtualNode())) {
                settings.add(setting);
            }
        });
        return Explained.with(explained, explained.targets(), settings);
    }

    private Explanation.Setting balancing(@Nullable TrafficPolicy chosenBy, boolean isLive) {
        LoadBalancing choice = chosenBy == null ? null : chosenBy.loadBalancing();
        if (chosenBy != null && choice != null) {
            String here = !choice.prefersOwnZone() || !isLive
                    ? ""
                    : zone == null ? " (without effect: the zone of this process is not set)" : " (" + zone + ")";
            return new Explanation.Setting("load balancing", choice.text() + here, chosenBy.id() + " loadBalancing");
        }
        return hasOwnDefault
                ? new Explanation.Setting("load balancing", "the application's own", "Mesh.builder() loadBalancer")
                : new Explanation.Setting("load balancing", LoadBalancing.ROUND_ROBIN.text(), "default");
    }
}
