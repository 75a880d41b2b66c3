package io.intramesh.internal.config;

import io.intramesh.model.GatewayRoute;
import io.intramesh.model.Kind;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.Route;
import io.intramesh.model.VirtualService;
import java.util.List;

/** What a resource needs others for. Backends do not count: they need not exist yet (G-04). */
final class References {
    private References() {}

    /** Returns the ids of the resources without which calls through this one fail. */
    static List<ResourceId> of(Resource resource) {
        String mesh = resource.id().mesh();
        if (resource instanceof Route route) {
            return route.spec().weightedTargets().stream()
                    .filter(target -> target.weight() > 0)
                    .map(target -> ResourceId.of(Kind.VIRTUAL_NODE, mesh, target.virtualNode()))
                    .toList();
        }
        if (resource instanceof VirtualService service) {
            VirtualService.Provider provider = service.provider();
            if (provider instanceof VirtualService.Provider.Node) {
                return List.of(ResourceId.of(Kind.VIRTUAL_NODE, mesh, provider.name()));
            }
            if (provider instanceof VirtualService.Provider.Router) {
                return List.of(ResourceId.of(Kind.VIRTUAL_ROUTER, mesh, provider.name()));
            }
            return List.of();
        }
        if (resource instanceof GatewayRoute route) {
            return List.of(ResourceId.of(
                    Kind.VIRTUAL_SERVICE, mesh, route.spec().target().virtualServiceName()));
        }
        return List.of();
    }
}
