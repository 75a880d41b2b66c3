package io.intramesh.internal.document;

import io.intramesh.model.ClientPolicy;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.GatewayRoute.PathRewrite;
import io.intramesh.model.GatewayRoute.Target;
import io.intramesh.model.GrpcMatch;
import io.intramesh.model.HttpMatch;
import io.intramesh.model.Listener;
import io.intramesh.model.PathMatch;
import io.intramesh.model.Protocol;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.Route;
import io.intramesh.model.VirtualGateway;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Binds virtual gateways and gateway routes. */
final class GatewayBinder {
    /** Path prefixes that App Mesh keeps for itself. */
    private static final List<String> RESERVED_PREFIXES = List.of("/aws-appmesh", "/aws-app-mesh");

    /** gRPC services that App Mesh keeps for itself. */
    private static final List<String> RESERVED_SERVICES = List.of("/aws.app-mesh", "aws.app-mesh", "aws.appmesh");

    private GatewayBinder() {}

    static Function<ResourceId, Resource> virtualGateway(Fields spec) {
        List<Listener> listeners = ListenerBinder.listeners(spec, true);
        ClientPolicy backendDefaults = NodeBinder.backendDefaults(spec);
        var accessLog = LoggingBinder.accessLog(spec);
        return id -> new VirtualGateway(id, listeners, backendDefaults, accessLog);
    }

    static @Nullable Function<ResourceId, Resource> gatewayRoute(Fields spec) {
        Integer priority = spec.integer("priority", 0, Route.MAX_PRIORITY);
        String member = spec.oneOf("httpRoute", "http2Route", "grpcRoute");
        if (member == null) {
            return null;
        }
        Fields fields = spec.keepPlace(member).object(member);
        if (fields == null) {
            return null;
        }
        GatewayRoute.Spec bound = switch (member) {
            case "httpRoute" -> http(fields, Protocol.HTTP);
            case "http2Route" -> http(fields, Protocol.HTTP2);
            default -> grpc(fields);
        };
        fields.end();
        return bound == null ? null : id -> new GatewayRoute(id, priority, bound);
    }

    private static GatewayRoute.@Nullable Spec http(Fields fields, Protocol protocol) {
        Fields matchFields = fields.requiredObject("match");
        HttpMatch match = null;
        if (matchFields != null) {
            match = MatchBinder.http(matchFields, true, protocol == Protocol.HTTP2);
            if (match != null && match.path() instanceof PathMatch.Prefix prefix) {
                refuseReserved(matchFields, "prefix", prefix.prefix(), RESERVED_PREFIXES);
            }
        }
        Fields action = fields.requiredObject("action");
        if (action == null) {
            return null;
        }
        Target target = target(action);
        Fields rewrite = action.object("rewrite");
        boolean rewritesHostname = true;
        PathRewrite pathRewrite = null;
        if (rewrite != null) {
            rewritesHostname = rewritesHostname(rewrite);
            pathRewrite = pathRewrite(rewrite, match);
            if (!rewrite.has("hostname") && !rewrite.has("prefix") && !rewrite.has("path")) {
                rewrite.error("empty (expected: hostname, prefix or path); remove it");
            }
            rewrite.end();
        }
        action.end();
        return match == null || target == null
                ? null
                : new GatewayRoute.Http(protocol, match, target, rewritesHostname, pathRewrite);
    }

    private static GatewayRoute.@Nullable Spec grpc(Fields fields) {
        Fields matchFields = fields.requiredObject("match");
        GrpcMatch match = null;
        if (matchFields != null) {
            match = MatchBinder.grpc(matchFields, true);
            if (match != null && match.serviceName() != null) {
                refuseReserved(matchFields, "serviceName", match.serviceName(), RESERVED_SERVICES);
            }
        }
        Fields action = fields.requiredObject("action");
        if (action == null) {
            return null;
        }
        Target target = target(action);
        Fields rewrite = action.object("rewrite");
        boolean rewritesHostname = true;
        if (rewrite != null) {
            rewritesHostname = rewritesHostname(rewrite);
            if (!rewrite.has("hostname")) {
                rewrite.error("empty (expected: hostname); remove it");
            }
            rewrite.end();
        }
        action.end();
        return match == null || target == null ? null : new GatewayRoute.Grpc(match, target, rewritesHostname);
    }

    private static void refuseReserved(Fields fields, String name, String value, List<String> reserved) {
        for (String start : reserved) {
            if (value.startsWith(start)) {
                fields.error(
                        name, Words.quote(value) + " (expected: not below '" + start + "', which App Mesh reserves)");
                return;
            }
        }
    }

    private static @Nullable Target target(Fields action) {
        Fields fields = action.requiredObject("target");
        if (fields == null) {
            return null;
        }
        Fields service = fields.requiredObject("virtualService");
        String name = null;
        if (service != null) {
            name = service.keepPlace("virtualServiceName").requiredServiceName("virtualServiceName", 255);
            service.end();
        }
        Integer port = fields.keepPlace("port").port("port");
        fields.end();
        return name == null ? null : new Target(name, port);
    }

    private enum Switch {
        ENABLED,
        DISABLED
    }

    private static boolean rewritesHostname(Fields rewrite) {
        Fields hostname = rewrite.object("hostname");
        if (hostname == null) {
            return true;
        }
        Switch value = hostname.choice("defaultTargetHostname", Switch.values(), Switch::name);
        hostname.end();
        return value != Switch.DISABLED;
    }

    private static @Nullable PathRewrite pathRewrite(Fields rewrite, @Nullable HttpMatch match) {
        String member = rewrite.atMostOneOf("prefix", "path");
        Fields fields = member == null ? null : rewrite.object(member);
        if (member == null || fields == null) {
            return null;
        }
        PathRewrite pathRewrite = member.equals("path") ? exact(fields) : prefix(fields);
        fields.end();
        if (member.equals("prefix") && match != null && !(match.path() instanceof PathMatch.Prefix)) {
            rewrite.error(
                    "prefix", "a rewrite of the prefix (expected: match.prefix beside it); use rewrite.path instead");
        }
        return pathRewrite;
    }

    private static @Nullable PathRewrite exact(Fields fields) {
        String exact = fields.requiredText("exact", 1, 255);
        if (exact != null && !exact.startsWith("/")) {
            fields.error("exact", Words.quote(exact) + " (expected: starts with '/')");
            return null;
        }
        return exact == null ? null : new PathRewrite.Exact(exact);
    }

    private static @Nullable PathRewrite prefix(Fields fields) {
        String member = fields.oneOf("defaultPrefix", "value");
        if (member == null) {
            return null;
        }
        if (member.equals("defaultPrefix")) {
            Switch value = fields.choice("defaultPrefix", Switch.values(), Switch::name);
            return value == null ? null : new PathRewrite.DefaultPrefix(value == Switch.ENABLED);
        }
        String value = fields.text("value", 1, 255);
        if (value != null && !(value.startsWith("/") && value.endsWith("/"))) {
            fields.error("value", Words.quote(value) + " (expected: starts and ends with '/')");
            return null;
        }
        return value == null ? null : new PathRewrite.Prefix(value);
    }
}
