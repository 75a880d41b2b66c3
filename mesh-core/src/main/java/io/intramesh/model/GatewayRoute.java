package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A route of a virtual gateway: from a request of the outside world to a virtual service.
 *
 * @param priority 0 to 1000, 0 is tried first; null comes after every number
 */
public record GatewayRoute(ResourceId id, @Nullable Integer priority, Spec spec) implements Resource {
    public GatewayRoute {
        requireNonNull(id, "id");
        requireNonNull(spec, "spec");
        if (priority != null) {
            Checks.range("priority", priority, 0, Route.MAX_PRIORITY);
        }
    }

    /** Returns the name within the virtual gateway. */
    public String name() {
        return id.name();
    }

    /** Returns the name of the virtual gateway. */
    public String virtualGateway() {
        return requireNonNull(id.parent());
    }

    /** What a gateway route does, by protocol. */
    public sealed interface Spec {
        /** Returns the protocol of the requests that this route takes. */
        Protocol protocol();

        /** Returns the port that the caller must have dialled, or null for any. */
        @Nullable
        Integer port();

        /** Returns the condition on the host, or null for any host. */
        @Nullable
        HostnameMatch hostname();

        /** Returns where matching requests go. */
        Target target();

        /** Tells whether the host becomes the target service's name; App Mesh's default. */
        boolean rewritesHostname();
    }

    /**
     * A virtual service, and its port where its provider has several listeners.
     *
     * @param port null means the only (or first) listener
     */
    public record Target(
            String virtualServiceName, @Nullable Integer port) {
        public Target {
            requireNonNull(virtualServiceName, "virtualServiceName");
            Checks.port("port", port);
        }
    }

    /**
     * A gateway route of HTTP requests.
     *
     * @param protocol {@link Protocol#HTTP} or {@link Protocol#HTTP2}
     * @param pathRewrite null means App Mesh's default: a matched prefix becomes {@code /}, another path stays
     */
    public record Http(
            Protocol protocol,
            HttpMatch match,
            Target target,
            boolean rewritesHostname,
            @Nullable PathRewrite pathRewrite)
            implements Spec {
        public Http {
            Checks.require(
                    protocol == Protocol.HTTP || protocol == Protocol.HTTP2,
                    "protocol: " + protocol.text() + " (expected: http or http2)");
            requireNonNull(match, "match");
            requireNonNull(target, "target");
        }

        @Override
        public @Nullable Integer port() {
            return match.port();
        }

        @Override
        public @Nullable HostnameMatch hostname() {
            return match.hostname();
        }
    }

    /** A gateway route of gRPC calls. */
    public record Grpc(GrpcMatch match, Target target, boolean rewritesHostname) implements Spec {
        public Grpc {
            requireNonNull(match, "match");
            requireNonNull(target, "target");
        }

        @Override
        public Protocol protocol() {
            return Protocol.GRPC;
        }

        @Override
        public @Nullable Integer port() {
            return match.port();
        }

        @Override
        public @Nullable HostnameMatch hostname() {
            return match.hostname();
        }
    }

    /** What becomes of the path. */
    public sealed interface PathRewrite {
        /** The matched prefix becomes {@code /} when enabled; the path stays when not. */
        record DefaultPrefix(boolean enabled) implements PathRewrite {}

        /** The matched prefix becomes this one, which starts and ends with a slash. */
        record Prefix(String value) implements PathRewrite {
            public Prefix {
                Checks.length("value", value, 1, 255);
                Checks.require(
                        value.startsWith("/") && value.endsWith("/"),
                        "value: '" + value + "' (expected: starts and ends with '/')");
            }
        }

        /** The whole path becomes this one; the query stays. */
        record Exact(String path) implements PathRewrite {
            public Exact {
                Checks.length("exact", path, 1, 255);
                Checks.require(path.startsWith("/"), "exact: '" + path + "' (expected: starts with '/')");
            }
        }
    }
}
