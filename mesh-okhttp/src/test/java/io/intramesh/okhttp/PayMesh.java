package io.intramesh.okhttp;

import mockwebserver3.MockWebServer;

/** Documents of a mesh in which orders calls pay.local, which is the virtual node pay. */
final class PayMesh {
    private PayMesh() {}

    /**
     * Returns the mesh, its two nodes and the service.
     *
     * @param parts of the listener of pay, beside the port; may be empty
     */
    static String node(String protocol, String parts) {
        return """
                apiVersion: intramesh.io/v1
                kind: Mesh
                metadata: { name: shop }
                spec: {}
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: orders }
                spec:
                  backends: [{ virtualService: { virtualServiceName: pay.local } }]
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: pay }
                spec:
                  listeners:
                    - { portMapping: { port: 80, protocol: %s } %s }
                  serviceDiscovery: { dns: { hostname: pay.invalid } }
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualService
                metadata: { mesh: shop, name: pay.local }
                spec: { provider: { virtualNode: { virtualNodeName: pay } } }
                """.formatted(protocol, parts.isEmpty() ? "" : ", " + parts);
    }

    /** Returns where pay is. */
    static String endpoints(MockWebServer... servers) {
        StringBuilder text = new StringBuilder("""
                apiVersion: intramesh.io/v1
                kind: Endpoints
                metadata: { mesh: shop, name: pay }
                spec:
                  virtualNode: pay
                  endpoints:
                """);
        for (MockWebServer server : servers) {
            text.append("    - { address: 127.0.0.1, port: ")
                    .append(server.getPort())
                    .append(" }\n");
        }
        return text.toString();
    }
}
