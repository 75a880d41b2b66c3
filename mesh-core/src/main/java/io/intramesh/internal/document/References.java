package io.intramesh.internal.document;

import io.intramesh.model.AccessPolicy;
import io.intramesh.model.Backend;
import io.intramesh.model.EndpointSet;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.Kind;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceOverride;
import io.intramesh.model.Route;
import io.intramesh.model.TargetRef;
import io.intramesh.model.TrafficPolicy;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualService;
import java.util.ArrayList;
import java.util.List;

/** Lists what a resource refers to by name, whether it is there or not. */
final class References {
    private final Resource resource;
    private final List<ResourceId> found = new ArrayList<>();

    private References(Resource resource) {
        this.resource = resource;
    }

    static List<ResourceId> of(Resource resource) {
        References references = new References(resource);
        references.collect();
        return references.found;
    }

    private void collect() {
        if (resource instanceof VirtualNode node) {
            for (Backend backend : node.backends()) {
                add(Kind.VIRTUAL_SERVICE, backend.virtualServiceName());
            }
        } else if (resource instanceof VirtualService service) {
            if (service.provider() instanceof VirtualService.Provider.Node provider) {
                add(Kind.VIRTUAL_NODE, provider.name());
            } else if (service.provider() instanceof VirtualService.Provider.Router provider) {
                add(Kind.VIRTUAL_ROUTER, provider.name());
            }
        } else if (resource instanceof Route route) {
            route.spec().weightedTargets().forEach(target -> add(Kind.VIRTUAL_NODE, target.virtualNode()));
        } else if (resource instanceof GatewayRoute route) {
            add(Kind.VIRTUAL_SERVICE, route.spec().target().virtualServiceName());
        } else if (resource instanceof EndpointSet endpoints) {
            add(Kind.VIRTUAL_NODE, endpoints.virtualNode());
        } else if (resource instanceof AccessPolicy policy) {
            addTarget(policy.targetRef());
            for (AccessPolicy.Rule rule : policy.rules()) {
                AccessPolicy.Rollout rollout = rule.rollout();
                if (rollout != null) {
                    add(Kind.VIRTUAL_ROUTER, rollout.virtualRouter());
                    add(Kind.VIRTUAL_NODE, rollout.virtualNode());
                }
            }
        } else if (resource instanceof ResourceOverride override) {
            if (!override.target().isEvery()) {
                found.add(override.target().in(resource.id().mesh()));
            }
        } else if (resource instanceof TrafficPolicy policy) {
            addTarget(policy.targetRef());
            if (policy.mirror() != null) {
                add(Kind.VIRTUAL_NODE, policy.mirror().virtualNode());
            }
        }
    }

    private void addTarget(TargetRef target) {
        if (target.kind() == Kind.ROUTE) {
            if (target.virtualRouter() != null) {
                add(Kind.VIRTUAL_ROUTER, target.virtualRouter());
            }
        } else {
            found.add(target.in(resource.id().mesh()));
        }
    }

    private void add(Kind kind, String name) {
        found.add(ResourceId.of(kind, resource.id().mesh(), name));
    }
}
