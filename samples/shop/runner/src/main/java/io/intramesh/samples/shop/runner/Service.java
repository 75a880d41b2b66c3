package io.intramesh.samples.shop.runner;

import java.util.List;
import java.util.stream.Stream;

/**
 * A program of the shop.
 *
 * @param name of this process; the second instance of a virtual node has a name of its own
 * @param virtualNode who it is in the mesh
 * @param preferredPort the one in its virtual node's listener, for the first instance
 * @param jar below the shop's folder
 * @param arguments of its main method
 */
record Service(String name, String virtualNode, int preferredPort, String jar, List<String> arguments) {
    static final Service STOREFRONT =
            new Service("storefront", 8080, "storefront/target/storefront-exec.jar", List.of());

    /** Callees first: who is called is there before its callers. */
    static final List<Service> ALL = List.of(
            new Service("inventory", 8082, "inventory/target/inventory-exec.jar", List.of()),
            new Service("payments-v1", 8083, "payments/target/payments.jar", List.of("v1")),
            new Service("payments-v1-b", "payments-v1", 8085, "payments/target/payments.jar", List.of("v1")),
            new Service("payments-v2", 8084, "payments/target/payments.jar", List.of("v2")),
            new Service("orders", 8081, "orders/target/orders.jar", List.of()),
            STOREFRONT);

    /** A second instance of each that other services call, where {@link #ALL} has one: so that every one can be restarted. */
    static final List<Service> SECONDS = List.of(
            new Service("inventory-b", "inventory", 8086, "inventory/target/inventory-exec.jar", List.of()),
            new Service("payments-v2-b", "payments-v2", 8087, "payments/target/payments.jar", List.of("v2")),
            new Service("orders-b", "orders", 8088, "orders/target/orders.jar", List.of()));

    /** The only instance of a virtual node, or its first. */
    Service(String virtualNode, int preferredPort, String jar, List<String> arguments) {
        this(virtualNode, virtualNode, preferredPort, jar, arguments);
    }

    /** Returns who runs: two instances of each that is called, where all are to be restarted in turn. */
    static List<Service> running(boolean inPairs) {
        return inPairs ? Stream.concat(SECONDS.stream(), ALL.stream()).toList() : ALL;
    }

    Service {
        arguments = List.copyOf(arguments);
    }
}
