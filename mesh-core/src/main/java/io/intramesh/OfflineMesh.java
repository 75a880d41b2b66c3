package io.intramesh;

import static java.util.Objects.requireNonNull;

import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.internal.pipeline.OfflineDecisions;
import io.intramesh.internal.route.RouteOrder;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.Route;
import java.util.List;

/**
 * Answers questions about a configuration without running it: no registry, thread or socket. It compiles and decides with
 * the same code as {@link Mesh}. Safe for use by several threads.
 *
 * <pre>{@code
 * OfflineMesh.of(resources).explain(ExplainRequest.builder("payments.local").path("/beta").build());
 * }</pre>
 */
public final class OfflineMesh {
    private final ResourceSet resources;
    private final OfflineDecisions decisions;

    private OfflineMesh(ResourceSet resources) {
        this.resources = resources;
        this.decisions = new OfflineDecisions(resources);
    }

    /** Returns the routes of one virtual router, given in order of declaration, in the order in which they are tried. */
    public static List<Route> inOrder(List<Route> routes) {
        return RouteOrder.of(List.copyOf(requireNonNull(routes, "routes")));
    }

    /** Returns the routes of one virtual gateway, given in order of declaration, in the order in which they are tried. */
    public static List<GatewayRoute> inGatewayOrder(List<GatewayRoute> routes) {
        return RouteOrder.ofGateway(List.copyOf(requireNonNull(routes, "routes")));
    }

    /** Compiles every mesh in a set of resources. */
    public static OfflineMesh of(ResourceSet resources) {
        return new OfflineMesh(requireNonNull(resources, "resources"));
    }

    /**
     * Says what would become of a request and why.
     *
     * @throws MeshConfigException when the request names a mesh, gateway or node that is not there, or no mesh and there are
     *     several
     */
    public Explanation explain(ExplainRequest request) {
        return decisions.explain(requireNonNull(request, "request"));
    }

    /** Returns the resources that it decides by. */
    public ResourceSet resources() {
        return resources;
    }
}
