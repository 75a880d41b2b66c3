package io.intramesh.cli;

import io.intramesh.model.Backend;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.Kind;
import io.intramesh.model.Listener;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.Route;
import io.intramesh.model.VirtualGateway;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualService;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who sends traffic where, ready to be drawn: gateways to services, services to routers or nodes, routers by routes to nodes,
 * nodes to the services that they declare. In the order of names, with ids that follow from names alone, so that a drawing
 * changes no more than its mesh.
 */
final class Graph {
    private static final String MISSING = "not here";

    private final Map<String, Vertex> vertices = new TreeMap<>();
    private final List<Edge> edges = new ArrayList<>();

    private Graph() {}

    /** What is drawn as a box. */
    enum Shape {
        GATEWAY,
        SERVICE,
        ROUTER,
        ROUTE,
        NODE
    }

    /**
     * A box.
     *
     * @param id unique, of letters, digits and underscores
     * @param lines of its label
     * @param isMissing whether it is only spoken of
     */
    record Vertex(String id, String mesh, Shape shape, List<String> lines, boolean isMissing) {}

    /**
     * An arrow.
     *
     * @param isDeclared whether it only says that calls may be made
     * @param isIdle whether nothing goes this way
     */
    record Edge(String from, String to, String label, boolean isDeclared, boolean isIdle) {}

    /** Draws all that there is. */
    static Graph of(ResourceSet resources) {
        Graph graph = new Graph();
        for (String mesh : resources.meshNames()) {
            new Drawing(graph, resources, mesh).draw();
        }
        graph.edges.sort(
                Comparator.comparing(Edge::from).thenComparing(Edge::to).thenComparing(Edge::label));
        return graph;
    }

    Collection<Vertex> vertices() {
        return vertices.values();
    }

    List<Edge> edges() {
        return edges;
    }

    /** Returns the names of the meshes that anything is drawn of. */
    Set<String> meshes() {
        return vertices.values().stream().map(Vertex::mesh).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Returns what leads to a service, and where it leads. */
    Graph around(String mesh, String service) {
        String middle = Drawing.id(Shape.SERVICE, mesh, service.toLowerCase(Locale.ROOT));
        Set<String> kept = new HashSet<>(Set.of(middle));
        // Onwards as far as nodes: what these call themselves is another service's drawing.
        spread(kept, middle, true);
        spread(kept, middle, false);
        Graph part = new Graph();
        vertices.values().stream()
                .filter(vertex -> kept.contains(vertex.id()))
                .forEach(vertex -> part.vertices.put(vertex.id(), vertex));
        edges.stream()
                .filter(edge -> kept.contains(edge.from()) && kept.contains(edge.to()))
                .filter(edge -> !edge.isDeclared() || edge.to().equals(middle))
                .forEach(part.edges::add);
        return part;
    }

    private void spread(Set<String> kept, String from, boolean isOnwards) {
        for (Edge edge : edges) {
            String near = isOnwards ? edge.from() : edge.to();
            String far = isOnwards ? edge.to() : edge.from();
            boolean isFollowed = near.equals(from) && !(isOnwards && edge.isDeclared());
            if (isFollowed && kept.add(far) && !(edge.isDeclared() && !isOnwards)) {
                spread(kept, far, isOnwards);
            }
        }
    }

    /** Draws one mesh. */
    private static final class Drawing {
        private final Graph graph;
        private final ResourceSet resources;
        private final String mesh;

        Drawing(Graph graph, ResourceSet resources, String mesh) {
            this.graph = graph;
            this.resources = resources;
            this.mesh = mesh;
        }

        void draw() {
            all(Kind.VIRTUAL_NODE).map(VirtualNode.class::cast).forEach(this::node);
            all(Kind.VIRTUAL_SERVICE).map(VirtualService.class::cast).forEach(this::service);
            routers().forEach(this::routes);
            all(Kind.VIRTUAL_GATEWAY).map(VirtualGateway.class::cast).forEach(this::gateway);
            gateways().forEach(this::gatewayRoutes);
        }

        private Stream<Resource> all(Kind kind) {
            return resources.ofKind(kind).stream()
                    .filter(resource -> resource.id().mesh().equals(mesh));
        }

        private Stream<String> holders(Kind held) {
            return all(held).map(resource -> String.valueOf(resource.id().parent()));
        }

        private List<String> routers() {
            return Stream.concat(
                            all(Kind.VIRTUAL_ROUTER)
                                    .map(resource -> resource.id().name()),
                            holders(Kind.ROUTE))
                    .distinct()
                    .sorted()
                    .toList();
        }

        private List<String> gateways() {
            return holders(Kind.GATEWAY_ROUTE).distinct().sorted().toList();
        }

        private void node(VirtualNode node) {
            String from = vertex(Shape.NODE, node.name(), node.name(), ports(node.listeners()), false);
            for (Backend backend : node.backends()) {
                edge(from, serviceNamed(backend.virtualServiceName()), "", true, false);
            }
        }

        private void service(VirtualService service) {
            VirtualService.Provider provider = service.provider();
            String from = vertex(
                    Shape.SERVICE,
                    service.name().toLowerCase(Locale.ROOT),
                    service.name(),
                    provider == null ? List.of("no provider") : List.of(),
                    false);
            if (provider != null) {
                boolean isNode = provider instanceof VirtualService.Provider.Node;
                edge(from, isNode ? nodeNamed(provider.name()) : router(provider.name()), "", false, false);
            }
        }

        private void routes(String router) {
            String from = router(router);
            int place = 0;
            for (Way way : Way.ofRouter(resources, mesh, router)) {
                // A router's name may hold anything; the separator is in no name that a reader lets through.
                String route = vertex(
                        Shape.ROUTE, router + "/" + way.name(), way.match().toString(), List.of(way.name()), false);
                edge(from, route, String.valueOf(++place), false, false);
                targets(way)
                        .forEach((target, share) -> edge(
                                route,
                                nodeNamed(nodeOf(target)),
                                portOf(target) + Shares.text(share),
                                false,
                                share == 0));
            }
        }

        // Targets of weight 0 are drawn, too: they are what a canary goes to next.
        private Map<String, Double> targets(Way way) {
            Map<String, Double> targets = new TreeMap<>();
            if (resources.get(way.id()) instanceof Route route) {
                route.spec().weightedTargets().forEach(target -> {
                    String name = Shares.name(target, resources.virtualNode(mesh, target.virtualNode()));
                    targets.put(target.virtualNode() + "/" + name, way.shares().percent(name));
                });
            }
            return targets;
        }

        private static String nodeOf(String target) {
            return target.substring(0, target.indexOf('/'));
        }

        private static String portOf(String target) {
            String node = nodeOf(target);
            String name = target.substring(node.length() + 1);
            return name.length() == node.length() ? "" : name.substring(node.length()) + " ";
        }

        private void gateway(VirtualGateway gateway) {
            vertex(Shape.GATEWAY, gateway.name(), gateway.name(), ports(gateway.listeners()), false);
        }

        private void gatewayRoutes(String gateway) {
            String from = graph.vertices.containsKey(id(Shape.GATEWAY, mesh, gateway))
                    ? id(Shape.GATEWAY, mesh, gateway)
                    : vertex(Shape.GATEWAY, gateway, gateway, List.of(MISSING), true);
            for (Way way : Way.ofGateway(resources, mesh, gateway)) {
                if (resources.get(way.id()) instanceof GatewayRoute route) {
                    Integer port = route.spec().target().port();
                    edge(
                            from,
                            serviceNamed(route.spec().target().virtualServiceName()),
                            way.match() + (port == null ? "" : " to port " + port),
                            false,
                            false);
                }
            }
        }

        private String router(String name) {
            boolean isThere = resources.get(ResourceId.of(Kind.VIRTUAL_ROUTER, mesh, name)) != null;
            var router = resources.virtualRouter(mesh, name);
            return vertex(
                    Shape.ROUTER,
                    name,
                    name,
                    router == null ? List.of(MISSING) : words(router.listeners().stream()),
                    !isThere);
        }

        private String nodeNamed(String name) {
            return resources.virtualNode(mesh, name) == null
                    ? vertex(Shape.NODE, name, name, List.of(MISSING), true)
                    : id(Shape.NODE, mesh, name);
        }

        private String serviceNamed(String name) {
            String key = name.toLowerCase(Locale.ROOT);
            return Provided.service(resources, mesh, name) == null
                    ? vertex(Shape.SERVICE, key, name, List.of(MISSING), true)
                    : id(Shape.SERVICE, mesh, key);
        }

        private static List<String> ports(List<Listener> listeners) {
            return words(listeners.stream().map(Listener::portMapping));
        }

        private static List<String> words(Stream<PortMapping> ports) {
            String words = ports.map(port -> port.port() + " " + port.protocol().text())
                    .collect(Collectors.joining(", "));
            return words.isEmpty() ? List.of() : List.of(words);
        }

        private String vertex(Shape shape, String key, String name, List<String> more, boolean isMissing) {
            String id = id(shape, mesh, key);
            List<String> lines = new ArrayList<>(List.of(name));
            lines.addAll(more);
            graph.vertices.put(id, new Vertex(id, mesh, shape, List.copyOf(lines), isMissing));
            return id;
        }

        private void edge(String from, String to, @Nullable String label, boolean isDeclared, boolean isIdle) {
            graph.edges.add(new Edge(from, to, label == null ? "" : label, isDeclared, isIdle));
        }

        /** Returns an id that two names never share: what is neither letter nor digit becomes its code. */
        static String id(Shape shape, String mesh, String key) {
            StringBuilder id = new StringBuilder(shape.name().toLowerCase(Locale.ROOT));
            for (String part : List.of(mesh, key)) {
                id.append('_');
                part.codePoints().forEach(c -> {
                    boolean isPlain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                    if (isPlain) {
                        id.appendCodePoint(c);
                    } else {
                        id.append("_x").append(Integer.toHexString(c)).append('_');
                    }
                });
            }
            return id.toString();
        }
    }
}
