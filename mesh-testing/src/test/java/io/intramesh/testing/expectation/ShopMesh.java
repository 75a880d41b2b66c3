package io.intramesh.testing.expectation;

import io.intramesh.OfflineMesh;
import io.intramesh.document.DocumentReader;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import java.util.List;
import java.util.Map;

/** A small mesh with a router, a gateway, gRPC and TCP. */
public final class ShopMesh {
    public static final String TEXT = """
            { apiVersion: intramesh.io/v1, kind: Mesh, metadata: { name: shop }, spec: { egressFilter: { type: DROP_ALL } } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: orders }
            spec:
              backends:
                - virtualService: { virtualServiceName: payments.local }
                - virtualService: { virtualServiceName: stock.local }
                - virtualService: { virtualServiceName: ledger.local }
            ---
            { apiVersion: intramesh.io/v1, kind: VirtualNode, metadata: { mesh: shop, name: storefront }, spec: {} }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: payments-v1 }
            spec:
              listeners: [ { portMapping: { port: 8083, protocol: http } } ]
              serviceDiscovery: { dns: { hostname: p1 } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: payments-v2 }
            spec:
              listeners: [ { portMapping: { port: 8084, protocol: http } } ]
              serviceDiscovery: { dns: { hostname: p2 } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: stock-v1 }
            spec:
              listeners: [ { portMapping: { port: 9000, protocol: grpc } } ]
              serviceDiscovery: { dns: { hostname: s } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: ledger }
            spec:
              listeners: [ { portMapping: { port: 5432, protocol: tcp } } ]
              serviceDiscovery: { dns: { hostname: l } }
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
            kind: VirtualService
            metadata: { mesh: shop, name: ledger.local }
            spec: { provider: { virtualNode: { virtualNodeName: ledger } } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualRouter
            metadata: { mesh: shop, name: payments }
            spec: { listeners: [ { portMapping: { port: 8080, protocol: http } } ] }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: shop, virtualRouter: payments, name: testers }
            spec:
              priority: 1
              httpRoute:
                match: { prefix: /beta, headers: [ { name: x-tester, match: { exact: "yes" } } ] }
                action: { weightedTargets: [ { virtualNode: payments-v2, weight: 1 } ] }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: shop, virtualRouter: payments, name: beta }
            spec:
              priority: 2
              httpRoute:
                match: { prefix: /beta }
                action:
                  weightedTargets: [ { virtualNode: payments-v1, weight: 90 }, { virtualNode: payments-v2, weight: 10 } ]
                timeout: { perRequest: { unit: s, value: 2 } }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: shop, virtualRouter: payments, name: thirds }
            spec:
              priority: 3
              httpRoute:
                match: { prefix: /thirds }
                action:
                  weightedTargets: [ { virtualNode: payments-v1, weight: 2 }, { virtualNode: payments-v2, weight: 1 } ]
                retryPolicy:
                  maxRetries: 1
                  perRetryTimeout: { unit: s, value: 1 }
                  httpRetryEvents: [ server-error ]
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: shop, virtualRouter: payments, name: pay }
            spec:
              priority: 4
              httpRoute:
                match: { prefix: /pay, method: GET }
                action: { weightedTargets: [ { virtualNode: payments-v1, weight: 1 } ] }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualRouter
            metadata: { mesh: shop, name: stock }
            spec: { listeners: [ { portMapping: { port: 9000, protocol: grpc } } ] }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: shop, virtualRouter: stock, name: reserve }
            spec:
              grpcRoute:
                match: { serviceName: shop.Stock, methodName: Reserve }
                action: { weightedTargets: [ { virtualNode: stock-v1, weight: 1 } ] }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualGateway
            metadata: { mesh: shop, name: front }
            spec: { listeners: [ { portMapping: { port: 80, protocol: http } } ] }
            ---
            apiVersion: intramesh.io/v1
            kind: GatewayRoute
            metadata: { mesh: shop, virtualGateway: front, name: pay }
            spec:
              httpRoute:
                match: { prefix: /shop/, hostname: { exact: shop.example.com } }
                action: { target: { virtualService: { virtualServiceName: payments.local } } }
            """;

    private ShopMesh() {}

    public static OfflineMesh mesh() {
        return mesh(TEXT);
    }

    /** Returns the mesh of a changed text, of which nothing may be refused. */
    public static OfflineMesh mesh(String text) {
        ReadResult result =
                DocumentReader.builder().environment(Map.of()).build().read(List.of(RawDocument.of("shop.yaml", text)));
        if (result.hasErrors()) {
            throw new AssertionError(result.problems().toString());
        }
        return OfflineMesh.of(result.resources());
    }
}
