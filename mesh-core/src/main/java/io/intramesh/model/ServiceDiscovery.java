package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How callers find the endpoints of a virtual node. */
public sealed interface ServiceDiscovery {

    /** Returns the node's own address family preference, or null for the mesh's. */
    @Nullable
    IpPreference ipPreference();

    /**
     * Returns the name under which callers find the node: the host name, or {@code service.namespace} of Cloud Map. The node's
     * certificate carries it, for callers whose policy lists no other names.
     */
    String name();

    /** Addresses by DNS; the port is the listener's. */
    record Dns(
            String hostname,
            ResponseType responseType,
            @Nullable IpPreference ipPreference) implements ServiceDiscovery {
        /** What an answer of several addresses means. */
        public enum ResponseType {
            /** One logical endpoint behind a load balancer; the default. */
            LOADBALANCER,
            /** Every address is an endpoint. */
            ENDPOINTS
        }

        public Dns {
            requireNonNull(hostname, "hostname");
            requireNonNull(responseType, "responseType");
        }

        @Override
        public String name() {
            return hostname;
        }
    }

    /** Instances of a service in AWS Cloud Map, of which all attributes match. */
    record CloudMap(
            String namespaceName,
            String serviceName,
            Map<String, String> attributes,
            @Nullable IpPreference ipPreference)
            implements ServiceDiscovery {
        public CloudMap {
            Checks.length("namespaceName", namespaceName, 1, 1024);
            Checks.length("serviceName", serviceName, 1, 1024);
            attributes = Map.copyOf(attributes);
        }

        @Override
        public String name() {
            return serviceName + "." + namespaceName;
        }
    }
}
