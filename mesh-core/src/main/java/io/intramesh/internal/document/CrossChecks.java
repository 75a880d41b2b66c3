package io.intramesh.internal.document;

import io.intramesh.document.Problem;
import io.intramesh.document.Problem.Severity;
import io.intramesh.internal.document.DocumentSet.Placed;
import io.intramesh.model.AccessPolicy;
import io.intramesh.model.EndpointSet;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.HttpMatch;
import io.intramesh.model.Kind;
import io.intramesh.model.Listener;
import io.intramesh.model.PathMatch;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.Route;
import io.intramesh.model.TargetRef;
import io.intramesh.model.TrafficPolicy;
import io.intramesh.model.VirtualGateway;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualRouter;
import io.intramesh.model.VirtualService;
import io.intramesh.model.WeightedTarget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What only the whole set shows: references and how their two ends fit. A reference to a resource that is not here is a note,
 * since it may live elsewhere; two ends that are both here and do not fit are an error, as they were to App Mesh's API.
 */
final class CrossChecks {
    /** Something found, and the resource that it concerns. */
    record Finding(ResourceId id, Problem problem) {}

    /** Routes of equal rank that a further one is compared with; enough for any file that a person wrote. */
    private static final int MAX_COMPARED = 256;

    private final Map<ResourceId, Placed> placed;
    private final Set<ResourceId> refused;
    private final List<Finding> findings = new ArrayList<>();
    private int errors;
    private final Set<ResourceId> nodesWithEndpoints = new HashSet<>();
    private final Map<AmbiguityKey, List<Placed>> alike = new HashMap<>();
    private final EncryptionChecks encryption;

    private CrossChecks(Map<ResourceId, Placed> placed, Set<ResourceId> refused) {
        this.placed = placed;
        this.refused = refused;
        this.encryption = new EncryptionChecks(id -> {
            Placed found = placed.get(id);
            return found == null ? null : found.resource();
        });
    }

    /**
     * @param refused ids that are written down and wrong: not there, and yet not missing
     */
    static List<Finding> of(Map<ResourceId, Placed> placed, Set<ResourceId> refused) {
        return new CrossChecks(placed, refused).findings();
    }

    private List<Finding> findings() {
        for (Placed each : placed.values()) {
            if (each.resource() instanceof EndpointSet endpoints) {
                nodesWithEndpoints.add(
                        ResourceId.of(Kind.VIRTUAL_NODE, endpoints.id().mesh(), endpoints.virtualNode()));
            } else if (each.resource() instanceof Route route) {
                encryption.add(route);
            }
        }
        for (Placed each : placed.values()) {
            Resource resource = each.resource();
            if (resource instanceof VirtualNode node) {
                checkNode(each, node);
            } else if (resource instanceof VirtualService service) {
                checkService(each, service);
            } else if (resource instanceof Route route) {
                checkRoute(each, route);
            } else if (resource instanceof GatewayRoute route) {
                checkGatewayRoute(each, route);
            } else if (resource instanceof EndpointSet endpoints) {
                reference(each, "virtualNode", Kind.VIRTUAL_NODE, endpoints.virtualNode());
            } else if (resource instanceof AccessPolicy policy) {
                checkAccess(each, policy);
            } else if (resource instanceof TrafficPolicy policy) {
                checkTarget(each, policy.targetRef());
                if (policy.mirror() != null) {
                    reference(
                            each,
                            "mirror.virtualNode",
                            Kind.VIRTUAL_NODE,
                            policy.mirror().virtualNode());
                }
            }
        }
        return findings;
    }

    // Virtual nodes and services.

    private void checkNode(Placed each, VirtualNode node) {
        if (!node.listeners().isEmpty() && node.serviceDiscovery() == null && !nodesWithEndpoints.contains(node.id())) {
            error(
                    each,
                    "serviceDiscovery",
                    "missing (expected: with listeners); add it, or an Endpoints document for this node");
        }
        encryption.check(node, (path, message) -> note(each, path, message));
    }

    private void checkService(Placed each, VirtualService service) {
        VirtualService.Provider provider = service.provider();
        if (provider instanceof VirtualService.Provider.Node node) {
            reference(each, "provider.virtualNode.virtualNodeName", Kind.VIRTUAL_NODE, node.name());
        } else if (provider instanceof VirtualService.Provider.Router router) {
            reference(each, "provider.virtualRouter.virtualRouterName", Kind.VIRTUAL_ROUTER, router.name());
        }
    }

    private void checkTarget(Placed each, TargetRef target) {
        ResourceId id = target.in(mesh(each));
        if (isMissing(id)) {
            note(each, "targetRef", dangling(id));
        }
    }

    // Access policies.

    private void checkAccess(Placed each, AccessPolicy policy) {
        checkTarget(each, policy.targetRef());
        for (int i = 0; i < policy.rules().size(); i++) {
            AccessPolicy.Rule rule = policy.rules().get(i);
            String path = "rules[" + i + "]";
            for (int j = 0; j < rule.callers().size(); j++) {
                if (rule.callers().get(j) instanceof AccessPolicy.Caller.Node caller) {
                    reference(each, path + ".callers[" + j + "].virtualNode", Kind.VIRTUAL_NODE, caller.virtualNode());
                }
            }
            AccessPolicy.Rollout rollout = rule.rollout();
            if (rollout != null) {
                checkRollout(each, path + ".rollout", rollout);
            }
        }
    }

    private void checkRollout(Placed each, String path, AccessPolicy.Rollout rollout) {
        ResourceId id = new ResourceId(Kind.ROUTE, mesh(each), rollout.virtualRouter(), rollout.route());
        Placed route = placed.get(id);
        if (isMissing(id)) {
            note(
                    each,
                    path + ".route",
                    dangling(id) + ": while it is not here, ALLOW rules with it do not hold, DENY" + " rules do");
        } else if (route != null
                && route.resource() instanceof Route found
                && found.spec().weightedTargets().stream()
                        .noneMatch(target -> target.virtualNode().equals(rollout.virtualNode()))) {
            note(
                    each,
                    path + ".virtualNode",
                    "'" + rollout.virtualNode() + "' is no target of " + id
                            + ", so the rollout is never under way; name one of its targets, of weight 0 before it begins");
        }
    }

    // Routes.

    private void checkRoute(Placed each, Route route) {
        String type = memberOf(route.spec().protocol());
        int errorsBefore = errors;
        VirtualRouter router = find(Kind.VIRTUAL_ROUTER, mesh(each), route.virtualRouter(), VirtualRouter.class);
        ResourceId routerId = ResourceId.of(Kind.VIRTUAL_ROUTER, mesh(each), route.virtualRouter());
        if (isMissing(routerId) && each.draft().parent() != null) {
            note(each, "", dangling(routerId));
        }
        if (router != null) {
            checkListener(each, type, route.spec().protocol(), route.spec().port(), router.listeners(), routerId);
        }
        List<WeightedTarget> targets = route.spec().weightedTargets();
        for (int i = 0; i < targets.size(); i++) {
            checkWeightedTarget(
                    each,
                    type + ".action.weightedTargets[" + i + "]",
                    route.spec().protocol(),
                    targets.get(i));
        }
        if (errors == errorsBefore) {
            checkAmbiguity(each, route);
        }
    }

    private void checkWeightedTarget(Placed each, String path, Protocol protocol, WeightedTarget target) {
        reference(each, path + ".virtualNode", Kind.VIRTUAL_NODE, target.virtualNode());
        VirtualNode node = find(Kind.VIRTUAL_NODE, mesh(each), target.virtualNode(), VirtualNode.class);
        if (node != null) {
            checkTargetPort(
                    each,
                    path + ".port",
                    target.port(),
                    node.listeners().stream().map(Listener::port).toList(),
                    node.id());
            checkProtocol(each, path + ".virtualNode", protocol, target.port(), node);
        }
    }

    /**
     * Compares the protocol of a route with that of the listener that its traffic reaches. Only a note: a call is sent in the
     * listener's protocol, so that http and http2 understand one another.
     */
    private void checkProtocol(Placed each, String path, Protocol protocol, @Nullable Integer port, VirtualNode node) {
        List<Listener> reached = node.listeners().stream()
                .filter(listener -> port == null || listener.port() == port)
                .toList();
        if (reached.size() == 1 && reached.get(0).protocol() != protocol) {
            Listener listener = reached.get(0);
            note(
                    each,
                    path,
                    node.id() + " speaks " + listener.protocol().text() + " on port " + listener.port() + " (expected: "
                            + protocol.text()
                            + ", as the route); calls use the listener's protocol, change one of them");
        }
    }

    /** Checks the type and the port of a route against the listeners of the router or gateway that holds it. */
    private void checkListener(
            Placed each,
            String type,
            Protocol protocol,
            @Nullable Integer port,
            List<PortMapping> listeners,
            ResourceId holder) {
        if (listeners.isEmpty()) {
            return;
        }
        String portPath = type + ".match.port";
        List<Integer> ports = listeners.stream().map(PortMapping::port).toList();
        if (port == null && listeners.size() > 1) {
            error(
                    each,
                    portPath,
                    "missing (expected: " + anyOf(ports) + "), since " + holder + " has several listeners; add it");
            return;
        }
        if (port != null && !ports.contains(port)) {
            note(
                    each,
                    portPath,
                    port + " is no listener of " + holder + " (expected: " + anyOf(ports)
                            + "); the route never matches");
            return;
        }
        boolean fits = listeners.stream()
                .filter(listener -> port == null || listener.port() == port)
                .anyMatch(listener -> listener.protocol() == protocol);
        if (!fits) {
            Protocol expected = listeners.stream()
                    .filter(listener -> port == null || listener.port() == port)
                    .map(PortMapping::protocol)
                    .findFirst()
                    .orElse(protocol);
            error(
                    each,
                    type,
                    "does not fit the listener of " + holder + " (expected: " + memberOf(expected)
                            + "); rename it or change the listener's protocol");
        }
    }

    /** Checks a port that must name a listener where there are several. */
    private void checkTargetPort(
            Placed each, String path, @Nullable Integer port, List<Integer> listeners, ResourceId target) {
        if (port == null && listeners.size() > 1) {
            error(
                    each,
                    path,
                    "missing (expected: " + anyOf(listeners) + "), since " + target + " has several listeners; add it");
        } else if (port != null && !listeners.isEmpty() && !listeners.contains(port)) {
            note(each, path, port + " is no listener of " + target + " (expected: " + anyOf(listeners) + ")");
        }
    }

    /** What makes two routes of one router rank alike, whatever else they ask for. */
    private record AmbiguityKey(
            ResourceId router,
            Protocol protocol,
            @Nullable Integer priority,
            @Nullable PathMatch path) {}

    private void checkAmbiguity(Placed each, Route route) {
        if (!(route.spec() instanceof Route.Http http)) {
            return;
        }
        ResourceId router = ResourceId.of(Kind.VIRTUAL_ROUTER, mesh(each), route.virtualRouter());
        AmbiguityKey key = new AmbiguityKey(
                router, http.protocol(), route.priority(), http.match().path());
        List<Placed> before = alike.computeIfAbsent(key, any -> new ArrayList<>());
        for (Placed earlier : before) {
            if (earlier.resource() instanceof Route other
                    && other.spec() instanceof Route.Http otherHttp
                    && mayOverlap(http.match(), otherHttp.match())) {
                note(
                        each,
                        "",
                        "ranks like route '" + other.name() + "' ("
                                + earlier.draft().origin()
                                + ") and may match the same requests; the one declared first wins: give them priorities");
                break;
            }
        }
        if (before.size() < MAX_COMPARED) {
            before.add(each);
        }
    }

    /** Tells whether some request could satisfy both, as far as method, scheme, port and equal header names show. */
    private static boolean mayOverlap(HttpMatch a, HttpMatch b) {
        return agree(a.method(), b.method())
                && agree(a.scheme(), b.scheme())
                && agree(a.port(), b.port())
                && a.queryParameters().stream()
                        .noneMatch(one -> one.exact() != null
                                && b.queryParameters().stream()
                                        .anyMatch(two -> two.name().equals(one.name())
                                                && two.exact() != null
                                                && !two.exact().equals(one.exact())))
                && a.headers().stream()
                        .noneMatch(one -> b.headers().stream()
                                .anyMatch(two -> two.name().equalsIgnoreCase(one.name()) && !two.equals(one)));
    }

    private static boolean agree(@Nullable Object a, @Nullable Object b) {
        return a == null || b == null || Objects.equals(a, b);
    }

    // Gateway routes.

    private void checkGatewayRoute(Placed each, GatewayRoute route) {
        String type = memberOf(route.spec().protocol());
        ResourceId gatewayId = ResourceId.of(Kind.VIRTUAL_GATEWAY, mesh(each), route.virtualGateway());
        if (isMissing(gatewayId) && each.draft().parent() != null) {
            note(each, "", dangling(gatewayId));
        }
        VirtualGateway gateway = find(Kind.VIRTUAL_GATEWAY, mesh(each), route.virtualGateway(), VirtualGateway.class);
        if (gateway != null) {
            List<PortMapping> listeners =
                    gateway.listeners().stream().map(Listener::portMapping).toList();
            checkListener(each, type, route.spec().protocol(), route.spec().port(), listeners, gatewayId);
        }
        String target = type + ".action.target";
        String service = route.spec().target().virtualServiceName();
        reference(each, target + ".virtualService.virtualServiceName", Kind.VIRTUAL_SERVICE, service);
        checkServicePort(each, target, route.spec(), service);
    }

    private void checkServicePort(Placed each, String target, GatewayRoute.Spec route, String serviceName) {
        String path = target + ".port";
        Integer port = route.target().port();
        VirtualService service = find(Kind.VIRTUAL_SERVICE, mesh(each), serviceName, VirtualService.class);
        if (service == null) {
            return;
        }
        if (service.provider() instanceof VirtualService.Provider.Node provider) {
            VirtualNode node = find(Kind.VIRTUAL_NODE, mesh(each), provider.name(), VirtualNode.class);
            if (node != null) {
                List<Integer> ports =
                        node.listeners().stream().map(Listener::port).toList();
                checkTargetPort(each, path, port, ports, node.id());
                checkProtocol(each, target + ".virtualService.virtualServiceName", route.protocol(), port, node);
            }
        } else if (service.provider() instanceof VirtualService.Provider.Router provider) {
            VirtualRouter router = find(Kind.VIRTUAL_ROUTER, mesh(each), provider.name(), VirtualRouter.class);
            if (router != null) {
                List<Integer> ports =
                        router.listeners().stream().map(PortMapping::port).toList();
                checkTargetPort(each, path, port, ports, router.id());
            }
        }
    }

    // What all of them use.

    private void reference(Placed each, String path, Kind kind, String name) {
        ResourceId id = ResourceId.of(kind, mesh(each), name);
        if (isMissing(id)) {
            note(each, path, dangling(id));
        }
    }

    private boolean isMissing(ResourceId id) {
        return !placed.containsKey(id) && !refused.contains(id);
    }

    private static String dangling(ResourceId id) {
        return id + " is not here; it may live elsewhere, else check the name";
    }

    private <R extends Resource> @Nullable R find(Kind kind, String mesh, String name, Class<R> type) {
        Placed found = placed.get(ResourceId.of(kind, mesh, name));
        return found == null ? null : type.cast(found.resource());
    }

    private static String mesh(Placed each) {
        return each.resource().id().mesh();
    }

    private static String memberOf(Protocol protocol) {
        return protocol.text() + "Route";
    }

    private static String anyOf(List<Integer> ports) {
        return Words.anyOf(ports.stream().map(String::valueOf).toList());
    }

    private void error(Placed each, String path, String message) {
        errors++;
        add(each, path, Severity.ERROR, message);
    }

    private void note(Placed each, String path, String message) {
        add(each, path, Severity.NOTE, message);
    }

    /** Adds a finding at a field of the spec, named relative to it; empty means the resource as a whole. */
    private void add(Placed each, String path, Severity severity, String message) {
        String full = each.draft().pathOf(path);
        findings.add(
                new Finding(each.resource().id(), new Problem(each.draft().placeOf(full), full, severity, message)));
    }
}
