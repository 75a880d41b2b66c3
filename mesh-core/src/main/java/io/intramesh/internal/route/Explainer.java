package io.intramesh.internal.route;

import io.intramesh.Reason;
import io.intramesh.call.MeshRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.Listener;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.RetryPolicy;
import io.intramesh.model.Timeouts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes down one decision. Takes the steps of {@link RoutingTable#decide} on the same objects, but walks through all routes
 * instead of asking the index, so that each can say why it does not match. Used once, by one thread.
 */
final class Explainer {
    private static final String DEFAULT = "default";

    /** App Mesh's default policy, as the pipeline's retry stage runs it. */
    private static final String DEFAULT_RETRIES =
            "2 retries of what is safe to repeat, on 503, gRPC unavailable, or no answer";

    private final RoutingTable table;
    private final Caller caller;

    private List<Explanation.Tried> gatewayRoutes = List.of();
    private @Nullable String gatewayRoute;
    private String forwardedHost = "";
    private @Nullable String forwardedPath;
    private @Nullable String virtualService;
    private @Nullable String virtualRouter;
    private final List<Explanation.Tried> routes = new ArrayList<>();
    private @Nullable String route;
    private List<Explanation.Target> targets = List.of();
    private List<Explanation.Setting> settings = List.of();

    Explainer(RoutingTable table, Caller caller) {
        this.table = table;
        this.caller = caller;
    }

    Explanation explain(MeshRequest request) {
        String host = request.host();
        forwardedHost = host;
        forwardedPath = withQuery(request.path(), request.query());
        int port = request.port();
        boolean implied = port == -1 || request.isPortImplied();
        Destination destination = caller.find(host);
        if (destination == null) {
            destination = caller.find(Hosts.name(host));
            if (destination == null) {
                return finished(table.outside(host, caller));
            }
            int written = Hosts.port(host);
            if (implied && written != -1) {
                port = written;
                implied = false;
            }
        }
        return explain(request, destination, port, implied);
    }

    private Explanation explain(MeshRequest request, Destination destination, int port, boolean implied) {
        virtualService = destination.virtualService();
        virtualRouter = destination.virtualRouter();
        String path = request.path() == null ? null : CanonicalPath.of(request.path());
        forwardedPath = withQuery(path, request.query());
        int listener = destination.listening().find(port, implied);
        Refusal refusal = RoutingTable.notHeard(request, destination, listener, port);
        if (refusal != null) {
            return finished(refusal);
        }
        Plan plan = plan(request, path, destination, listener, implied ? -1 : port);
        if (plan == null) {
            return finished(RoutingTable.noMatch(request, path, destination));
        }
        route = plan.route();
        targets = plan.targets().stream()
                .map(target -> new Explanation.Target(
                        target.virtualNode(),
                        target.weight(),
                        target.port(),
                        (double) target.weight() / plan.weightSum(),
                        List.of()))
                .toList();
        settings = settings(destination, plan);
        return finished(null);
    }

    private @Nullable Plan plan(
            MeshRequest request, @Nullable String path, Destination destination, int listener, int dialled) {
        CompiledRouter router = destination.router();
        if (router == null) {
            return destination.find(request, path, listener, dialled);
        }
        Candidate found = walk(
                routes, router.ranked(), request, path, destination.listening().at(listener), dialled);
        return found == null ? null : router.plan(found);
    }

    /** Tries all candidates in order up to the first that matches, and notes each. */
    private static @Nullable Candidate walk(
            List<Explanation.Tried> tried,
            List<Candidate> ranked,
            MeshRequest request,
            @Nullable String path,
            @Nullable PortMapping listener,
            int dialled) {
        for (Candidate candidate : ranked) {
            String mismatch = candidate.mismatch(request, path, listener, dialled);
            tried.add(new Explanation.Tried(candidate.name(), candidate.describe(), mismatch));
            if (mismatch == null) {
                return candidate;
            }
        }
        return null;
    }

    Explanation explainAtGateway(MeshRequest request, CompiledGateway gateway) {
        forwardedHost = request.host();
        String path = request.path() == null ? null : CanonicalPath.of(request.path());
        forwardedPath = withQuery(path, request.query());
        String where = "virtualGateway '" + gateway.name() + "'";
        int port = request.port();
        boolean implied = port == -1 || request.isPortImplied();
        int written = Hosts.port(request.host());
        if (implied && written != -1) {
            port = written;
            implied = false;
        }
        int place = gateway.listening().find(port, implied);
        if (place == Listening.NOWHERE) {
            return finished(RoutingTable.noListener(where, port, gateway.listening()));
        }
        PortMapping listener = gateway.listening().get(place);
        if (!Destination.agree(listener, request.protocol())) {
            return finished(RoutingTable.otherProtocol(where, listener, request.protocol()));
        }
        gatewayRoutes = new ArrayList<>();
        Candidate candidate = walk(gatewayRoutes, gateway.ranked(), request, path, listener, port);
        if (candidate == null) {
            return finished(Refusal.of(
                    Reason.NO_ROUTE,
                    () -> where + ": none of its " + gateway.ranked().size() + " gateway routes takes "
                            + RoutingTable.words(request, path) + " for host " + request.host()
                            + "; add or widen a gateway route"));
        }
        GatewayRoute taken = gateway.route(candidate);
        gatewayRoute = taken.name();
        GatewayRoute.Target target = taken.spec().target();
        String host = taken.spec().rewritesHostname() ? target.virtualServiceName() : request.host();
        String rewritten = CompiledGateway.rewrittenPath(taken, path);
        forwardedHost = host;
        forwardedPath = withQuery(rewritten, request.query());
        Destination destination = table.destination(target.virtualServiceName());
        if (destination == null) {
            virtualService = target.virtualServiceName();
            return finished(Refusal.nothingBehind(where + " gatewayRoute '" + taken.name()
                    + "': its target virtualService '" + target.virtualServiceName() + "' does not exist; create it"));
        }
        int targetPort = target.port() == null ? -1 : target.port();
        return explain(new Rewritten(request, host, targetPort, rewritten), destination, targetPort, targetPort == -1);
    }

    private Explanation finished(@Nullable Refusal refusal) {
        return new Explanation(
                gatewayRoutes,
                gatewayRoute,
                forwardedHost,
                forwardedPath,
                virtualService,
                virtualRouter,
                routes,
                route,
                targets,
                settings,
                List.of(),
                refusal == null
                        ? null
                        : new Explanation.Refused(
                                refusal.reason(), refusal.message().get()));
    }

    private static @Nullable String withQuery(@Nullable String path, @Nullable String query) {
        return path == null || query == null ? path : path + "?" + query;
    }

    private List<Explanation.Setting> settings(Destination destination, Plan plan) {
        List<Explanation.Setting> found = new ArrayList<>();
        if (plan.protocol() != Protocol.TCP) {
            addLimits(found, "timeout.perRequest", destination, plan, true);
        }
        addLimits(found, "timeout.idle", destination, plan, false);
        if (plan.protocol() != Protocol.TCP) {
            RetryPolicy policy = plan.retryPolicy();
            found.add(new Explanation.Setting(
                    "retryPolicy", inForce(policy), policy == null ? DEFAULT : routeName(destination, plan)));
        }
        return found;
    }

    /** Adds a limit: once where it is the same for all targets, else once for each. */
    private void addLimits(
            List<Explanation.Setting> found, String name, Destination destination, Plan plan, boolean perRequest) {
        List<Explanation.Setting> each = plan.targets().stream()
                .map(target -> limit(name, destination, plan, target, perRequest))
                .toList();
        Set<String> values = each.stream().map(Explanation.Setting::value).collect(Collectors.toSet());
        if (values.size() == 1) {
            found.add(each.get(0));
            return;
        }
        Set<Explanation.Setting> named = new LinkedHashSet<>();
        for (int i = 0; i < each.size(); i++) {
            Explanation.Setting setting = each.get(i);
            named.add(new Explanation.Setting(
                    name + " towards " + plan.targets().get(i).virtualNode(), setting.value(), setting.source()));
        }
        found.addAll(named);
    }

    private Explanation.Setting limit(
            String name, Destination destination, Plan plan, Target target, boolean perRequest) {
        Source least = source(routeName(destination, plan), plan.timeouts(), plan.protocol(), perRequest);
        if (caller.node() != null) {
            Limits own = caller.limits(plan.protocol());
            for (Listener listener : caller.node().listeners()) {
                Source source = source(listenerName(caller.node().name(), listener), listener, perRequest);
                // Of several listeners the one with the longest limit counts, as Limits.ofCaller says.
                if (source.nanos() == (perRequest ? own.perRequestNanos() : own.idleNanos())) {
                    least = least.orLess(source);
                }
            }
        }
        Listener listener = target.listener();
        if (listener != null) {
            least = least.orLess(source(listenerName(target.virtualNode(), listener), listener, perRequest));
        }
        return new Explanation.Setting(name, words(least.nanos()), least.source());
    }

    private static Source source(String place, Listener listener, boolean perRequest) {
        return source(place, listener.timeout(), listener.protocol(), perRequest);
    }

    private static Source source(
            String place, @Nullable Timeouts timeouts, @Nullable Protocol protocol, boolean perRequest) {
        Limits limits = Limits.of(timeouts, protocol);
        Duration given = timeouts == null ? null : perRequest ? timeouts.perRequest() : timeouts.idle();
        return new Source(
                perRequest ? limits.perRequestNanos() : limits.idleNanos(),
                given == null ? DEFAULT : place + " timeout." + (perRequest ? "perRequest" : "idle"));
    }

    /** A limit and where it comes from. */
    private record Source(long nanos, String source) {
        Source orLess(Source other) {
            return other.nanos < nanos ? other : this;
        }
    }

    private static String routeName(Destination destination, Plan plan) {
        return plan.route() == null ? destination.provider() : destination.provider() + " route '" + plan.route() + "'";
    }

    private static String listenerName(String node, Listener listener) {
        return "virtualNode '" + node + "' listener " + listener.port();
    }

    private static String words(long nanos) {
        return nanos == Limits.NONE ? "none" : words(Duration.ofNanos(nanos));
    }

    private static String words(Duration limit) {
        if (limit.isZero()) {
            return "none";
        }
        return limit.toMillisPart() == 0 && limit.toNanosPart() % 1_000_000 == 0
                ? limit.toSeconds() + " s"
                : limit.toMillis() + " ms";
    }

    private static String inForce(@Nullable RetryPolicy policy) {
        if (policy == null) {
            return DEFAULT_RETRIES;
        }
        return policy.maxRetries() == 0 ? "none" : words(policy);
    }

    private static String words(RetryPolicy policy) {
        String events = Stream.of(
                        Arrays.stream(RetryPolicy.HttpEvent.values())
                                .filter(policy.httpRetryEvents()::contains)
                                .map(RetryPolicy.HttpEvent::text),
                        Arrays.stream(RetryPolicy.TcpEvent.values())
                                .filter(policy.tcpRetryEvents()::contains)
                                .map(RetryPolicy.TcpEvent::text),
                        Arrays.stream(RetryPolicy.GrpcEvent.values())
                                .filter(policy.grpcRetryEvents()::contains)
                                .map(RetryPolicy.GrpcEvent::text))
                .flatMap(names -> names)
                .collect(Collectors.joining(", "));
        return policy.maxRetries()
                + (policy.maxRetries() == 1 ? " retry" : " retries")
                + (events.isEmpty() ? "" : " on " + events)
                + (policy.perRetryTimeout().isZero()
                        ? ""
                        : ", each attempt at most " + words(policy.perRetryTimeout()));
    }

    /**
     * The request that a gateway sends on. Its protocol is open: the gateway speaks to the target what the target's listener
     * speaks.
     */
    private record Rewritten(
            MeshRequest original,
            String host,
            int port,
            @Nullable String path) implements MeshRequest {
        @Override
        public @Nullable String method() {
            return original.method();
        }

        @Override
        public @Nullable String scheme() {
            return original.scheme();
        }

        @Override
        public @Nullable String query() {
            return original.query();
        }

        @Override
        public @Nullable String header(String name) {
            return original.header(name);
        }
    }
}
