package io.intramesh.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.ReadResult;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What is refused, and with which words. Each case is one wrong field in an otherwise good spec. */
final class RefusalsTest {
    private static final String TARGET = "action: { weightedTargets: [ { virtualNode: v, weight: 1 } ] }";
    private static final String GATEWAY_TARGET = "action: { target: { virtualService: { virtualServiceName: s } } }";

    private record Case(String what, String kind, String spec, String error) {}

    private static Case of(String what, String kind, String spec, String error) {
        return new Case(what, kind, spec, error);
    }

    private static Case http(String what, String match, String error) {
        return of(what, "Route", "httpRoute: { match: " + match + ", " + TARGET + " }", error);
    }

    private static Case gateway(String what, String match, String error) {
        return of(what, "GatewayRoute", "httpRoute: { match: " + match + ", " + GATEWAY_TARGET + " }", error);
    }

    private static Case rewrite(String what, String rewrite, String error) {
        return of(
                what,
                "GatewayRoute",
                "httpRoute: { match: { prefix: /a/ }, action: { target: { virtualService: { virtualServiceName: s } },"
                        + " rewrite: " + rewrite + " } }",
                error);
    }

    private static Case targets(String what, String targets, String error) {
        return of(
                what,
                "Route",
                "httpRoute: { match: { prefix: / }, action: { weightedTargets: " + targets + " } }",
                error);
    }

    private static Case listener(String what, String listener, String error) {
        return of(
                what,
                "VirtualNode",
                "{ serviceDiscovery: { dns: { hostname: h } }, listeners: [ " + listener + " ] }",
                error);
    }

    private static Case retry(String what, String policy, String error) {
        return of(
                what,
                "Route",
                "httpRoute: { match: { prefix: / }, " + TARGET + ", retryPolicy: " + policy + " }",
                error);
    }

    private static Case client(String what, String tls, String error) {
        return of(what, "VirtualNode", "backendDefaults: { clientPolicy: { tls: " + tls + " } }", error);
    }

    private static final List<Case> CASES = List.of(
            // Routes: V-01, V-02, V-04, V-07, V-08.
            of(
                    "V-01 no route type",
                    "Route",
                    "priority: 1",
                    "spec: none of httpRoute, http2Route, grpcRoute and tcpRoute stands here (expected: exactly one); add it"),
            of(
                    "V-01 two route types",
                    "Route",
                    "{ tcpRoute: { " + TARGET + " }, grpcRoute: { match: {}, " + TARGET + " } }",
                    "spec.tcpRoute: together with grpcRoute (expected: only one of grpcRoute and tcpRoute); remove the others"),
            of(
                    "V-01 tcp at a gateway",
                    "GatewayRoute",
                    "tcpRoute: {}",
                    "spec.tcpRoute: unknown member 'tcpRoute'; did you mean 'httpRoute'?"),
            of(
                    "priority",
                    "Route",
                    "{ priority: 1001, tcpRoute: { " + TARGET + " } }",
                    "spec.priority: 1001 (expected: 0 to 1000)"),
            http(
                    "V-02 prefix and path",
                    "{ prefix: /, path: { exact: /a } }",
                    "spec.httpRoute.match.path: together with prefix (expected: only one of prefix and path); remove the others"),
            http(
                    "V-02 exact and regex",
                    "{ path: { exact: /a, regex: /b } }",
                    "spec.httpRoute.match.path.regex: together with exact (expected: only one of exact and regex); remove the others"),
            http(
                    "V-02 path without either",
                    "{ path: {} }",
                    "spec.httpRoute.match.path: none of exact and regex stands here (expected: exactly one); add it"),
            http(
                    "prefix without slash",
                    "{ prefix: beta }",
                    "spec.httpRoute.match.prefix: 'beta' (expected: starts with '/')"),
            http("no RE2", "{ path: { regex: '(?=a)' } }", "spec.httpRoute.match.path.regex: no RE2 expression"),
            http(
                    "method",
                    "{ method: get }",
                    "spec.httpRoute.match.method: 'get' (expected: GET, HEAD, POST, PUT, DELETE, CONNECT, OPTIONS, TRACE or PATCH); did you mean 'GET'?"),
            http(
                    "scheme of http",
                    "{ scheme: https }",
                    "spec.httpRoute.match.scheme: stands in an httpRoute (expected: only in http2Route); remove it"),
            http("port 0", "{ port: 0 }", "spec.httpRoute.match.port: 0 (expected: 1 to 65535)"),
            http(
                    "V-04 no method of header",
                    "{ headers: [ { name: x, match: {} } ] }",
                    "spec.httpRoute.match.headers[0].match: none of exact, prefix, suffix, regex and range stands here (expected: exactly one); add it"),
            http(
                    "V-04 two methods of header",
                    "{ headers: [ { name: x, match: { exact: a, suffix: b } } ] }",
                    "spec.httpRoute.match.headers[0].match.suffix: together with exact"),
            http(
                    "V-04 range",
                    "{ headers: [ { name: x, match: { range: { start: 5, end: 5 } } } ] }",
                    "spec.httpRoute.match.headers[0].match.range.start: 5 (expected: less than end, 5); the range excludes its end"),
            http(
                    "V-04 query match without exact",
                    "{ queryParameters: [ { name: q, match: {} } ] }",
                    "spec.httpRoute.match.queryParameters[0].match.exact: missing (expected: text); add it"),
            http("no headers at all", "{ headers: [] }", "spec.httpRoute.match.headers: 0 entries (expected: 1 to 10)"),
            http(
                    "eleven headers",
                    "{ headers: [ {name: a}, {name: b}, {name: c}, {name: d}, {name: e}, {name: f}, {name: g}, {name: h}, {name: i}, {name: j}, {name: k} ] }",
                    "spec.httpRoute.match.headers: 11 entries (expected: 1 to 10)"),
            http(
                    "long header name",
                    "{ headers: [ { name: " + "x".repeat(51) + " } ] }",
                    "spec.httpRoute.match.headers[0].name: 51 characters (expected: 1 to 50)"),
            http(
                    "hostname in a route",
                    "{ hostname: { exact: a } }",
                    "spec.httpRoute.match.hostname: unknown member 'hostname'"),
            of(
                    "V-07 method without service",
                    "Route",
                    "grpcRoute: { match: { methodName: m }, " + TARGET + " }",
                    "spec.grpcRoute.match.methodName: 'm' (expected: together with serviceName); add serviceName"),
            retry(
                    "V-08 maxRetries",
                    "{ perRetryTimeout: { unit: s, value: 1 }, httpRetryEvents: [ server-error ] }",
                    "spec.httpRoute.retryPolicy.maxRetries: missing (expected: 0 or more); add it"),
            retry(
                    "V-08 perRetryTimeout",
                    "{ maxRetries: 1, httpRetryEvents: [ server-error ] }",
                    "spec.httpRoute.retryPolicy.perRetryTimeout: missing (expected: a mapping); add it"),
            retry(
                    "V-08 no event",
                    "{ maxRetries: 1, perRetryTimeout: { unit: s, value: 1 } }",
                    "spec.httpRoute.retryPolicy: no event is named (expected: at least one in httpRetryEvents, tcpRetryEvents); add one"),
            retry(
                    "event",
                    "{ maxRetries: 1, perRetryTimeout: { unit: s, value: 1 }, httpRetryEvents: [ server-eror ] }",
                    "spec.httpRoute.retryPolicy.httpRetryEvents[0]: 'server-eror' (expected: server-error, gateway-error, client-error or stream-error); did you mean 'server-error'?"),
            retry(
                    "grpc events in http",
                    "{ maxRetries: 1, perRetryTimeout: { unit: s, value: 1 }, httpRetryEvents: [ server-error ], grpcRetryEvents: [ internal ] }",
                    "spec.httpRoute.retryPolicy.grpcRetryEvents: unknown member 'grpcRetryEvents'; did you mean 'tcpRetryEvents'?"),
            retry(
                    "unit",
                    "{ maxRetries: 1, perRetryTimeout: { unit: m, value: 1 }, httpRetryEvents: [ server-error ] }",
                    "spec.httpRoute.retryPolicy.perRetryTimeout.unit: the text 'm' (expected: s or ms)"),
            retry(
                    "text for a duration",
                    "{ maxRetries: 1, perRetryTimeout: 1s, httpRetryEvents: [ server-error ] }",
                    "spec.httpRoute.retryPolicy.perRetryTimeout: the text '1s' (expected: a mapping)"),
            // Targets.
            targets("no target", "[]", "spec.httpRoute.action.weightedTargets: 0 entries (expected: 1 to 10)"),
            targets(
                    "weight",
                    "[ { virtualNode: v, weight: 140 } ]",
                    "spec.httpRoute.action.weightedTargets[0].weight: 140 (expected: 0 to 100); lower it, or split it over two targets"),
            targets(
                    "all weights 0",
                    "[ { virtualNode: v, weight: 0 } ]",
                    "spec.httpRoute.action.weightedTargets: every weight is 0 (expected: at least one above 0); raise one"),
            targets(
                    "quoted number",
                    "[ { virtualNode: v, weight: '1' } ]",
                    "spec.httpRoute.action.weightedTargets[0].weight: the text '1' (expected: a whole number, 0 to 100); remove the quotes"),
            targets(
                    "fraction",
                    "[ { virtualNode: v, weight: 1.5 } ]",
                    "spec.httpRoute.action.weightedTargets[0].weight: the number 1.5 (expected: a whole number, 0 to 100)"),
            targets(
                    "huge number",
                    "[ { virtualNode: v, weight: 99999999999999999999 } ]",
                    "spec.httpRoute.action.weightedTargets[0].weight: 99999999999999999999 (expected: 0 to 100)"),
            targets(
                    "number for text",
                    "[ { virtualNode: 5, weight: 1 } ]",
                    "spec.httpRoute.action.weightedTargets[0].virtualNode: the number 5 (expected: text); put it in quotes"),
            targets(
                    "path for a name",
                    "[ { virtualNode: a/b, weight: 1 } ]",
                    "spec.httpRoute.action.weightedTargets[0].virtualNode: 'a/b' (expected: a name without '/'); names hold within one mesh"),
            targets(
                    "ARN for a name",
                    "[ { virtualNode: 'arn:aws:appmesh:r:1:mesh/m/virtualNode/v', weight: 1 } ]",
                    "spec.httpRoute.action.weightedTargets[0].virtualNode: the ARN 'arn:aws:appmesh:r:1:mesh/m/virtualNode/v' (expected: a name); write only what follows its last '/'"),
            targets(
                    "empty name",
                    "[ { virtualNode: '', weight: 1 } ]",
                    "spec.httpRoute.action.weightedTargets[0].virtualNode: empty (expected: 1 to 255 characters)"),
            targets(
                    "text for a list",
                    "v",
                    "spec.httpRoute.action.weightedTargets: the text 'v' (expected: a list); write [ … ]"),
            targets(
                    "text for a mapping",
                    "[ v ]",
                    "spec.httpRoute.action.weightedTargets[0]: the text 'v' (expected: a mapping)"),
            of(
                    "misspelled member",
                    "Route",
                    "tcpRoute: { action: { weightTargets: [] } }",
                    "spec.tcpRoute.action.weightTargets: unknown member 'weightTargets'; did you mean 'weightedTargets'?"),
            of(
                    "foreign member",
                    "Route",
                    "tcpRoute: { " + TARGET + ", zzz: 1 }",
                    "spec.tcpRoute.zzz: unknown member 'zzz' (expected: match, action or timeout); remove it"),
            of(
                    "retry of tcp",
                    "Route",
                    "tcpRoute: { " + TARGET + ", retryPolicy: {} }",
                    "spec.tcpRoute.retryPolicy: unknown member 'retryPolicy'"),
            of(
                    "perRequest of tcp",
                    "Route",
                    "tcpRoute: { " + TARGET + ", timeout: { perRequest: { unit: s, value: 1 } } }",
                    "spec.tcpRoute.timeout.perRequest: unknown member 'perRequest'"),
            // Gateway routes: V-02, V-03, V-05.
            gateway(
                    "V-02 at a gateway",
                    "{ prefix: /, path: { exact: /a } }",
                    "spec.httpRoute.match.path: together with prefix"),
            gateway(
                    "V-03 hostname",
                    "{ hostname: { exact: a, suffix: b } }",
                    "spec.httpRoute.match.hostname.suffix: together with exact"),
            gateway(
                    "reserved prefix",
                    "{ prefix: /aws-appmesh/x }",
                    "spec.httpRoute.match.prefix: '/aws-appmesh/x' (expected: not below '/aws-appmesh', which App Mesh reserves)"),
            of(
                    "reserved service",
                    "GatewayRoute",
                    "grpcRoute: { match: { serviceName: aws.appmesh.X }, " + GATEWAY_TARGET + " }",
                    "spec.grpcRoute.match.serviceName: 'aws.appmesh.X' (expected: not below 'aws.appmesh', which App Mesh reserves)"),
            gateway("scheme at a gateway", "{ scheme: http }", "spec.httpRoute.match.scheme: unknown member 'scheme'"),
            rewrite(
                    "V-05 prefix and path",
                    "{ prefix: { value: /b/ }, path: { exact: /c } }",
                    "spec.httpRoute.action.rewrite.path: together with prefix"),
            rewrite(
                    "V-05 default and value",
                    "{ prefix: { value: /b/, defaultPrefix: ENABLED } }",
                    "spec.httpRoute.action.rewrite.prefix.value: together with defaultPrefix"),
            rewrite(
                    "V-05 slashes",
                    "{ prefix: { value: /b } }",
                    "spec.httpRoute.action.rewrite.prefix.value: '/b' (expected: starts and ends with '/')"),
            rewrite(
                    "V-05 empty",
                    "{}",
                    "spec.httpRoute.action.rewrite: empty (expected: hostname, prefix or path); remove it"),
            of(
                    "prefix rewrite of a path",
                    "GatewayRoute",
                    "httpRoute: { match: { path: { exact: /a } }, action: { target: { virtualService: { virtualServiceName: s } }, rewrite: { prefix: { defaultPrefix: DISABLED } } } }",
                    "spec.httpRoute.action.rewrite.prefix: a rewrite of the prefix (expected: match.prefix beside it); use rewrite.path instead"),
            // Listeners: V-09, V-10, V-11, V-12.
            listener(
                    "port",
                    "{ portMapping: { port: 70000, protocol: http } }",
                    "spec.listeners[0].portMapping.port: 70000 (expected: 1 to 65535)"),
            listener(
                    "protocol",
                    "{ portMapping: { port: 1, protocol: https } }",
                    "spec.listeners[0].portMapping.protocol: 'https' (expected: http, http2, grpc or tcp); did you mean 'http'?"),
            listener(
                    "one port twice",
                    "{ portMapping: { port: 1, protocol: http } }, { portMapping: { port: 1, protocol: tcp } }",
                    "spec.listeners[1].portMapping.port: 1 is the port of another listener too; give each its own"),
            listener(
                    "V-09 pool",
                    "{ portMapping: { port: 1, protocol: grpc }, connectionPool: { http: { maxConnections: 1 } } }",
                    "spec.listeners[0].connectionPool.http: 'http' (expected: 'grpc', the protocol of the listener); rename it or change portMapping.protocol"),
            listener(
                    "V-09 timeout",
                    "{ portMapping: { port: 1, protocol: tcp }, timeout: { http: { idle: { unit: s, value: 1 } } } }",
                    "spec.listeners[0].timeout.http: 'http' (expected: 'tcp', the protocol of the listener)"),
            listener(
                    "pool size",
                    "{ portMapping: { port: 1, protocol: http }, connectionPool: { http: { maxConnections: 0 } } }",
                    "spec.listeners[0].connectionPool.http.maxConnections: 0 (expected: 1 or more)"),
            listener(
                    "pool size beyond all bounds",
                    "{ portMapping: { port: 1, protocol: http }, connectionPool: { http: { maxConnections: 4294967296 } } }",
                    "spec.listeners[0].connectionPool.http.maxConnections: 4294967296 (expected: 1 to 2147483647)"),
            listener(
                    "timeout beyond all bounds",
                    "{ portMapping: { port: 1, protocol: http }, timeout: { http: { idle: { unit: s, value: 99999999999999999999 } } } }",
                    "spec.listeners[0].timeout.http.idle.value: 99999999999999999999 (expected: 0 to 2147483647)"),
            listener(
                    "V-10",
                    "{ portMapping: { port: 1, protocol: tcp }, healthCheck: { port: 2, protocol: tcp, healthyThreshold: 2, unhealthyThreshold: 2, intervalMillis: 5000, timeoutMillis: 2000 } }",
                    "spec.listeners[0].healthCheck.port: 2 (expected: 1, the port of the listener); remove it"),
            listener(
                    "health check ranges",
                    "{ portMapping: { port: 1, protocol: tcp }, healthCheck: { protocol: tcp, healthyThreshold: 2, unhealthyThreshold: 2, intervalMillis: 4999, timeoutMillis: 2000 } }",
                    "spec.listeners[0].healthCheck.intervalMillis: 4999 (expected: 5000 to 300000)"),
            listener(
                    "outlier detection",
                    "{ portMapping: { port: 1, protocol: http }, outlierDetection: { maxServerErrors: 0, interval: { unit: s, value: 1 }, baseEjectionDuration: { unit: s, value: 1 }, maxEjectionPercent: 100 } }",
                    "spec.listeners[0].outlierDetection.maxServerErrors: 0 (expected: 1 or more)"),
            listener(
                    "V-12 mode",
                    "{ portMapping: { port: 1, protocol: http }, tls: { certificate: { sds: { secretName: s } } } }",
                    "spec.listeners[0].tls.mode: missing (expected: STRICT, PERMISSIVE or DISABLED); add it"),
            listener(
                    "V-12 certificate",
                    "{ portMapping: { port: 1, protocol: http }, tls: { mode: DISABLED } }",
                    "spec.listeners[0].tls.certificate: missing (expected: a mapping); add it"),
            listener(
                    "acm trust",
                    "{ portMapping: { port: 1, protocol: http }, tls: { mode: STRICT, certificate: { sds: { secretName: s } }, validation: { trust: { acm: {} } } } }",
                    "spec.listeners[0].tls.validation.trust.acm: unknown member 'acm'"),
            client(
                    "V-12 validation",
                    "{}",
                    "spec.backendDefaults.clientPolicy.tls.validation: missing (expected: a mapping); add it"),
            client(
                    "acm certificate",
                    "{ validation: { trust: { sds: { secretName: s } } }, certificate: { acm: {} } }",
                    "spec.backendDefaults.clientPolicy.tls.certificate.acm: unknown member 'acm'"),
            client(
                    "authorities",
                    "{ validation: { trust: { acm: { certificateAuthorityArns: [ a, b, c, d ] } } } }",
                    "spec.backendDefaults.clientPolicy.tls.validation.trust.acm.certificateAuthorityArns: 4 entries (expected: 1 to 3)"),
            client(
                    "enforce",
                    "{ enforce: 'yes', validation: { trust: { sds: { secretName: s } } } }",
                    "spec.backendDefaults.clientPolicy.tls.enforce: the text 'yes' (expected: true or false)"),
            of(
                    "V-11",
                    "VirtualNode",
                    "listeners: [ { portMapping: { port: 1, protocol: http } } ]",
                    "spec.serviceDiscovery: missing (expected: with listeners); add it, or an Endpoints document for this node"),
            of(
                    "V-14 backend twice",
                    "VirtualNode",
                    "backends: [ { virtualService: { virtualServiceName: s } }, { virtualService: { virtualServiceName: s } } ]",
                    "spec.backends[1].virtualService.virtualServiceName: the backend 's' stands here twice; remove one"),
            of(
                    "discovery union",
                    "VirtualNode",
                    "serviceDiscovery: { dns: { hostname: h }, awsCloudMap: { namespaceName: n, serviceName: s } }",
                    "spec.serviceDiscovery.awsCloudMap: together with dns"),
            of(
                    "hostName",
                    "VirtualNode",
                    "serviceDiscovery: { dns: { hostName: h } }",
                    "spec.serviceDiscovery.dns.hostName: unknown member 'hostName'; did you mean 'hostname'?"),
            of(
                    "attribute",
                    "VirtualNode",
                    "serviceDiscovery: { awsCloudMap: { namespaceName: n, serviceName: s, attributes: [ { key: 'a b', value: c } ] } }",
                    "spec.serviceDiscovery.awsCloudMap.attributes[0].key: 'a b' (expected: printable ASCII without spaces)"),
            of(
                    "access log",
                    "VirtualNode",
                    "logging: { accessLog: { file: { path: p, format: { text: t, json: [] } } } }",
                    "spec.logging.accessLog.file.format.json: together with text"),
            of(
                    "provider union",
                    "VirtualService",
                    "provider: { virtualNode: { virtualNodeName: a }, virtualRouter: { virtualRouterName: b } }",
                    "spec.provider.virtualRouter: together with virtualNode"),
            of(
                    "egress filter",
                    "Mesh",
                    "egressFilter: { type: ALLOW }",
                    "spec.egressFilter.type: 'ALLOW' (expected: ALLOW_ALL or DROP_ALL)"),
            of(
                    "ip preference",
                    "Mesh",
                    "serviceDiscovery: { ipPreference: IPV4_ONLY }",
                    "spec.serviceDiscovery.ipPreference: 'IPV4_ONLY' (expected: IPv6_PREFERRED, IPv4_PREFERRED, IPv4_ONLY or IPv6_ONLY); did you mean 'IPv4_ONLY'?"),
            of(
                    "gateway without listener",
                    "VirtualGateway",
                    "listeners: []",
                    "spec.listeners: 0 entries (expected: at least 1)"),
            of(
                    "tcp gateway",
                    "VirtualGateway",
                    "listeners: [ { portMapping: { port: 1, protocol: tcp } } ]",
                    "spec.listeners[0].portMapping.protocol: 'tcp' (expected: http, http2 or grpc)"),
            of(
                    "gateway backends",
                    "VirtualGateway",
                    "{ listeners: [ { portMapping: { port: 1, protocol: http } } ], backends: [] }",
                    "spec.backends: unknown member 'backends'"),
            // Our own kinds.
            of(
                    "target of a policy",
                    "TrafficPolicy",
                    "targetRef: { kind: VirtualRouter, name: r }",
                    "spec.targetRef.kind: 'VirtualRouter' (expected: Mesh, VirtualNode, VirtualService or Route)"),
            of(
                    "route without router",
                    "TrafficPolicy",
                    "targetRef: { kind: Route, name: r }",
                    "spec.targetRef.virtualRouter: missing (expected: a name); add it"),
            of(
                    "balancing",
                    "TrafficPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, loadBalancing: random }",
                    "spec.loadBalancing: 'random' (expected: round-robin, least-request or peak-ewma)"),
            of(
                    "algorithm",
                    "TrafficPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, loadBalancing: { algorithm: maglev } }",
                    "spec.loadBalancing.algorithm: 'maglev' (expected: round-robin, least-request, peak-ewma or"
                            + " consistent-hash)"),
            of(
                    "hash without a key",
                    "TrafficPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, loadBalancing: { algorithm: consistent-hash } }",
                    "spec.loadBalancing.hashOn: missing"),
            of(
                    "member of another algorithm",
                    "TrafficPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, loadBalancing: { algorithm: round-robin, maxLoad: 125 } }",
                    "spec.loadBalancing.maxLoad: unknown member 'maxLoad'"),
            of(
                    "no slow start",
                    "TrafficPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, loadBalancing: { algorithm: round-robin, slowStart: 0s } }",
                    "spec.loadBalancing: slowStart: 0 (expected: more than 0)"),
            of(
                    "duration",
                    "TrafficPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, circuitBreaker: { consecutiveFailures: 1, openFor: 10 } }",
                    "spec.circuitBreaker.openFor: the number 10 (expected: a duration such as 250ms, 10s, 5m or 1h)"),
            of(
                    "empty hedge",
                    "TrafficPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, hedge: {} }",
                    "spec.hedge: empty (expected: maxExtraLoad, delay or both)"),
            of(
                    "hedge for most requests",
                    "TrafficPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, hedge: { maxExtraLoad: 60 } }",
                    "spec.hedge.maxExtraLoad: 60 (expected: 1 to 50)"),
            of(
                    "rate of what",
                    "TrafficPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, rateLimit: { requests: 1, per: 1s, by: route } }",
                    "spec.rateLimit.by: 'route' (expected: all or caller)"),
            of(
                    "what processes take in, by a service",
                    "TrafficPolicy",
                    "{ targetRef: { kind: VirtualService, name: s }, concurrencyLimit: { inbound: { maxRequests: 9 } } }",
                    "spec.concurrencyLimit.inbound: on a VirtualService (expected: on a VirtualNode or Mesh"),
            of(
                    "limit without a side",
                    "TrafficPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, concurrencyLimit: { maxRequests: 9 } }",
                    "spec.concurrencyLimit.maxRequests: on no side (expected: within inbound"),
            of(
                    "limit of nothing",
                    "TrafficPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, concurrencyLimit: {} }",
                    "spec.concurrencyLimit: no side (expected: inbound, outbound or both)"),
            of(
                    "adaptive how",
                    "TrafficPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, concurrencyLimit: { outbound: { adaptive: vegas } } }",
                    "spec.concurrencyLimit.outbound.adaptive: 'vegas' (expected: gradient)"),
            of(
                    "limits the wrong way round",
                    "TrafficPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, concurrencyLimit: { outbound: { adaptive: gradient, minRequests: 9, maxRequests: 8 } } }",
                    "spec.concurrencyLimit.outbound: minRequests: 9 (expected: at most maxRequests, which is 8)"),
            of(
                    "least of a fixed limit",
                    "TrafficPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, concurrencyLimit: { inbound: { minRequests: 9, maxRequests: 10 } } }",
                    "spec.concurrencyLimit.inbound.minRequests: without adaptive (expected: only with it)"),
            of(
                    "empty fault",
                    "TrafficPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, fault: { percent: 1 } }",
                    "spec.fault: fault: empty (expected: delay, abortStatus or both)"),
            of(
                    "caller",
                    "AccessPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, rules: [ { name: a, effect: ALLOW, callers: [ { spiffeId: x } ] } ] }",
                    "spec.rules[0].callers[0]: spiffeId: 'x' (expected: starts with 'spiffe://')"),
            of(
                    "open trust domain",
                    "AccessPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, rules: [ { name: a, effect: ALLOW, callers: [ { spiffeId: 'spiffe://a*' } ] } ] }",
                    "spec.rules[0].callers[0]: spiffeId: 'spiffe://a*' (expected: a whole trust domain before '*', such as"
                            + " spiffe://shop.example/*)"),
            of(
                    "star within",
                    "AccessPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, rules: [ { name: a, effect: ALLOW, callers: [ { spiffeId: 'spiffe://a/*/b' } ] } ] }",
                    "spec.rules[0].callers[0]: spiffeId: 'spiffe://a/*/b' (expected: '*' only at the end)"),
            of(
                    "claims of no token",
                    "AccessPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, rules: [ { name: a, effect: ALLOW, claims: { scope: x } } ] }",
                    "spec.rules[0].claims: of no token (expected: with 'jwt' in this policy, which says whose tokens to"
                            + " trust); add it"),
            of(
                    "keys by plain http",
                    "AccessPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, jwt: [ { issuer: i, audiences: [ a ], jwks: { url: 'http://id.example/' } } ] }",
                    "spec.jwt[0].jwks: url: 'http://id.example/' (expected: https://…, or http:// to this machine)"),
            of(
                    "shared secret",
                    "AccessPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, jwt: [ { issuer: i, audiences: [ a ], jwks: { file: k }, algorithms: [ HS256 ] } ] }",
                    "spec.jwt[0].algorithms[0]: 'HS256' (expected: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 or"
                            + " ES512); did you mean 'RS256'?"),
            of(
                    "token for anybody",
                    "AccessPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, jwt: [ { issuer: i, jwks: { file: k } } ] }",
                    "spec.jwt[0].audiences: missing (expected: a list); add it"),
            of(
                    "time",
                    "AccessPolicy",
                    "{ targetRef: { kind: Mesh, name: m }, rules: [ { name: a, effect: ALLOW, notBefore: tomorrow } ] }",
                    "spec.rules[0].notBefore: 'tomorrow' (expected: a time such as 2026-11-21T08:00:00Z)"),
            of(
                    "address",
                    "Endpoints",
                    "{ virtualNode: v, endpoints: [ { port: 1 } ] }",
                    "spec.endpoints[0].address: missing (expected: text); add it"),
            of(
                    "weight",
                    "Endpoints",
                    "{ virtualNode: v, endpoints: [ { address: a, weight: 0 } ] }",
                    "spec.endpoints[0].weight: 0 (expected: 1 to 1000)"));

    @TestFactory
    Stream<DynamicTest> aWrongFieldIsRefusedAtItsPlaceWithItsMend() {
        return CASES.stream()
                .map(each -> DynamicTest.dynamicTest(each.what(), () -> {
                    ReadResult result = Read.spec(each.kind(), each.spec());

                    assertThat(Read.errors(result))
                            .singleElement()
                            .asString()
                            .matches("a\\.yaml:[3-5]:\\d+ .*")
                            .contains(" " + each.error());
                    assertThat(result.resources().size()).isZero();
                    assertThat(result.refused()).hasSize(1);
                }));
    }

    @Test
    void everyProblemOfADocumentIsToldAtOnceAndEachAtItsOwnPlace() {
        ReadResult result = Read.spec(
                "Route",
                "priority: -1",
                "httpRoute:",
                "  match:",
                "    prefix: beta",
                "    headers:",
                "      - { name: '', invert: no }",
                "  action:",
                "    weightedTargets:",
                "      - { virtualNode: a, weight: 140 }",
                "      - { virtualNode: b }",
                "  timout: {}");

        assertThat(Read.errors(result))
                .containsExactly(
                        "a.yaml:5:13 spec.priority: -1 (expected: 0 to 1000)",
                        "a.yaml:8:15 spec.httpRoute.match.prefix: 'beta' (expected: starts with '/')",
                        "a.yaml:10:19 spec.httpRoute.match.headers[0].name: empty (expected: 1 to 50 characters)",
                        "a.yaml:10:31 spec.httpRoute.match.headers[0].invert: the text 'no' (expected: true or false)",
                        "a.yaml:13:37 spec.httpRoute.action.weightedTargets[0].weight: 140 (expected: 0 to 100); lower it, or"
                                + " split it over two targets",
                        "a.yaml:14:11 spec.httpRoute.action.weightedTargets[1].weight: missing (expected: 0 to 100); add it",
                        "a.yaml:15:5 spec.httpRoute.timout: unknown member 'timout'; did you mean 'timeout'?");
    }

    @Test
    void aDocumentWithoutANameIsRefusedButItsSpecIsCheckedToo() {
        ReadResult result = Read.files(
                "a.yaml",
                "apiVersion: intramesh.io/v2\nkind: VirtualNode\nmetadata: { nam: x }\nspec: { listener: [] }\nstatus: {}\n");

        assertThat(Read.errors(result))
                .containsExactly(
                        "a.yaml:1:13 apiVersion: 'intramesh.io/v2' (expected: intramesh.io/v1)",
                        "a.yaml:3:11 metadata.mesh: missing (expected: a name); add it",
                        "a.yaml:3:13 metadata.nam: unknown member 'nam'; did you mean 'name'?",
                        "a.yaml:4:9 spec.listener: unknown member 'listener'; did you mean 'listeners'?",
                        "a.yaml:5:1 status: unknown member 'status' (expected: apiVersion, kind, metadata, spec or $schema); remove it");
        assertThat(result.refused()).isEmpty();
        assertThat(result.unreadable()).isEmpty();
    }

    @Test
    void anUnknownKindIsRefusedWithTheNearestOne() {
        ReadResult result =
                Read.files("a.yaml", "apiVersion: intramesh.io/v1\nkind: VirtualNod\nmetadata: { mesh: m, name: x }\n");

        assertThat(Read.errors(result))
                .singleElement()
                .asString()
                .startsWith("a.yaml:2:7 kind: 'VirtualNod' (expected: Mesh, VirtualNode, ")
                .endsWith("; did you mean 'VirtualNode'?");
    }

    @Test
    void aTagOfAnotherDialectMeansNothing() {
        ReadResult result = Read.spec("VirtualService", "provider: { virtualNode: { virtualNodeName: !Ref Node } }");

        assertThat(Read.errors(result))
                .containsExactly(
                        "a.yaml:5:47 spec.provider.virtualNode.virtualNodeName: the tag !Ref means nothing here;"
                                + " remove it");
    }
}
