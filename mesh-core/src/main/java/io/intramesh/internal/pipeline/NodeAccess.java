package io.intramesh.internal.pipeline;

import io.intramesh.internal.access.AccessRules;
import io.intramesh.internal.access.CompiledPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/*
 * Policies of the mesh and of a node hold for every request to it. Policies of a virtual service or route hold for the requests
 * that are its own, and which these are is told by host, path and the rest of the match, which the caller writes. So:
 *   - a request whose host, path and so on lead to this node by a route or service that is known: the policies of these hold;
 *   - any other: nobody can say whose it is. DENY rules and defaults of all that lead here hold then, ALLOW rules of none do.
 *     Who writes another Host gains nothing by it.
 */

/** The access policies before one virtual node, place by place. Immutable. */
final class NodeAccess {
    /** Stands for the route where a virtual node is the provider of the service. */
    private static final String NO_ROUTE = "";

    private final AccessRules wide;
    private final AccessRules guarded;
    private final boolean hasNarrower;
    private final boolean needsPath;
    private final List<String> policies;

    /** By virtual service that leads here, then by its routes that do. Empty where no narrower policy is about this node. */
    private final Map<String, Map<String, AccessRules>> byService;

    private NodeAccess(
            AccessRules wide,
            AccessRules guarded,
            boolean hasNarrower,
            boolean needsPath,
            List<String> policies,
            Map<String, Map<String, AccessRules>> byService) {
        this.wide = wide;
        this.guarded = guarded;
        this.hasNarrower = hasNarrower;
        this.needsPath = needsPath;
        this.policies = policies;
        this.byService = byService;
    }

    /**
     * Puts the policies together.
     *
     * @param wide policies of mesh and node
     * @param ways how requests come here
     * @param closedBy why everything is denied that no rule allows, whatever the policies say; null where nothing says so
     */
    static NodeAccess of(List<CompiledPolicy> wide, List<Way> ways, @Nullable String closedBy) {
        AccessRules ofAll = AccessRules.of(wide, List.of(), closedBy);
        List<CompiledPolicy> guards = new ArrayList<>();
        for (Way way : ways) {
            for (CompiledPolicy policy : way.policies) {
                if (!guards.contains(policy)) {
                    guards.add(policy);
                }
            }
        }
        if (guards.isEmpty()) {
            return new NodeAccess(ofAll, ofAll, false, ofAll.needsPath(), names(wide, guards), Map.of());
        }
        Map<String, Map<String, AccessRules>> byService = new HashMap<>();
        for (Way way : ways) {
            List<CompiledPolicy> both = new ArrayList<>(wide);
            both.addAll(way.policies);
            byService
                    .computeIfAbsent(way.virtualService, name -> new HashMap<>())
                    .put(
                            way.route == null ? NO_ROUTE : way.route,
                            way.policies.isEmpty() ? ofAll : AccessRules.of(both, List.of(), closedBy));
        }
        boolean isAnyEnforced = guards.stream().anyMatch(CompiledPolicy::isEnforced);
        return new NodeAccess(
                ofAll,
                AccessRules.of(wide, guards, closedBy),
                true,
                ofAll.needsPath() || isAnyEnforced,
                names(wide, guards),
                Map.copyOf(byService));
    }

    private static List<String> names(List<CompiledPolicy> wide, List<CompiledPolicy> guards) {
        return Stream.concat(wide.stream(), guards.stream())
                .map(CompiledPolicy::name)
                .toList();
    }

    /** Returns the names of all policies that stand here. */
    List<String> policies() {
        return policies;
    }

    boolean isEmpty() {
        return !hasNarrower && wide.isEmpty();
    }

    /** Tells whether it matters by which route or service a request comes. */
    boolean hasNarrower() {
        return hasNarrower;
    }

    /** Tells whether a policy that is enforced depends on the path. */
    boolean needsPath() {
        return needsPath;
    }

    /** Tells whether any policy depends on the path. */
    boolean mayUsePath() {
        return hasNarrower || wide.mayUsePath();
    }

    /** Returns the rules for every request, where nothing narrower is there. */
    AccessRules wide() {
        return wide;
    }

    /** Returns the rules for a request that may belong to any way here. */
    AccessRules guarded() {
        return guarded;
    }

    /** Returns the rules for a request that comes by that service and route, or null where these do not lead here. */
    @Nullable
    AccessRules at(String virtualService, @Nullable String route) {
        if (!hasNarrower) {
            return wide;
        }
        Map<String, AccessRules> byRoute = byService.get(virtualService);
        return byRoute == null ? null : byRoute.get(route == null ? NO_ROUTE : route);
    }

    /**
     * How requests come to the node.
     *
     * @param route null where the node is the provider of the service
     * @param policies of the service and the route
     */
    record Way(String virtualService, @Nullable String route, List<CompiledPolicy> policies) {}
}
