package io.intramesh.internal.document;

import io.intramesh.model.ConnectionPool;
import io.intramesh.model.HealthCheck;
import io.intramesh.model.Listener;
import io.intramesh.model.OutlierDetection;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.Timeouts;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Binds the listeners of virtual nodes, virtual gateways and virtual routers. */
final class ListenerBinder {
    private static final List<Protocol> ALL_PROTOCOLS = List.of(Protocol.values());
    private static final List<Protocol> GATEWAY_PROTOCOLS = List.of(Protocol.HTTP, Protocol.HTTP2, Protocol.GRPC);

    private ListenerBinder() {}

    /** Binds the listeners of a node or of a gateway, which has fewer parts and needs at least one. */
    static List<Listener> listeners(Fields spec, boolean gateway) {
        Set<Integer> ports = new HashSet<>();
        Fields.ItemReader<Listener> reader = spec.objects(item -> listener(item, gateway, ports));
        return gateway
                ? spec.requiredList("listeners", 1, Integer.MAX_VALUE, reader)
                : spec.list("listeners", 0, Integer.MAX_VALUE, reader);
    }

    /** Binds the listeners of a router. */
    static List<PortMapping> portMappings(Fields spec) {
        Set<Integer> ports = new HashSet<>();
        return spec.list("listeners", 0, Integer.MAX_VALUE, spec.objects(item -> {
            PortMapping mapping = portMapping(item, ALL_PROTOCOLS, ports);
            item.end();
            return mapping;
        }));
    }

    private static @Nullable PortMapping portMapping(Fields listener, List<Protocol> protocols, Set<Integer> ports) {
        Fields fields = listener.requiredObject("portMapping");
        if (fields == null) {
            return null;
        }
        Integer port = fields.requiredInteger("port", 1, PortMapping.MAX_PORT);
        Protocol protocol = protocol(fields, protocols);
        fields.end();
        if (port != null && !ports.add(port)) {
            fields.error("port", port + " is the port of another listener too; give each its own");
        }
        return port == null || protocol == null ? null : new PortMapping(port, protocol);
    }

    private static @Nullable Protocol protocol(Fields fields, List<Protocol> protocols) {
        return fields.requiredChoice("protocol", protocols.toArray(new Protocol[0]), Protocol::text);
    }

    private static @Nullable Listener listener(Fields fields, boolean gateway, Set<Integer> ports) {
        List<Protocol> protocols = gateway ? GATEWAY_PROTOCOLS : ALL_PROTOCOLS;
        PortMapping mapping = portMapping(fields, protocols, ports);
        Protocol protocol = mapping == null ? null : mapping.protocol();
        ConnectionPool pool = pool(fields, protocols, protocol);
        HealthCheck healthCheck = healthCheck(fields, protocols, mapping);
        OutlierDetection outlierDetection = gateway ? null : outlierDetection(fields);
        Timeouts timeout = gateway ? null : timeout(fields, protocol);
        var tls = TlsBinder.listenerTls(fields);
        fields.end();
        if (mapping == null) {
            return null;
        }
        return fields.build(() -> Listener.builder(mapping)
                .connectionPool(pool)
                .healthCheck(healthCheck)
                .outlierDetection(outlierDetection)
                .timeout(timeout)
                .tls(tls)
                .build());
    }

    /**
     * Opens the member of a union that is named after a protocol, which must be the listener's own.
     *
     * @param protocol null where it is unknown because it is wrong itself
     */
    private static @Nullable Fields ofProtocol(Fields union, List<Protocol> protocols, @Nullable Protocol protocol) {
        String member = union.oneOf(protocols.stream().map(Protocol::text).toArray(String[]::new));
        if (member == null) {
            return null;
        }
        if (protocol != null && !member.equals(protocol.text())) {
            union.error(
                    member,
                    Words.quote(union.spell(member)) + " (expected: '" + union.spell(protocol.text())
                            + "', the protocol of the listener); rename it or change "
                            + union.path().spelling().ofPath("portMapping.protocol"));
        }
        return union.object(member);
    }

    private static @Nullable ConnectionPool pool(
            Fields listener, List<Protocol> protocols, @Nullable Protocol protocol) {
        Fields union = listener.object("connectionPool");
        Fields fields = union == null ? null : ofProtocol(union, protocols, protocol);
        if (union != null) {
            union.end();
        }
        if (fields == null) {
            return null;
        }
        ConnectionPool pool = null;
        boolean grpc = "grpc".equals(fields.path().member());
        if (grpc || "http2".equals(fields.path().member())) {
            Integer maxRequests = fields.requiredInteger("maxRequests", 1, Integer.MAX_VALUE);
            if (maxRequests != null) {
                pool = grpc ? new ConnectionPool.Grpc(maxRequests) : new ConnectionPool.Http2(maxRequests);
            }
        } else {
            boolean http = "http".equals(fields.path().member());
            Integer maxConnections = fields.requiredInteger("maxConnections", 1, Integer.MAX_VALUE);
            Integer maxPending = http ? fields.integer("maxPendingRequests", 1, Integer.MAX_VALUE) : null;
            if (maxConnections != null) {
                pool = !http
                        ? new ConnectionPool.Tcp(maxConnections)
                        : new ConnectionPool.Http(
                                maxConnections,
                                maxPending == null ? ConnectionPool.Http.DEFAULT_MAX_PENDING_REQUESTS : maxPending);
            }
        }
        fields.end();
        // One for another protocol is reported already; the record would report it again.
        return pool != null && protocol != null && pool.protocol() == protocol ? pool : null;
    }

    private static @Nullable HealthCheck healthCheck(
            Fields listener, List<Protocol> protocols, @Nullable PortMapping mapping) {
        Fields fields = listener.object("healthCheck");
        if (fields == null) {
            return null;
        }
        Protocol protocol = protocol(fields, protocols);
        String path = fields.text("path", 0, Integer.MAX_VALUE);
        Integer port = fields.port("port");
        Integer healthy =
                fields.requiredInteger("healthyThreshold", HealthCheck.MIN_THRESHOLD, HealthCheck.MAX_THRESHOLD);
        Integer unhealthy =
                fields.requiredInteger("unhealthyThreshold", HealthCheck.MIN_THRESHOLD, HealthCheck.MAX_THRESHOLD);
        Long interval =
                fields.requiredLong("intervalMillis", HealthCheck.MIN_INTERVAL_MILLIS, HealthCheck.MAX_INTERVAL_MILLIS);
        Long timeout =
                fields.requiredLong("timeoutMillis", HealthCheck.MIN_TIMEOUT_MILLIS, HealthCheck.MAX_TIMEOUT_MILLIS);
        fields.end();
        if (port != null && mapping != null && port != mapping.port()) {
            fields.error("port", port + " (expected: " + mapping.port() + ", the port of the listener); remove it");
            port = null;
        }
        if (protocol == null || healthy == null || unhealthy == null || interval == null || timeout == null) {
            return null;
        }
        return new HealthCheck(
                protocol, path, port, healthy, unhealthy, Duration.ofMillis(interval), Duration.ofMillis(timeout));
    }

    private static @Nullable OutlierDetection outlierDetection(Fields listener) {
        Fields fields = listener.object("outlierDetection");
        if (fields == null) {
            return null;
        }
        Long maxServerErrors = fields.requiredLong("maxServerErrors", 1, Long.MAX_VALUE);
        Duration interval = fields.requiredDuration("interval");
        Duration ejection = fields.requiredDuration("baseEjectionDuration");
        Integer percent = fields.requiredInteger("maxEjectionPercent", 0, 100);
        fields.end();
        return maxServerErrors == null || interval == null || ejection == null || percent == null
                ? null
                : new OutlierDetection(maxServerErrors, interval, ejection, percent);
    }

    private static @Nullable Timeouts timeout(Fields listener, @Nullable Protocol protocol) {
        Fields union = listener.object("timeout");
        if (union == null) {
            return null;
        }
        Fields fields = ofProtocol(union, ALL_PROTOCOLS, protocol);
        union.end();
        return fields == null
                ? null
                : timeouts(fields, "tcp".equals(fields.path().member()));
    }

    /** Binds the limits of a listener or route; tcp has no limit of a whole request. */
    static Timeouts timeouts(Fields fields, boolean tcp) {
        Duration perRequest = tcp ? null : fields.duration("perRequest");
        Duration idle = fields.duration("idle");
        fields.end();
        return new Timeouts(perRequest, idle);
    }
}
