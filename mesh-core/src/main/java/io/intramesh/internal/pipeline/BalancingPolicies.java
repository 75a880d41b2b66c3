package io.intramesh.internal.pipeline;

import io.intramesh.explain.Explanation;
import io.intramesh.model.Kind;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.TrafficPolicy;
import io.intramesh.model.TrafficPolicy.LoadBalancing;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which load balancing holds for a call: the policy of its route, else of its virtual service, its virtual node, the mesh.
 * Where several policies name the same target, the first one by declaration holds. Immutable.
 */
final class BalancingPolicies {
    private final String mesh;
    private final Map<ResourceId, TrafficPolicy> byTarget;
    private final boolean hasOwnDefault;

    private BalancingPolicies(String mesh, Map<ResourceId, TrafficPolicy> byTarget, boolean hasOwnDefault) {
        this.mesh = mesh;
        this.byTarget = byTarget;
        this.hasOwnDefault = hasOwnDefault;
    }

    /**
     * @param hasOwnDefault whether the application brings the balancer that holds where no policy chooses
     */
    static BalancingPolicies of(String mesh, ResourceSet resources, boolean hasOwnDefault) {
        Map<ResourceId, TrafficPolicy> byTarget = new HashMap<>();
        for (TrafficPolicy policy : resources.all(TrafficPolicy.class)) {
            if (policy.loadBalancing() != null && policy.id().mesh().equals(mesh)) {
                byTarget.putIfAbsent(policy.targetRef().in(mesh), policy);
            }
        }
        return new BalancingPolicies(mesh, Map.copyOf(byTarget), hasOwnDefault);
    }

    /** Returns the choice, or null for the default. Costs one look at an empty map where nobody chose anything. */
    @Nullable
    LoadBalancing choose(
            String virtualService, @Nullable String virtualRouter, @Nullable String route, String virtualNode) {
        TrafficPolicy policy = find(virtualService, virtualRouter, route, virtualNode);
        return policy == null ? null : policy.loadBalancing();
    }

    @Nullable
    TrafficPolicy find(
            String virtualService, @Nullable String virtualRouter, @Nullable String route, String virtualNode) {
        if (byTarget.isEmpty()) {
            return null;
        }
        TrafficPolicy policy = virtualRouter == null || route == null
                ? null
                : byTarget.get(ResourceId.route(mesh, virtualRouter, route));
        if (policy == null) {
            policy = byTarget.get(ResourceId.of(Kind.VIRTUAL_SERVICE, mesh, virtualService));
        }
        if (policy == null) {
            policy = byTarget.get(ResourceId.of(Kind.VIRTUAL_NODE, mesh, virtualNode));
        }
        return policy == null ? byTarget.get(ResourceId.mesh(mesh)) : policy;
    }

    /** Returns what holds where no policy chooses, for explanations. */
    Explanation.Setting byDefault() {
        return hasOwnDefault
                ? new Explanation.Setting("load balancing", "the application's own", "Mesh.builder() loadBalancer")
                : new Explanation.Setting("load balancing", LoadBalancing.ROUND_ROBIN.text(), "default");
    }
}
