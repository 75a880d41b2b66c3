package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of a virtual node, written down or registered, in place of what its service discovery would find. Several sets
 * for one node add up.
 *
 * <pre>{@code
 * apiVersion: intramesh.io/v1
 * kind: Endpoints
 * metadata: { mesh: shop, name: payments-v1 }
 * spec:
 *   virtualNode: payments-v1
 *   endpoints:
 *     - { address: 10.0.0.7, port: 8080 }
 * }</pre>
 *
 * @param endpoints may be empty: the node is known to have none
 */
public record EndpointSet(ResourceId id, String virtualNode, List<Address> endpoints) implements Resource {
    public EndpointSet {
        requireNonNull(id, "id");
        requireNonNull(virtualNode, "virtualNode");
        endpoints = List.copyOf(endpoints);
    }

    /**
     * Where an instance listens.
     *
     * @param address an IP address or a host name
     * @param port null means the port of the listener that is called
     * @param zone locality, such as an availability zone; null means unknown
     * @param weight how much of the node's traffic it takes, next to the weights of the others, 1 to 1000
     */
    public record Address(
            String address,
            @Nullable Integer port,
            @Nullable String zone,
            int weight) {
        /** What counts where nothing is said: all alike. */
        public static final int DEFAULT_WEIGHT = 1;

        /** So that one instance may take a thousandth of what another takes; a sum of weights stays small. */
        public static final int MAX_WEIGHT = 1000;

        /** An address that counts as much as any. */
        public Address(String address, @Nullable Integer port, @Nullable String zone) {
            this(address, port, zone, DEFAULT_WEIGHT);
        }

        public Address {
            Checks.length("address", address, 1, 253);
            Checks.port("port", port);
            Checks.range("weight", weight, 1, MAX_WEIGHT);
        }
    }
}
