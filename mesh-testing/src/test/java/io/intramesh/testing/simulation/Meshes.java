package io.intramesh.testing.simulation;

import io.intramesh.document.RawDocument;
import java.util.List;
import org.jspecify.annotations.NullMarked;

/** The configurations of the mesh that the report compares. */
@NullMarked
final class Meshes {
    private static final String NODES = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: shop }
            spec: {}
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: orders }
            spec:
              backends: [{ virtualService: { virtualServiceName: payments.local } }]
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: payments }
            spec:
              listeners:
                - portMapping: { port: 8080, protocol: http }
            %s
              serviceDiscovery: { dns: { hostname: payments.internal, responseType: ENDPOINTS } }
            ---
            """;

    private static final String SERVICE_OF_NODE = """
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: shop, name: payments.local }
            spec: { provider: { virtualNode: { virtualNodeName: payments } } }
            """;

    private static final String SERVICE_OF_ROUTER = """
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: shop, name: payments.local }
            spec: { provider: { virtualRouter: { virtualRouterName: payments } } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualRouter
            metadata: { mesh: shop, name: payments }
            spec: { listeners: [{ portMapping: { port: 8080, protocol: http } }] }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: shop, virtualRouter: payments, name: all }
            spec:
              httpRoute:
                match: { prefix: / }
                action: { weightedTargets: [{ virtualNode: payments, weight: %s }] }
                timeout: { perRequest: { unit: ms, value: 2000 } }
            %s
            """;

    static final String RETRIES = """
            retryPolicy:
              maxRetries: 2
              perRetryTimeout: { unit: ms, value: 250 }
              httpRetryEvents: [server-error, gateway-error, stream-error]
              tcpRetryEvents: [connection-error]
            """;

    static final String OUTLIERS = """
            outlierDetection:
              maxServerErrors: 5
              interval: { unit: s, value: 10 }
              baseEjectionDuration: { unit: s, value: 30 }
              maxEjectionPercent: 50
            """;

    /** Switches outlier detection off: where none is declared there is one all the same. */
    static final String NO_OUTLIERS = OUTLIERS.replace("Errors: 5", "Errors: 1000000");

    /** Nothing is written but who calls whom. */
    static final MeshCaller.Setup DEFAULTS =
            setup(RawDocument.of("nodes.yaml", NODES.formatted("")), RawDocument.of("service.yaml", SERVICE_OF_NODE));

    /** As the quickstart's next step: a retry policy on the route, outlier detection on the listener. */
    static final MeshCaller.Setup CONFIGURED = written(RETRIES, OUTLIERS);

    /** Services a, b and c in a row, each behind a route with these retries and a listener with this outlier detection. */
    static RawDocument[] chain(String ofRoute, String ofListener) {
        StringBuilder text = new StringBuilder("""
                apiVersion: intramesh.io/v1
                kind: Mesh
                metadata: { name: shop }
                spec: {}
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: front }
                spec:
                  backends: [{ virtualService: { virtualServiceName: a.local } }]
                """);
        List<String> names = List.of("a", "b", "c");
        for (int i = 0; i < names.size(); i++) {
            String backends = i + 1 == names.size()
                    ? "[]"
                    : "[{ virtualService: { virtualServiceName: " + names.get(i + 1) + ".local } }]";
            text.append("""
                    ---
                    apiVersion: intramesh.io/v1
                    kind: VirtualNode
                    metadata: { mesh: shop, name: %1$s }
                    spec:
                      backends: %2$s
                      listeners:
                        - portMapping: { port: 8080, protocol: http }
                    %3$s
                      serviceDiscovery: { dns: { hostname: %1$s.internal, responseType: ENDPOINTS } }
                    ---
                    apiVersion: intramesh.io/v1
                    kind: VirtualService
                    metadata: { mesh: shop, name: %1$s.local }
                    spec: { provider: { virtualRouter: { virtualRouterName: %1$s } } }
                    ---
                    apiVersion: intramesh.io/v1
                    kind: VirtualRouter
                    metadata: { mesh: shop, name: %1$s }
                    spec: { listeners: [{ portMapping: { port: 8080, protocol: http } }] }
                    ---
                    apiVersion: intramesh.io/v1
                    kind: Route
                    metadata: { mesh: shop, virtualRouter: %1$s, name: all }
                    spec:
                      httpRoute:
                        match: { prefix: / }
                        action: { weightedTargets: [{ virtualNode: %1$s, weight: 1 }] }
                    %4$s
                    """.formatted(names.get(i), backends, ofListener.indent(6), ofRoute.indent(4)));
        }
        return new RawDocument[] {RawDocument.of("chain.yaml", text.toString())};
    }

    private Meshes() {}

    /** A mesh with a route that has this part, a listener that has that one, and a traffic policy of the node with these lines. */
    static MeshCaller.Setup written(String ofRoute, String ofListener, String... policy) {
        return setup(documents(100, ofRoute, ofListener, policy))
                .changingTo(documents(50, ofRoute, ofListener, policy));
    }

    private static RawDocument[] documents(int weight, String ofRoute, String ofListener, String... policy) {
        String nodes = NODES.formatted(ofListener.indent(6));
        String policyDocument = policy.length == 0 ? "" : """
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: payments }
                spec:
                  targetRef: { kind: VirtualNode, name: payments }
                  %s
                """.formatted(String.join("\n  ", policy));
        return new RawDocument[] {
            RawDocument.of("nodes.yaml", nodes),
            RawDocument.of("service.yaml", SERVICE_OF_ROUTER.formatted(weight, ofRoute.indent(4))),
            RawDocument.of("policy.yaml", policyDocument)
        };
    }

    private static MeshCaller.Setup setup(RawDocument... documents) {
        return MeshCaller.of("shop", "orders", "payments.local", documents).inZone("a");
    }
}
