package io.intramesh.internal.route;

import static java.util.Objects.requireNonNull;

import io.intramesh.Reason;
import io.intramesh.call.MeshRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.model.EgressFilter;
import io.intramesh.model.Kind;
import io.intramesh.model.MeshResource;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.Route;
import io.intramesh.model.TrafficPolicy;
import io.intramesh.model.VirtualGateway;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualRouter;
import io.intramesh.model.VirtualService;
import io.intramesh.model.WeightedTarget;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/*
 * Deciding, step by step:
 *   1. The host names a virtual service: one look-up among what the caller may reach.
 *   2. What it may not reach, or what does not exist, goes by the egress filter of the mesh.
 *   3. The dialled port names a listener of the provider; a port that only follows from the scheme may mean another.
 *   4. The path is brought to its one form.
 *   5. The router's index finds the first route that matches; a node takes everything.
 *   6. A target is drawn by weight, and the smallest of the time limits holds.
 */

/**
 * The routes of one mesh, compiled. Immutable and safe for use by several threads; one per snapshot of the configuration.
 * References that lead nowhere are no error here: they refuse the requests that meet them.
 */
public final class RoutingTable {
    private static final String AWS = ".amazonaws.com";

    private final ResourceSet resources;
    private final String mesh;
    private final EgressFilter egressFilter;
    private final Map<String, CompiledRouter> routers;

    /** By name of the virtual service in lower case. */
    private final Map<String, Destination> destinations;

    /** Who gets copies, by name of the virtual node. */
    private final Map<String, Target> mirrors;

    private final Caller anyCaller;

    /** Compiled when first asked for: a process is one caller, or the front of one gateway. Bounded by what exists. */
    private final Map<String, Caller> callers = new ConcurrentHashMap<>();

    private final Map<String, CompiledGateway> gateways = new ConcurrentHashMap<>();

    private RoutingTable(
            ResourceSet resources,
            String mesh,
            EgressFilter egressFilter,
            Map<String, CompiledRouter> routers,
            Map<String, Destination> destinations,
            Map<String, Target> mirrors) {
        this.resources = resources;
        this.mesh = mesh;
        this.egressFilter = egressFilter;
        this.routers = routers;
        this.destinations = destinations;
        this.mirrors = mirrors;
        this.anyCaller = Caller.any(destinations);
    }

    /**
     * Compiles the resources of one mesh. Of two virtual services whose names differ in case only, the one that was declared
     * first stands.
     *
     * @param previous table of the former snapshot, whose unchanged routers are kept; null for none
     */
    public static RoutingTable compile(
            ResourceSet resources, String mesh, TargetBinder binder, @Nullable RoutingTable previous) {
        requireNonNull(resources, "resources");
        requireNonNull(mesh, "mesh");
        Bindings bindings = new Bindings(resources, mesh, requireNonNull(binder, "binder"));
        Map<String, CompiledRouter> former =
                previous == null || !previous.mesh.equals(mesh) ? Map.of() : previous.routers;
        Map<String, CompiledRouter> routers = new HashMap<>();
        for (var resource : resources.ofKind(Kind.VIRTUAL_ROUTER)) {
            if (resource.id().mesh().equals(mesh)) {
                VirtualRouter router = (VirtualRouter) resource;
                List<Route> routes = resources.routes(mesh, router.name());
                routers.put(router.name(), CompiledRouter.compile(router, routes, bindings, former.get(router.name())));
            }
        }
        Map<String, Destination> destinations = new HashMap<>();
        for (var resource : resources.ofKind(Kind.VIRTUAL_SERVICE)) {
            if (resource.id().mesh().equals(mesh)) {
                VirtualService service = (VirtualService) resource;
                destinations.putIfAbsent(
                        Hosts.key(service.name()), destination(service, resources, mesh, routers, bindings));
            }
        }
        MeshResource settings = resources.mesh(mesh);
        return new RoutingTable(
                resources,
                mesh,
                settings == null ? EgressFilter.DROP_ALL : settings.egressFilter(),
                routers,
                destinations,
                mirrors(resources, mesh, bindings));
    }

    private static Map<String, Target> mirrors(ResourceSet resources, String mesh, Bindings bindings) {
        Map<String, Target> mirrors = new HashMap<>();
        for (TrafficPolicy policy : resources.all(TrafficPolicy.class)) {
            TrafficPolicy.Mirror mirror = policy.mirror();
            if (mirror != null && policy.id().mesh().equals(mesh)) {
                mirrors.computeIfAbsent(
                        mirror.virtualNode(),
                        node -> bindings.target(
                                new WeightedTarget(node, WeightedTarget.MAX_WEIGHT, null), Limits.UNLIMITED));
            }
        }
        return mirrors;
    }

    private static Destination destination(
            VirtualService service,
            ResourceSet resources,
            String mesh,
            Map<String, CompiledRouter> routers,
            Bindings bindings) {
        String name = service.name();
        String what = "virtualService '" + name + "': ";
        VirtualService.Provider provider = service.provider();
        if (provider == null) {
            return Destination.nothing(
                    name, what + "no provider; name a virtual node or virtual router in spec.provider");
        }
        if (provider instanceof VirtualService.Provider.Node) {
            VirtualNode node = resources.virtualNode(mesh, provider.name());
            return node == null
                    ? Destination.nothing(
                            name, what + "its provider virtualNode '" + provider.name() + "' does not exist; create it")
                    : Destination.of(name, node, bindings);
        }
        CompiledRouter router = routers.get(provider.name());
        if (router == null) {
            return Destination.nothing(
                    name, what + "its provider virtualRouter '" + provider.name() + "' does not exist; create it");
        }
        return router.ranked().isEmpty()
                ? Destination.nothing(
                        name, what + "its provider virtualRouter '" + router.name() + "' has no routes; add one")
                : Destination.of(name, router);
    }

    /**
     * Returns a caller of this mesh.
     *
     * @param virtualNode null means any caller: it reaches every virtual service, and is held to no limit of its own
     * @return null when there is no such node
     */
    public @Nullable Caller caller(@Nullable String virtualNode) {
        if (virtualNode == null) {
            return anyCaller;
        }
        Caller known = callers.get(virtualNode);
        if (known != null) {
            return known;
        }
        VirtualNode node = resources.virtualNode(mesh, virtualNode);
        return node == null ? null : callers.computeIfAbsent(virtualNode, name -> Caller.of(node, destinations));
    }

    /**
     * Decides where a request goes.
     *
     * @param caller one of this table's own
     * @param chance draws among weighted targets; not asked where there is but one
     */
    public Decision decide(MeshRequest request, Caller caller, RandomGenerator chance) {
        String host = request.host();
        int port = request.port();
        boolean implied = port == -1 || request.isPortImplied();
        Destination destination = caller.find(host);
        if (destination == null) {
            destination = caller.find(Hosts.name(host));
            if (destination == null) {
                Refusal refusal = outside(host, caller);
                return refusal == null ? Decision.passThrough(host) : Decision.refused(refusal, host, null);
            }
            int written = Hosts.port(host);
            if (implied && written != -1) {
                port = written;
                implied = false;
            }
        }
        int listener = destination.listening().find(port, implied);
        Refusal refusal = notHeard(request, destination, listener, port);
        if (refusal != null) {
            return Decision.refused(refusal, destination.virtualService(), destination.virtualRouter());
        }
        String sent = request.path();
        String path = sent == null ? null : CanonicalPath.of(sent);
        Plan plan = destination.find(request, path, listener, implied ? -1 : port);
        if (plan == null) {
            return Decision.refused(
                    noMatch(request, path, destination), destination.virtualService(), destination.virtualRouter());
        }
        return Decision.to(
                destination, plan, plan.pick(chance), caller.limits(plan.protocol()), isSame(path, sent) ? null : path);
    }

    // CanonicalPath gives back the same object where nothing changes.
    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(@Nullable String path, @Nullable String sent) {
        return path == sent;
    }

    /** Returns why a request to an undeclared or unknown host is refused, or null where it passes through. */
    @Nullable
    Refusal outside(String host, Caller caller) {
        if (egressFilter == EgressFilter.ALLOW_ALL || Hosts.name(host).endsWith(AWS)) {
            return null;
        }
        return Refusal.of(Reason.EGRESS_DENIED, () -> {
            boolean exists = destinations.containsKey(Hosts.name(host));
            String problem = caller.node() == null
                    ? "mesh '" + mesh + "': no virtual service '" + host + "'"
                    : caller + ": '" + host + "' is no declared backend"
                            + (exists ? "" : ", nor is there a virtual service of that name");
            String mend = caller.node() == null || !exists
                    ? "create a virtual service of that name"
                            + (caller.node() == null ? "" : " and name it in the node's spec.backends")
                    : "name it in the node's spec.backends";
            return problem + ", and the mesh drops what is not declared (egressFilter DROP_ALL); " + mend
                    + ", or set the mesh's egressFilter to ALLOW_ALL";
        });
    }

    /** Returns why nothing takes the request at that listener, or null where something may. */
    static @Nullable Refusal notHeard(MeshRequest request, Destination destination, int listener, int port) {
        String absence = destination.absence();
        if (absence != null) {
            return Refusal.nothingBehind(absence);
        }
        Listening listening = destination.listening();
        if (listener == Listening.NOWHERE) {
            return listening.isAnywhere()
                    ? null
                    : noListener("virtualService '" + destination.virtualService() + "'", port, listening);
        }
        PortMapping there = listening.get(listener);
        return Destination.agree(there, request.protocol())
                ? null
                : otherProtocol("virtualService '" + destination.virtualService() + "'", there, request.protocol());
    }

    static Refusal noListener(String where, int port, Listening listening) {
        return Refusal.of(
                Reason.NO_ROUTE,
                () -> where + ": no listener on port " + port + " (has: " + listening.ports()
                        + "); call one of these, or add a listener");
    }

    static Refusal otherProtocol(String where, PortMapping listener, @Nullable Protocol protocol) {
        return Refusal.of(
                Reason.NO_ROUTE,
                () -> where + ": the listener on port " + listener.port() + " speaks "
                        + listener.protocol().text() + ", the request "
                        + (protocol == null ? "nothing" : protocol.text()) + "; change one of them");
    }

    static Refusal noMatch(MeshRequest request, @Nullable String path, Destination destination) {
        return Refusal.of(
                Reason.NO_ROUTE,
                () -> "virtualService '" + destination.virtualService() + "': none of the "
                        + (destination.router() == null
                                ? 0
                                : destination.router().ranked().size())
                        + " routes of " + destination.provider() + " takes " + words(request, path)
                        + "; add or widen a route ('mesh explain' shows why each does not match)");
    }

    static String words(MeshRequest request, @Nullable String path) {
        String method = request.method();
        return (method == null ? "the request" : method) + (path == null ? "" : " " + path);
    }

    /**
     * Explains what {@link #decide} does with a request and why. Lists of endpoints are empty.
     *
     * @param caller one of this table's own
     */
    public Explanation explain(MeshRequest request, Caller caller) {
        return new Explainer(this, caller).explain(request);
    }

    /**
     * Explains what a virtual gateway does with a request, up to the target of the rewritten one.
     *
     * @return null when there is no such gateway
     */
    public @Nullable Explanation explainAtGateway(MeshRequest request, String virtualGateway) {
        CompiledGateway gateway = gateway(virtualGateway);
        return gateway == null ? null : new Explainer(this, anyCaller).explainAtGateway(request, gateway);
    }

    private @Nullable CompiledGateway gateway(String name) {
        CompiledGateway known = gateways.get(name);
        if (known != null) {
            return known;
        }
        VirtualGateway gateway = resources.virtualGateway(mesh, name);
        return gateway == null
                ? null
                : gateways.computeIfAbsent(
                        name, key -> CompiledGateway.compile(gateway, resources.gatewayRoutes(mesh, key)));
    }

    /**
     * Returns every target that a caller's declared backends can lead to, each once: the places that need endpoints before the
     * first call. A weight of 0 leads nowhere. For any caller, those of every virtual service.
     */
    public List<Target> targetsOf(Caller caller) {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Target> targets = new ArrayList<>();
        for (Destination destination : caller.reachable()) {
            for (Plan plan : destination.plans()) {
                for (Target target : plan.targets()) {
                    if (target.weight() > 0 && seen.add(target.binding())) {
                        targets.add(target);
                    }
                }
            }
        }
        return targets;
    }

    /**
     * Returns the targets of each virtual service that a caller may reach, by the name that decisions give it. Those of weight 0
     * are among them.
     */
    public Map<String, List<Target>> targetsByService(Caller caller) {
        Map<String, List<Target>> targets = new HashMap<>();
        for (Destination destination : caller.reachable()) {
            targets.put(
                    destination.virtualService(),
                    destination.plans().stream()
                            .flatMap(plan -> plan.targets().stream())
                            .toList());
        }
        return targets;
    }

    /** Returns everywhere that copies may go. */
    public Collection<Target> mirrors() {
        return mirrors.values();
    }

    /** Returns where copies for that virtual node go, its first listener; null where no traffic policy names it. */
    public @Nullable Target mirror(String virtualNode) {
        return mirrors.get(virtualNode);
    }

    @Nullable
    Destination destination(String virtualService) {
        return destinations.get(Hosts.key(virtualService));
    }

    @Nullable
    CompiledRouter router(String name) {
        return routers.get(name);
    }

    String mesh() {
        return mesh;
    }
}
