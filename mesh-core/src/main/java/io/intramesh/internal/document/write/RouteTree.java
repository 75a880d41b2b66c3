package io.intramesh.internal.document.write;

import io.intramesh.internal.document.write.Tree.Mapping;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.GatewayRoute.PathRewrite;
import io.intramesh.model.GrpcMatch;
import io.intramesh.model.HeaderMatch;
import io.intramesh.model.HostnameMatch;
import io.intramesh.model.HttpMatch;
import io.intramesh.model.Kind;
import io.intramesh.model.PathMatch;
import io.intramesh.model.QueryParameterMatch;
import io.intramesh.model.RetryPolicy;
import io.intramesh.model.Route;
import io.intramesh.model.ValueMatch;
import io.intramesh.model.WeightedTarget;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Routes and gateway routes. */
final class RouteTree {
    private final Spelling spelling;

    RouteTree(Spelling spelling) {
        this.spelling = spelling;
    }

    // Routes.

    Mapping route(Route route) {
        Route.Spec spec = route.spec();
        Tree match;
        if (spec instanceof Route.Http http) {
            match = match(http.match());
        } else if (spec instanceof Route.Grpc grpc) {
            match = match(grpc.match());
        } else {
            match = spec.port() == null ? null : Tree.mapping("port", new Tree.Whole(spec.port()));
        }
        Tree targets = Tree.sequence(spec.weightedTargets(), this::target);
        return Tree.mapping()
                .put("priority", Tree.wholeOrNull(route.priority()))
                .put(
                        spec.protocol().text() + "Route",
                        Tree.mapping()
                                .put("match", match)
                                .put("action", Tree.mapping("weightedTargets", targets))
                                .put("retryPolicy", retryPolicy(spec.retryPolicy()))
                                .put("timeout", ListenerTree.timeouts(spec.timeout()))
                                .build())
                .build();
    }

    private Tree target(WeightedTarget target) {
        return Tree.mapping()
                .put(spelling.reference("virtualNode", Kind.VIRTUAL_NODE, target.virtualNode()))
                .put("weight", target.weight())
                .put("port", Tree.wholeOrNull(target.port()))
                .build();
    }

    private static @Nullable Tree retryPolicy(@Nullable RetryPolicy policy) {
        if (policy == null) {
            return null;
        }
        return Tree.mapping()
                .put("maxRetries", policy.maxRetries())
                .put("perRetryTimeout", Durations.unitAndValue(policy.perRetryTimeout()))
                .put(
                        "httpRetryEvents",
                        events(policy.httpRetryEvents(), RetryPolicy.HttpEvent.values(), RetryPolicy.HttpEvent::text))
                .put(
                        "tcpRetryEvents",
                        events(policy.tcpRetryEvents(), RetryPolicy.TcpEvent.values(), RetryPolicy.TcpEvent::text))
                .put(
                        "grpcRetryEvents",
                        events(policy.grpcRetryEvents(), RetryPolicy.GrpcEvent.values(), RetryPolicy.GrpcEvent::text))
                .build();
    }

    /** Returns the events in the order of their declaration: the set has none. */
    private static <E> @Nullable Tree events(Set<E> events, E[] all, Function<E, String> text) {
        List<E> ordered = Stream.of(all).filter(events::contains).toList();
        return Tree.sequenceOrNull(ordered, event -> Tree.text(text.apply(event)));
    }

    // Gateway routes.

    Mapping gatewayRoute(GatewayRoute route) {
        GatewayRoute.Spec spec = route.spec();
        PathRewrite pathRewrite = spec instanceof GatewayRoute.Http http ? http.pathRewrite() : null;
        Mapping match = spec instanceof GatewayRoute.Http http
                ? match(http.match())
                : match(((GatewayRoute.Grpc) spec).match());
        return Tree.mapping()
                .put("priority", Tree.wholeOrNull(route.priority()))
                .put(
                        spec.protocol().text() + "Route",
                        Tree.mapping()
                                .put("match", match)
                                .put(
                                        "action",
                                        Tree.mapping()
                                                .put("target", target(spec.target()))
                                                .put("rewrite", rewrite(spec.rewritesHostname(), pathRewrite))
                                                .build())
                                .build())
                .build();
    }

    private Tree target(GatewayRoute.Target target) {
        return Tree.mapping()
                .put(
                        "virtualService",
                        Tree.mapping()
                                .put(spelling.reference(
                                        "virtualServiceName", Kind.VIRTUAL_SERVICE, target.virtualServiceName()))
                                .build())
                .put("port", Tree.wholeOrNull(target.port()))
                .build();
    }

    private static @Nullable Tree rewrite(boolean rewritesHostname, @Nullable PathRewrite path) {
        if (rewritesHostname && path == null) {
            return null;
        }
        Tree.Builder rewrite = Tree.mapping();
        if (!rewritesHostname) {
            rewrite.put("hostname", Tree.mapping("defaultTargetHostname", Tree.text("DISABLED")));
        }
        if (path instanceof PathRewrite.DefaultPrefix prefix) {
            String state = prefix.enabled() ? "ENABLED" : "DISABLED";
            rewrite.put("prefix", Tree.mapping("defaultPrefix", Tree.text(state)));
        } else if (path instanceof PathRewrite.Prefix prefix) {
            rewrite.put("prefix", Tree.mapping("value", Tree.text(prefix.value())));
        } else if (path instanceof PathRewrite.Exact exact) {
            rewrite.put("path", Tree.mapping("exact", Tree.text(exact.path())));
        }
        return rewrite.build();
    }

    // Conditions.

    private static Mapping match(HttpMatch match) {
        Tree.Builder tree = Tree.mapping();
        PathMatch path = match.path();
        if (path instanceof PathMatch.Prefix prefix) {
            tree.put("prefix", prefix.prefix());
        } else if (path != null) {
            tree.put("path", path(path));
        }
        return tree.put("hostname", hostname(match.hostname()))
                .put(
                        "method",
                        match.method() == null ? null : Tree.text(match.method().name()))
                .put(
                        "scheme",
                        match.scheme() == null ? null : Tree.text(match.scheme().text()))
                .put("port", Tree.wholeOrNull(match.port()))
                .put("headers", Tree.sequenceOrNull(match.headers(), RouteTree::header))
                .put("queryParameters", Tree.sequenceOrNull(match.queryParameters(), RouteTree::parameter))
                .build();
    }

    private static Mapping match(GrpcMatch match) {
        return Tree.mapping()
                .put("serviceName", Tree.textOrNull(match.serviceName()))
                .put("methodName", Tree.textOrNull(match.methodName()))
                .put("hostname", hostname(match.hostname()))
                .put("port", Tree.wholeOrNull(match.port()))
                .put("metadata", Tree.sequenceOrNull(match.metadata(), RouteTree::header))
                .build();
    }

    /** Returns one of prefix, exact and regex. */
    static Mapping path(PathMatch path) {
        if (path instanceof PathMatch.Prefix prefix) {
            return Tree.mapping("prefix", Tree.text(prefix.prefix()));
        }
        return path instanceof PathMatch.Exact exact
                ? Tree.mapping("exact", Tree.text(exact.path()))
                : Tree.mapping("regex", Tree.text(((PathMatch.Regex) path).pattern()));
    }

    private static @Nullable Tree hostname(@Nullable HostnameMatch hostname) {
        if (hostname == null) {
            return null;
        }
        return hostname instanceof HostnameMatch.Exact exact
                ? Tree.mapping("exact", Tree.text(exact.hostname()))
                : Tree.mapping("suffix", Tree.text(((HostnameMatch.Suffix) hostname).suffix()));
    }

    static Mapping header(HeaderMatch header) {
        return Tree.mapping()
                .put("name", header.name())
                .put("match", value(header.match()))
                .put("invert", header.invert() ? new Tree.Flag(true) : null)
                .build();
    }

    private static @Nullable Tree value(@Nullable ValueMatch match) {
        if (match == null) {
            return null;
        }
        if (match instanceof ValueMatch.Range range) {
            return Tree.mapping(
                    "range",
                    Tree.mapping()
                            .put("start", range.start())
                            .put("end", range.end())
                            .build());
        }
        if (match instanceof ValueMatch.Exact exact) {
            return Tree.mapping("exact", Tree.text(exact.value()));
        }
        if (match instanceof ValueMatch.Prefix prefix) {
            return Tree.mapping("prefix", Tree.text(prefix.value()));
        }
        return match instanceof ValueMatch.Suffix suffix
                ? Tree.mapping("suffix", Tree.text(suffix.value()))
                : Tree.mapping("regex", Tree.text(((ValueMatch.Regex) match).pattern()));
    }

    private static Tree parameter(QueryParameterMatch parameter) {
        String exact = parameter.exact();
        return Tree.mapping()
                .put("name", parameter.name())
                .put("match", exact == null ? null : Tree.mapping("exact", Tree.text(exact)))
                .build();
    }
}
