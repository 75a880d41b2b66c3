package io.intramesh.cli;

import io.intramesh.OfflineMesh;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.Kind;
import io.intramesh.model.Listener;
import io.intramesh.model.PortMapping;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.Route;
import io.intramesh.model.VirtualRouter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a route does, of a router or of a gateway.
 *
 * @param shares of a gateway route: its service alone
 * @param settings beside match and shares
 */
record Way(ResourceId id, @Nullable Integer priority, Match match, Shares shares, List<Setting> settings) {

    /** Returns the ways of a router in the order in which they are tried. */
    static List<Way> ofRouter(ResourceSet resources, String mesh, String router) {
        VirtualRouter holder = resources.virtualRouter(mesh, router);
        Integer onlyPort = holder == null ? null : onlyPort(holder.listeners());
        return OfflineMesh.inOrder(resources.routes(mesh, router)).stream()
                .map(route -> of(route, onlyPort, resources))
                .toList();
    }

    private static Way of(Route route, @Nullable Integer onlyPort, ResourceSet resources) {
        return new Way(
                route.id(),
                route.priority(),
                Match.of(route.spec()).onOnly(onlyPort),
                Shares.of(
                        route.spec().weightedTargets(),
                        node -> resources.virtualNode(route.id().mesh(), node)),
                Settings.of(route));
    }

    /** Returns the ways of a gateway in the order in which they are tried. */
    static List<Way> ofGateway(ResourceSet resources, String mesh, String gateway) {
        var holder = resources.virtualGateway(mesh, gateway);
        Integer onlyPort = holder == null
                ? null
                : onlyPort(
                        holder.listeners().stream().map(Listener::portMapping).toList());
        return OfflineMesh.inGatewayOrder(resources.gatewayRoutes(mesh, gateway)).stream()
                .map(route -> of(route, onlyPort, resources))
                .toList();
    }

    private static Way of(GatewayRoute route, @Nullable Integer onlyPort, ResourceSet resources) {
        GatewayRoute.Target target = route.spec().target();
        Integer port = target.port();
        Integer first = Provided.firstPort(resources, route.id().mesh(), target.virtualServiceName());
        String name = target.virtualServiceName() + (port == null || port.equals(first) ? "" : ":" + port);
        return new Way(
                route.id(),
                route.priority(),
                Match.of(route.spec()).onOnly(onlyPort),
                new Shares(Map.of(name, 1)),
                Settings.of(route));
    }

    private static @Nullable Integer onlyPort(List<PortMapping> listeners) {
        return listeners.size() == 1 ? listeners.get(0).port() : null;
    }

    boolean isOfGateway() {
        return id.kind() == Kind.GATEWAY_ROUTE;
    }

    String name() {
        return id.name();
    }

    /** Tells whether a request fares the same on both. */
    boolean leadsAs(Way other) {
        return shares.equals(other.shares) && values().equals(other.values());
    }

    private List<String> values() {
        return settings.stream().map(Setting::value).toList();
    }

    /** Returns {@code 'beta' (payments-v1 90 %, payments-v2 10 %)}. */
    String described() {
        return "'" + name() + "' (" + goesTo() + ")";
    }

    /** Returns where the traffic goes. */
    String goesTo() {
        return isOfGateway() ? shares.weights().keySet().iterator().next() : shares.toString();
    }
}
