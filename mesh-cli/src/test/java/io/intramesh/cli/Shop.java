package io.intramesh.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder that most tests ask about: a shop with a router, a provider node, a gateway and a gRPC service. */
final class Shop {
    static final String RESOURCES = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: shop }
            spec: { egressFilter: { type: DROP_ALL } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: storefront }
            spec:
              backends:
                - virtualService: { virtualServiceName: payments.local }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: payments-v1 }
            spec:
              listeners: [{ portMapping: { port: 8081, protocol: http } }]
              serviceDiscovery: { dns: { hostname: v1.payments.local } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: payments-v2 }
            spec:
              listeners: [{ portMapping: { port: 8082, protocol: http } }]
              serviceDiscovery: { dns: { hostname: v2.payments.local } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: stock }
            spec:
              listeners: [{ portMapping: { port: 9090, protocol: grpc } }]
              serviceDiscovery: { dns: { hostname: stock.local } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualRouter
            metadata: { mesh: shop, name: payments }
            spec: { listeners: [{ portMapping: { port: 8080, protocol: http } }] }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualRouter
            metadata: { mesh: shop, name: stock }
            spec: { listeners: [{ portMapping: { port: 9090, protocol: grpc } }] }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: shop, name: payments.local }
            spec: { provider: { virtualRouter: { virtualRouterName: payments } } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: shop, name: stock.local }
            spec: { provider: { virtualRouter: { virtualRouterName: stock } } }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: shop, virtualRouter: payments, name: beta }
            spec:
              priority: 1
              httpRoute:
                match: { prefix: /beta, method: GET }
                action:
                  weightedTargets:
                    - { virtualNode: payments-v1, weight: 90 }
                    - { virtualNode: payments-v2, weight: 10 }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: shop, virtualRouter: payments, name: orders }
            spec:
              priority: 2
              httpRoute:
                match: { prefix: /orders }
                action:
                  weightedTargets:
                    - { virtualNode: payments-v1, weight: 1 }
                    - { virtualNode: payments-v2, weight: 0 }
                    - { virtualNode: elsewhere, weight: 1 }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: shop, virtualRouter: stock, name: reserve }
            spec:
              priority: 1
              grpcRoute:
                match: { serviceName: shop.Stock, methodName: Reserve }
                action: { weightedTargets: [{ virtualNode: stock, weight: 1 }] }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: shop, virtualRouter: stock, name: audit }
            spec:
              priority: 2
              grpcRoute:
                match: { serviceName: shop.Audit }
                action: { weightedTargets: [{ virtualNode: stock, weight: 1 }] }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualGateway
            metadata: { mesh: shop, name: front }
            spec: { listeners: [{ portMapping: { port: 8443, protocol: http } }] }
            ---
            apiVersion: intramesh.io/v1
            kind: GatewayRoute
            metadata: { mesh: shop, virtualGateway: front, name: pay }
            spec:
              httpRoute:
                match: { prefix: /pay/, hostname: { exact: shop.example.com } }
                action: { target: { virtualService: { virtualServiceName: payments.local } } }
            ---
            apiVersion: intramesh.io/v1
            kind: GatewayRoute
            metadata: { mesh: shop, virtualGateway: front, name: plain }
            spec:
              httpRoute:
                match: { prefix: /beta, hostname: { suffix: .example.org } }
                action:
                  target: { virtualService: { virtualServiceName: payments.local } }
                  rewrite:
                    hostname: { defaultTargetHostname: DISABLED }
                    prefix: { defaultPrefix: DISABLED }
            """;

    private Shop() {}

    static String in(Path folder) throws IOException {
        Files.writeString(folder.resolve("shop.yaml"), RESOURCES);
        return folder.toString();
    }

    /** Writes a second mesh beside the shop, with a service of its own and one of the same name. */
    static void withAnotherMesh(Path folder) throws IOException {
        Files.writeString(folder.resolve("other.yaml"), """
                apiVersion: intramesh.io/v1
                kind: Mesh
                metadata: { name: other }
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: other, name: web }
                spec:
                  listeners: [{ portMapping: { port: 80, protocol: http } }]
                  serviceDiscovery: { dns: { hostname: web.local } }
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualService
                metadata: { mesh: other, name: web.local }
                spec: { provider: { virtualNode: { virtualNodeName: web } } }
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualService
                metadata: { mesh: other, name: payments.local }
                spec: { provider: { virtualNode: { virtualNodeName: web } } }
                """);
    }
}
