package io.intramesh.internal.pipeline;

import io.intramesh.internal.access.CompiledPolicy;
import io.intramesh.internal.access.TokenVerifier;
import io.intramesh.model.AccessPolicy;
import io.intramesh.model.Kind;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.Route;
import io.intramesh.model.TargetRef;
import io.intramesh.model.VirtualService;
import io.intramesh.model.WeightedTarget;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The access policies of a mesh, and which hold before which virtual node. Compiled with each configuration; what stands
 * before another node than the own one, when it is first asked for. Safe for use by several threads.
 */
final class AccessPolicies {
    private final String mesh;
    private final ResourceSet resources;
    private final Function<AccessPolicy, TokenVerifier> tokens;
    private final List<AccessPolicy> all;
    private final @Nullable InstantSource time;

    // Bounded by what the configuration names.
    private final Map<ResourceId, CompiledPolicy> compiled = new ConcurrentHashMap<>();
    private final Map<String, NodeAccess> byNode = new ConcurrentHashMap<>();

    private AccessPolicies(
            String mesh,
            ResourceSet resources,
            Function<AccessPolicy, TokenVerifier> tokens,
            List<AccessPolicy> all,
            @Nullable InstantSource time) {
        this.mesh = mesh;
        this.resources = resources;
        this.tokens = tokens;
        this.all = all;
        this.time = time;
    }

    /**
     * @param tokens gives what checks the tokens that a policy trusts
     * @param time null where nobody knows when requests are made
     */
    static AccessPolicies of(
            String mesh,
            ResourceSet resources,
            Function<AccessPolicy, TokenVerifier> tokens,
            @Nullable InstantSource time) {
        return new AccessPolicies(
                mesh,
                resources,
                tokens,
                resources.all(AccessPolicy.class).stream()
                        .filter(policy -> policy.id().mesh().equals(mesh))
                        .toList(),
                time);
    }

    /** Returns the policies for questions about a configuration that does not run. */
    static AccessPolicies offline(String mesh, ResourceSet resources) {
        return of(mesh, resources, policy -> TokenVerifier.NONE, null);
    }

    /** Returns the clock that requests are judged by, or null where it is open when they are made. */
    @Nullable
    InstantSource time() {
        return time;
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    List<AccessPolicy> all() {
        return all;
    }

    /** Returns what stands before a virtual node. */
    NodeAccess before(String virtualNode) {
        NodeAccess known = byNode.get(virtualNode);
        return known == null ? byNode.computeIfAbsent(virtualNode, node -> before(node, null)) : known;
    }

    /**
     * Returns what stands before a virtual node.
     *
     * @param closedBy why everything is denied that no rule allows; null where nothing says so
     */
    NodeAccess before(String virtualNode, @Nullable String closedBy) {
        List<CompiledPolicy> wide = new ArrayList<>();
        for (AccessPolicy policy : all) {
            TargetRef target = policy.targetRef();
            boolean isOfMesh = target.kind() == Kind.MESH && target.name().equals(mesh);
            boolean isOfNode =
                    target.kind() == Kind.VIRTUAL_NODE && target.name().equals(virtualNode);
            if (isOfMesh || isOfNode) {
                wide.add(compiled(policy));
            }
        }
        return NodeAccess.of(wide, ways(virtualNode), closedBy);
    }

    private List<NodeAccess.Way> ways(String virtualNode) {
        boolean isAnyNarrower = all.stream()
                .anyMatch(policy -> policy.targetRef().kind() == Kind.ROUTE
                        || policy.targetRef().kind() == Kind.VIRTUAL_SERVICE);
        if (!isAnyNarrower) {
            return List.of();
        }
        List<NodeAccess.Way> ways = new ArrayList<>();
        for (VirtualService service : resources.all(VirtualService.class)) {
            VirtualService.Provider provider = service.provider();
            if (provider == null || !service.id().mesh().equals(mesh)) {
                continue;
            }
            List<CompiledPolicy> ofService = narrower(new TargetRef(Kind.VIRTUAL_SERVICE, service.name(), null));
            if (provider instanceof VirtualService.Provider.Node) {
                if (provider.name().equals(virtualNode)) {
                    ways.add(new NodeAccess.Way(service.name(), null, ofService));
                }
                continue;
            }
            for (Route route : resources.routes(mesh, provider.name())) {
                if (leadsTo(route, virtualNode)) {
                    List<CompiledPolicy> both = new ArrayList<>(ofService);
                    both.addAll(narrower(new TargetRef(Kind.ROUTE, route.name(), provider.name())));
                    ways.add(new NodeAccess.Way(service.name(), route.name(), List.copyOf(both)));
                }
            }
        }
        return ways;
    }

    /** A target of weight 0 counts: a request may come from a process that has not heard of the change. */
    private static boolean leadsTo(Route route, String virtualNode) {
        return route.spec().weightedTargets().stream()
                .anyMatch(target -> target.virtualNode().equals(virtualNode));
    }

    private List<CompiledPolicy> narrower(TargetRef target) {
        return all.stream()
                .filter(policy -> policy.targetRef().equals(target))
                .map(this::compiled)
                .toList();
    }

    private CompiledPolicy compiled(AccessPolicy policy) {
        return compiled.computeIfAbsent(
                policy.id(),
                id -> CompiledPolicy.of(policy, RouteConditions.SHARED, tokens.apply(policy), this::isUnderWay));
    }

    /** Tells whether the route sends the node a part of its traffic; null where there is no such route. */
    private @Nullable Boolean isUnderWay(AccessPolicy.Rollout rollout) {
        if (!(resources.get(ResourceId.route(mesh, rollout.virtualRouter(), rollout.route())) instanceof Route route)) {
            return null;
        }
        int own = 0;
        int others = 0;
        for (WeightedTarget target : route.spec().weightedTargets()) {
            if (target.virtualNode().equals(rollout.virtualNode())) {
                own += target.weight();
            } else {
                others += target.weight();
            }
        }
        return own > 0 && others > 0;
    }
}
