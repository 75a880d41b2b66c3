package io.intramesh.internal.document;

import io.intramesh.model.GrpcMatch;
import io.intramesh.model.HttpMatch;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.RetryPolicy;
import io.intramesh.model.Route;
import io.intramesh.model.Timeouts;
import io.intramesh.model.VirtualRouter;
import io.intramesh.model.WeightedTarget;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Binds virtual routers and routes. */
final class RouteBinder {
    private RouteBinder() {}

    static Function<ResourceId, Resource> virtualRouter(Fields spec) {
        List<PortMapping> listeners = ListenerBinder.portMappings(spec);
        return id -> new VirtualRouter(id, listeners);
    }

    static @Nullable Function<ResourceId, Resource> route(Fields spec) {
        Integer priority = spec.integer("priority", 0, Route.MAX_PRIORITY);
        String member = spec.oneOf("httpRoute", "http2Route", "grpcRoute", "tcpRoute");
        if (member == null) {
            return null;
        }
        Fields fields = spec.keepPlace(member).object(member);
        if (fields == null) {
            return null;
        }
        Route.Spec bound = switch (member) {
            case "httpRoute" -> http(fields, Protocol.HTTP);
            case "http2Route" -> http(fields, Protocol.HTTP2);
            case "grpcRoute" -> grpc(fields);
            default -> tcp(fields);
        };
        fields.end();
        return bound == null ? null : id -> new Route(id, priority, bound);
    }

    private static Route.@Nullable Spec http(Fields fields, Protocol protocol) {
        Fields matchFields = fields.requiredObject("match");
        HttpMatch match = matchFields == null ? null : MatchBinder.http(matchFields, false, protocol == Protocol.HTTP2);
        List<WeightedTarget> targets = targets(fields);
        RetryPolicy retryPolicy = retryPolicy(fields, false);
        Timeouts timeout = timeout(fields, false);
        adviseOnTimeout(fields, retryPolicy, timeout);
        return match == null || targets == null
                ? null
                : fields.build(() -> new Route.Http(protocol, match, targets, retryPolicy, timeout));
    }

    private static Route.@Nullable Spec grpc(Fields fields) {
        Fields matchFields = fields.requiredObject("match");
        GrpcMatch match = matchFields == null ? null : MatchBinder.grpc(matchFields, false);
        List<WeightedTarget> targets = targets(fields);
        RetryPolicy retryPolicy = retryPolicy(fields, true);
        Timeouts timeout = timeout(fields, false);
        adviseOnTimeout(fields, retryPolicy, timeout);
        return match == null || targets == null
                ? null
                : fields.build(() -> new Route.Grpc(match, targets, retryPolicy, timeout));
    }

    private static Route.@Nullable Spec tcp(Fields fields) {
        Fields match = fields.object("match");
        Integer port = null;
        if (match != null) {
            port = match.keepPlace("port").port("port");
            match.end();
        }
        List<WeightedTarget> targets = targets(fields);
        Timeouts timeout = timeout(fields, true);
        Integer portFound = port;
        return targets == null ? null : fields.build(() -> new Route.Tcp(portFound, targets, timeout));
    }

    /** Returns the targets; null where the list as a whole is wrong. */
    private static @Nullable List<WeightedTarget> targets(Fields route) {
        Fields action = route.requiredObject("action");
        if (action == null) {
            return null;
        }
        int errors = route.context().problems().errors();
        List<WeightedTarget> targets =
                action.requiredList("weightedTargets", 1, Route.MAX_TARGETS, action.objects(RouteBinder::target));
        action.end();
        if (route.context().problems().errors() > errors) {
            return null;
        }
        int sum = targets.stream().mapToInt(WeightedTarget::weight).sum();
        if (sum == 0) {
            action.error("weightedTargets", "every weight is 0 (expected: at least one above 0); raise one");
            return null;
        }
        if (sum > 100) {
            action.note(
                    "weightedTargets",
                    "the weights add up to " + sum + " (App Mesh: to 100 at most); shares are taken of " + sum);
        }
        return targets;
    }

    private static @Nullable WeightedTarget target(Fields fields) {
        String node = fields.keepPlace("virtualNode").requiredName("virtualNode");
        Integer weight = fields.requiredInteger(
                "weight", 0, WeightedTarget.MAX_WEIGHT, "lower it, or split it over two targets");
        Integer port = fields.keepPlace("port").port("port");
        fields.end();
        return node == null || weight == null ? null : new WeightedTarget(node, weight, port);
    }

    private static @Nullable Timeouts timeout(Fields route, boolean tcp) {
        Fields fields = route.object("timeout");
        return fields == null ? null : ListenerBinder.timeouts(fields, tcp);
    }

    private static @Nullable RetryPolicy retryPolicy(Fields route, boolean grpc) {
        Fields fields = route.object("retryPolicy");
        if (fields == null) {
            return null;
        }
        Long maxRetries = fields.requiredLong("maxRetries", 0, Long.MAX_VALUE);
        Duration perRetryTimeout = fields.requiredDuration("perRetryTimeout");
        Set<RetryPolicy.HttpEvent> http =
                events(fields, "httpRetryEvents", 25, RetryPolicy.HttpEvent.values(), RetryPolicy.HttpEvent::text);
        Set<RetryPolicy.TcpEvent> tcp =
                events(fields, "tcpRetryEvents", 1, RetryPolicy.TcpEvent.values(), RetryPolicy.TcpEvent::text);
        Set<RetryPolicy.GrpcEvent> grpcEvents = grpc
                ? events(fields, "grpcRetryEvents", 5, RetryPolicy.GrpcEvent.values(), RetryPolicy.GrpcEvent::text)
                : Set.of();
        if (!fields.has("httpRetryEvents")
                && !fields.has("tcpRetryEvents")
                && !(grpc && fields.has("grpcRetryEvents"))) {
            fields.error("no event is named (expected: at least one in " + fields.spell("httpRetryEvents") + ", "
                    + fields.spell("tcpRetryEvents") + (grpc ? " or " + fields.spell("grpcRetryEvents") : "")
                    + "); add one");
        }
        fields.end();
        return maxRetries == null || perRetryTimeout == null
                ? null
                : new RetryPolicy(maxRetries, perRetryTimeout, http, tcp, grpcEvents);
    }

    private static <E extends Enum<E>> Set<E> events(
            Fields fields, String name, int max, E[] events, Function<E, String> text) {
        List<E> named = fields.list(
                name, 1, max, (item, path) -> Fields.<E>choice(item, path, List.of(events), text, fields.context()));
        return named.isEmpty() ? Set.of() : EnumSet.copyOf(named);
    }

    /** Retries that the limit of the whole request cuts short are worth a word (RT-04 of the model notes). */
    private static void adviseOnTimeout(Fields route, @Nullable RetryPolicy policy, @Nullable Timeouts timeout) {
        if (policy == null || policy.perRetryTimeout().isZero()) {
            return;
        }
        Timeouts limits = timeout == null ? Timeouts.DEFAULTS : timeout;
        Duration perRequest = limits.effectivePerRequest();
        if (!perRequest.isZero()
                && perRequest.compareTo(policy.perRetryTimeout().multipliedBy(attempts(policy))) < 0) {
            String given = limits.perRequest() == null ? " by default" : "";
            route.note(
                    "retryPolicy",
                    "perRequest is " + text(perRequest) + given + ", less than " + attempts(policy)
                            + " attempts of " + text(policy.perRetryTimeout())
                            + "; the later attempts are cut short: raise "
                            + route.path().spelling().ofPath("timeout.perRequest"));
        }
    }

    /** Returns the number of attempts, held to 32 bits so that a duration can be multiplied by it. */
    private static long attempts(RetryPolicy policy) {
        return Math.min(policy.maxRetries(), Integer.MAX_VALUE - 1) + 1;
    }

    private static String text(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }
}
