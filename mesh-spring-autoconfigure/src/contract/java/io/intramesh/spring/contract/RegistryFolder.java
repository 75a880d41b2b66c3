package io.intramesh.spring.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.stream.Collectors;

/** A folder of resources: a storefront that calls payments, and payments itself, with the endpoints that the test says. */
final class RegistryFolder {
    private static final String RESOURCES = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: shop }
            spec: { egressFilter: { type: DROP_ALL } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: storefront }
            spec:
              listeners: [{ portMapping: { port: 8080, protocol: http } }]
              backends: [{ virtualService: { virtualServiceName: payments.local } }]
              serviceDiscovery: { dns: { hostname: storefront.invalid } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: payments }
            spec:
              listeners:
                - portMapping: { port: 8080, protocol: http }
                  healthCheck:
                    protocol: http
                    path: /ping
                    healthyThreshold: 2
                    unhealthyThreshold: 2
                    intervalMillis: 5000
                    timeoutMillis: 2000
              serviceDiscovery: { dns: { hostname: payments.invalid } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualRouter
            metadata: { mesh: shop, name: payments }
            spec: { listeners: [{ portMapping: { port: 8080, protocol: http } }] }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: shop, virtualRouter: payments, name: charges }
            spec:
              httpRoute:
                match: { prefix: /charges }
                action: { weightedTargets: [{ virtualNode: payments, weight: 100 }] }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: shop, name: payments.local }
            spec: { provider: { virtualRouter: { virtualRouterName: payments } } }
            """;

    private final Path folder;

    RegistryFolder(Path folder) throws IOException {
        this.folder = folder;
        write("shop.yaml", RESOURCES);
        payments();
    }

    Path path() {
        return folder;
    }

    /** Says where payments listens, on this machine. */
    void payments(int... ports) throws IOException {
        String endpoints = Arrays.stream(ports)
                .mapToObj(port -> "{ address: 127.0.0.1, port: " + port + " }")
                .collect(Collectors.joining(", "));
        write("endpoints.yaml", """
                apiVersion: intramesh.io/v1
                kind: Endpoints
                metadata: { mesh: shop, name: payments }
                spec: { virtualNode: payments, endpoints: [%s] }
                """.formatted(endpoints));
    }

    void write(String name, String content) throws IOException {
        Path draft = Files.writeString(folder.resolve("." + name), content);
        Files.move(draft, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }
}
