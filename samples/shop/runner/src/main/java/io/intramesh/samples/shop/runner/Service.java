package io.intramesh.samples.shop.runner;

import java.util.List;

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

    /** The only instance of a virtual node, or its first. */
    Service(String virtualNode, int preferredPort, String jar, List<String> arguments) {
        this(virtualNode, virtualNode, preferredPort, jar, arguments);
    }

    Service {
        arguments = List.copyOf(arguments);
    }
}
