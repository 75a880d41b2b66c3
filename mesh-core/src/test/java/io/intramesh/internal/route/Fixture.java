package io.intramesh.internal.route;

import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.model.Backend;
import io.intramesh.model.EgressFilter;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.GrpcMatch;
import io.intramesh.model.HttpMatch;
import io.intramesh.model.Kind;
import io.intramesh.model.Listener;
import io.intramesh.model.MeshResource;
import io.intramesh.model.PathMatch;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.Route;
import io.intramesh.model.Timeouts;
import io.intramesh.model.VirtualGateway;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualRouter;
import io.intramesh.model.VirtualService;
import io.intramesh.model.WeightedTarget;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Builds small meshes and asks them. The virtual service {@code svc} is served by the router {@code r} unless said otherwise. */
final class Fixture {
    static final String MESH = "shop";
    static final String SERVICE = "svc.local";
    static final String ROUTER = "r";

    private final Map<ResourceId, Resource> resources = new LinkedHashMap<>();
    private final Map<String, Object> bindings = new ConcurrentHashMap<>();

    /** A mesh without resources. */
    static Fixture empty() {
        return new Fixture();
    }

    /** A mesh with {@link #SERVICE} behind {@link #ROUTER}, which listens there, and no routes. */
    static Fixture withRouter(PortMapping... listeners) {
        return new Fixture().router(ROUTER, listeners).service(SERVICE, new VirtualService.Provider.Router(ROUTER));
    }

    /** The same, listening for http on 8080. */
    static Fixture withHttpRouter() {
        return withRouter(new PortMapping(8080, Protocol.HTTP));
    }

    Fixture add(Resource resource) {
        resources.put(resource.id(), resource);
        return this;
    }

    Fixture egress(EgressFilter filter) {
        return add(new MeshResource(ResourceId.mesh(MESH), filter, null));
    }

    Fixture node(String name, Listener... listeners) {
        return add(VirtualNode.builder(MESH, name).listeners(List.of(listeners)).build());
    }

    Fixture caller(String name, String... backends) {
        return add(VirtualNode.builder(MESH, name)
                .backends(Arrays.stream(backends)
                        .map(backend -> new Backend(backend, null))
                        .toList())
                .build());
    }

    Fixture service(String name, VirtualService.@Nullable Provider provider) {
        return add(new VirtualService(ResourceId.of(Kind.VIRTUAL_SERVICE, MESH, name), provider));
    }

    Fixture router(String name, PortMapping... listeners) {
        return add(new VirtualRouter(ResourceId.of(Kind.VIRTUAL_ROUTER, MESH, name), List.of(listeners)));
    }

    Fixture gateway(String name, PortMapping... listeners) {
        return add(new VirtualGateway(
                ResourceId.of(Kind.VIRTUAL_GATEWAY, MESH, name),
                Arrays.stream(listeners)
                        .map(listener -> Listener.builder(listener).build())
                        .toList(),
                null,
                null));
    }

    Fixture gatewayRoute(String gateway, String name, @Nullable Integer priority, GatewayRoute.Spec spec) {
        return add(new GatewayRoute(ResourceId.gatewayRoute(MESH, gateway, name), priority, spec));
    }

    Fixture route(String name, @Nullable Integer priority, Route.Spec spec) {
        return add(new Route(ResourceId.route(MESH, ROUTER, name), priority, spec));
    }

    Fixture route(String name, HttpMatch.Builder match) {
        return route(name, null, http(match.build(), new WeightedTarget(name + "-node", 1, null)));
    }

    Fixture route(String name, int priority, HttpMatch.Builder match) {
        return route(name, priority, http(match.build(), new WeightedTarget(name + "-node", 1, null)));
    }

    Fixture route(String name, GrpcMatch match) {
        return route(
                name, null, new Route.Grpc(match, List.of(new WeightedTarget(name + "-node", 1, null)), null, null));
    }

    ResourceSet resources() {
        return ResourceSet.of(resources.values());
    }

    RoutingTable table() {
        return table(null);
    }

    RoutingTable table(@Nullable RoutingTable previous) {
        return RoutingTable.compile(resources(), MESH, this::bind, previous);
    }

    /** Gives the same object for the same listener as long as the fixture lives. */
    private Object bind(String virtualNode, @Nullable Listener listener) {
        return bindings.computeIfAbsent(virtualNode + " " + listener, place -> new Object());
    }

    Decision decide(ExplainRequest.Builder request) {
        return decide(null, request);
    }

    Decision decide(@Nullable String caller, ExplainRequest.Builder request) {
        RoutingTable table = table();
        Caller by = table.caller(caller);
        if (by == null) {
            throw new AssertionError("no virtual node " + caller);
        }
        return table.decide(request.build(), by, new SplittableRandom(1));
    }

    /** Returns the name of the route that takes a request to {@link #SERVICE}, or null. */
    @Nullable
    String routeOf(ExplainRequest.Builder request) {
        return decide(request).route();
    }

    Explanation explain(ExplainRequest.Builder request) {
        return explain(null, request);
    }

    Explanation explain(@Nullable String caller, ExplainRequest.Builder request) {
        RoutingTable table = table();
        Caller by = table.caller(caller);
        if (by == null) {
            throw new AssertionError("no virtual node " + caller);
        }
        return table.explain(request.build(), by);
    }

    Explanation atGateway(String gateway, ExplainRequest.Builder request) {
        Explanation explanation = table().explainAtGateway(request.build(), gateway);
        if (explanation == null) {
            throw new AssertionError("no virtual gateway " + gateway);
        }
        return explanation;
    }

    static ExplainRequest.Builder to(String host) {
        return ExplainRequest.builder(host);
    }

    /** A request to {@link #SERVICE} with that path. */
    static ExplainRequest.Builder get(String path) {
        return to(SERVICE).method("GET").path(path);
    }

    static HttpMatch.Builder prefix(String prefix) {
        return HttpMatch.builder().path(new PathMatch.Prefix(prefix));
    }

    static HttpMatch.Builder exact(String path) {
        return HttpMatch.builder().path(new PathMatch.Exact(path));
    }

    static HttpMatch.Builder regex(String pattern) {
        return HttpMatch.builder().path(new PathMatch.Regex(pattern));
    }

    static Route.Http http(HttpMatch match, WeightedTarget... targets) {
        return new Route.Http(Protocol.HTTP, match, List.of(targets), null, null);
    }

    static Listener listener(int port, Protocol protocol) {
        return Listener.builder(new PortMapping(port, protocol)).build();
    }

    static Listener listener(int port, Protocol protocol, @Nullable Duration perRequest, @Nullable Duration idle) {
        return Listener.builder(new PortMapping(port, protocol))
                .timeout(new Timeouts(perRequest, idle))
                .build();
    }
}
