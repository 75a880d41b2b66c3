package io.intramesh.benchmarks.macro;

/** The documents of the meshes that are measured. A callee of two versions, split 90 to 10 on one of its two routes. */
public final class Resources {
    private Resources() {}

    /** Routing, and a connection pool of the callee. */
    public static String routing() {
        return MESH
                + node("callee-v1", "")
                + node("callee-v2", "")
                + route("beta", "/beta", "")
                + route("all", "/", "");
    }

    /** What somebody switches on who switches everything on, but for faults, copies and hedges, which add calls. */
    public static String everything() {
        return MESH
                + node("callee-v1", LISTENER)
                + node("callee-v2", LISTENER)
                + route("beta", "/beta", RETRIES)
                + route("all", "/", RETRIES)
                + POLICIES;
    }

    /** The same without what needs a callee that answers. */
    public static String everythingButHealthChecks() {
        return everything().replace(HEALTH_CHECK, "");
    }

    /** Where the callee listens. All addresses are this machine's. */
    public static String endpoints(String port) {
        return ENDPOINTS.replace("PORT", port);
    }

    private static String node(String name, String listener) {
        return NODE.replace("NAME", name) + listener;
    }

    private static String route(String name, String prefix, String parts) {
        return ROUTE.replace("NAME", name).replace("PREFIX", prefix) + parts;
    }

    private static final String MESH = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: bench }
            spec: {}
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: bench, name: caller }
            spec:
              backends: [{ virtualService: { virtualServiceName: callee.local } }]
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualRouter
            metadata: { mesh: bench, name: callee }
            spec: { listeners: [{ portMapping: { port: 8080, protocol: http } }] }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: bench, name: callee.local }
            spec: { provider: { virtualRouter: { virtualRouterName: callee } } }
            """;

    private static final String NODE = """
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: bench, name: NAME }
            spec:
              serviceDiscovery: { dns: { hostname: callee.invalid, responseType: ENDPOINTS } }
              listeners:
                - portMapping: { port: 8080, protocol: http }
                  connectionPool: { http: { maxConnections: 1000 } }
            """;

    // The margin that is cut off is that of the closing quotes.
    private static final String HEALTH_CHECK = """
                  healthCheck:
                    protocol: http
                    path: /health
                    healthyThreshold: 2
                    unhealthyThreshold: 2
                    intervalMillis: 5000
                    timeoutMillis: 2000
            """;

    private static final String LISTENER = """
                  timeout: { http: { perRequest: { unit: s, value: 10 }, idle: { unit: s, value: 60 } } }
            """ + HEALTH_CHECK + """
                  outlierDetection:
                    maxServerErrors: 5
                    interval: { unit: s, value: 10 }
                    baseEjectionDuration: { unit: s, value: 30 }
                    maxEjectionPercent: 50
            """;

    private static final String ROUTE = """
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: bench, virtualRouter: callee, name: NAME }
            spec:
              httpRoute:
                match: { prefix: PREFIX }
                action: { weightedTargets: [{ virtualNode: callee-v1, weight: 90 }, { virtualNode: callee-v2, weight: 10 }] }
            """;

    private static final String RETRIES = """
                timeout: { perRequest: { unit: s, value: 5 }, idle: { unit: s, value: 30 } }
                retryPolicy:
                  maxRetries: 2
                  perRetryTimeout: { unit: ms, value: 2000 }
                  httpRetryEvents: [server-error, gateway-error, stream-error]
                  tcpRetryEvents: [connection-error]
            """;

    private static final String POLICIES = """
            ---
            apiVersion: intramesh.io/v1
            kind: TrafficPolicy
            metadata: { mesh: bench, name: calls }
            spec:
              targetRef: { kind: VirtualService, name: callee.local }
              loadBalancing: { algorithm: peak-ewma, preferOwnZone: true, slowStart: { unit: s, value: 1 } }
              retryBudget: { percent: 20, minRetriesPerSecond: 10, window: { unit: s, value: 10 } }
              circuitBreaker: { consecutiveFailures: 3, failureRate: 50, openFor: { unit: s, value: 10 } }
            ---
            apiVersion: intramesh.io/v1
            kind: TrafficPolicy
            metadata: { mesh: bench, name: callee }
            spec:
              targetRef: { kind: VirtualNode, name: callee-v1 }
              outlierDetection: { successRate: {} }
              panicThreshold: 30
              rateLimit: { requests: 1000000, per: { unit: s, value: 1 } }
            """;

    private static final String ENDPOINTS = """
            apiVersion: intramesh.io/v1
            kind: Endpoints
            metadata: { mesh: bench, name: callee-v1 }
            spec:
              virtualNode: callee-v1
              endpoints:
                - { address: 127.0.0.1, port: PORT, zone: a }
                - { address: 127.0.0.2, port: PORT, zone: a }
            ---
            apiVersion: intramesh.io/v1
            kind: Endpoints
            metadata: { mesh: bench, name: callee-v2 }
            spec:
              virtualNode: callee-v2
              endpoints: [{ address: 127.0.0.3, port: PORT, zone: a }]
            """;
}
