package io.intramesh.internal.route;

import io.intramesh.call.MeshRequest;
import io.intramesh.model.Listener;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.WeightedTarget;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A virtual service and what stands behind it: a router, a node, or nothing for the reason given. Immutable. */
final class Destination {
    /** Weight of the only target where a node is the provider: the whole. */
    private static final int WHOLE = WeightedTarget.MAX_WEIGHT;

    private final String virtualService;
    private final @Nullable CompiledRouter router;
    private final @Nullable String virtualNode;
    private final Listening listening;

    /** For each listener of the node; where it has none, the only one, for every port. Empty with a router. */
    private final Plan[] nodePlans;

    /** Why nothing stands behind it, or null. */
    private final @Nullable String absence;

    private Destination(
            String virtualService,
            @Nullable CompiledRouter router,
            @Nullable String virtualNode,
            Listening listening,
            List<Plan> nodePlans,
            @Nullable String absence) {
        this.virtualService = virtualService;
        this.router = router;
        this.virtualNode = virtualNode;
        this.listening = listening;
        this.nodePlans = nodePlans.toArray(new Plan[0]);
        this.absence = absence;
    }

    static Destination nothing(String virtualService, String why) {
        return new Destination(virtualService, null, null, new Listening(List.of()), List.of(), why);
    }

    static Destination of(String virtualService, CompiledRouter router) {
        return new Destination(virtualService, router, null, router.listening(), List.of(), null);
    }

    /** The implicit route of a node takes everything, with default limits that nothing can lift. */
    static Destination of(String virtualService, VirtualNode node, Bindings bindings) {
        Listening listening = new Listening(
                node.listeners().stream().map(Listener::portMapping).toList());
        List<Plan> plans = listening.isAnywhere()
                ? List.of(plan(node, null, null, bindings))
                : node.listeners().stream()
                        .map(listener -> plan(node, listener.port(), listener.protocol(), bindings))
                        .toList();
        return new Destination(virtualService, null, node.name(), listening, plans, null);
    }

    private static Plan plan(VirtualNode node, @Nullable Integer port, @Nullable Protocol protocol, Bindings bindings) {
        WeightedTarget whole = new WeightedTarget(node.name(), WHOLE, port);
        return new Plan(null, protocol, List.of(bindings.target(whole, Limits.of(null, protocol))), null, null);
    }

    String virtualService() {
        return virtualService;
    }

    @Nullable
    CompiledRouter router() {
        return router;
    }

    /** Returns the name of the router, or null. */
    @Nullable
    String virtualRouter() {
        return router == null ? null : router.name();
    }

    @Nullable
    String absence() {
        return absence;
    }

    Listening listening() {
        return listening;
    }

    /** Returns everything that may become of a request. */
    List<Plan> plans() {
        return router == null ? List.of(nodePlans) : router.plans();
    }

    /** Returns what becomes of a request at a listener, or null when no route takes it. */
    @Nullable
    Plan find(MeshRequest request, @Nullable String path, int listener, int dialled) {
        if (router != null) {
            return router.find(request, path, listener, dialled);
        }
        return nodePlans[Math.max(listener, 0)];
    }

    /** Tells whether the listener speaks what the request speaks; either may leave it open. A gRPC call is HTTP/2. */
    static boolean agree(@Nullable PortMapping listener, @Nullable Protocol protocol) {
        return listener == null
                || protocol == null
                || listener.protocol() == protocol
                || (protocol == Protocol.GRPC && listener.protocol() == Protocol.HTTP2);
    }

    /** Returns the provider in the words of messages. */
    String provider() {
        return router != null ? "virtualRouter '" + router.name() + "'" : "virtualNode '" + virtualNode + "'";
    }
}
