package io.intramesh.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.ReadResult;
import io.intramesh.model.AccessLog;
import io.intramesh.model.AccessPolicy;
import io.intramesh.model.Backend;
import io.intramesh.model.ClientPolicy;
import io.intramesh.model.Concurrency;
import io.intramesh.model.ConnectionPool;
import io.intramesh.model.EgressFilter;
import io.intramesh.model.EndpointSet;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.GrpcMatch;
import io.intramesh.model.HeaderMatch;
import io.intramesh.model.HealthCheck;
import io.intramesh.model.HostnameMatch;
import io.intramesh.model.HttpMatch;
import io.intramesh.model.HttpMethod;
import io.intramesh.model.HttpScheme;
import io.intramesh.model.IpPreference;
import io.intramesh.model.JwtIssuer;
import io.intramesh.model.Kind;
import io.intramesh.model.Listener;
import io.intramesh.model.ListenerTls;
import io.intramesh.model.LoadBalancing;
import io.intramesh.model.MeshResource;
import io.intramesh.model.OutlierDetection;
import io.intramesh.model.PathMatch;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.QueryParameterMatch;
import io.intramesh.model.RateLimit;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.RetryPolicy;
import io.intramesh.model.Route;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.TargetRef;
import io.intramesh.model.Timeouts;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsTrust;
import io.intramesh.model.TlsValidation;
import io.intramesh.model.TrafficPolicy;
import io.intramesh.model.ValueMatch;
import io.intramesh.model.VirtualGateway;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualRouter;
import io.intramesh.model.VirtualService;
import io.intramesh.model.WeightedTarget;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every field of every kind arrives where it belongs. */
final class NativeDocumentsTest {

    private static Resource only(ReadResult result) {
        assertThat(Read.errors(result)).isEmpty();
        assertThat(result.resources().all()).hasSize(1);
        return result.resources().all().iterator().next();
    }

    @Test
    void aMesh() {
        Resource mesh = only(Read.spec(
                "Mesh", "egressFilter: { type: ALLOW_ALL }", "serviceDiscovery: { ipPreference: IPv4_ONLY }"));

        assertThat(mesh)
                .isEqualTo(new MeshResource(ResourceId.mesh("n"), EgressFilter.ALLOW_ALL, IpPreference.IPV4_ONLY));
    }

    @Test
    void aMeshWithoutASpecDropsAll() {
        Resource mesh = only(Read.files("a.yaml", "apiVersion: intramesh.io/v1\nkind: Mesh\nmetadata: { name: n }\n"));

        assertThat(mesh).isEqualTo(new MeshResource(ResourceId.mesh("n"), EgressFilter.DROP_ALL, null));
    }

    @Test
    void aVirtualNode() {
        Resource node = only(
                Read.spec(
                        "VirtualNode",
                        "listeners:",
                        "  - portMapping: { port: 8080, protocol: http }",
                        "    connectionPool: { http: { maxConnections: 10, maxPendingRequests: 5 } }",
                        "    healthCheck: { protocol: http, path: /ping, port: 8080, healthyThreshold: 2, unhealthyThreshold: 3,",
                        "      intervalMillis: 5000, timeoutMillis: 2000 }",
                        "    outlierDetection: { maxServerErrors: 5, interval: { unit: s, value: 30 },",
                        "      baseEjectionDuration: { unit: ms, value: 500 }, maxEjectionPercent: 50 }",
                        "    timeout: { http: { perRequest: { unit: s, value: 0 }, idle: { unit: s, value: 9 } } }",
                        "    tls:",
                        "      mode: STRICT",
                        "      certificate: { file: { certificateChain: /c, privateKey: /k } }",
                        "      validation: { trust: { sds: { secretName: s } }, subjectAlternativeNames: { match: { exact: [ a, b ] } } }",
                        "  - portMapping: { port: 9090, protocol: grpc }",
                        "    connectionPool: { grpc: { maxRequests: 7 } }",
                        "  - portMapping: { port: 9091, protocol: tcp }",
                        "    connectionPool: { tcp: { maxConnections: 8 } }",
                        "    timeout: { tcp: { idle: { unit: s, value: 1 } } }",
                        "serviceDiscovery: { dns: { hostname: n.local, responseType: ENDPOINTS, ipPreference: IPv6_PREFERRED } }",
                        "backends:",
                        "  - virtualService:",
                        "      virtualServiceName: s.local",
                        "      clientPolicy: { tls: { enforce: false, ports: [ 443 ], certificate: { sds: { secretName: c } },",
                        "        validation: { trust: { acm: { certificateAuthorityArns: [ arn ] } } } } }",
                        "backendDefaults: { clientPolicy: { tls: { validation: { trust: { file: { certificateChain: /ca } } } } } }",
                        "logging: { accessLog: { file: { path: /dev/stdout, format: { json: [ { key: k, value: '%PROTOCOL%' } ] } } } }"));

        Listener http = Listener.builder(new PortMapping(8080, Protocol.HTTP))
                .connectionPool(new ConnectionPool.Http(10, 5))
                .healthCheck(new HealthCheck(
                        Protocol.HTTP, "/ping", 8080, 2, 3, Duration.ofSeconds(5), Duration.ofSeconds(2)))
                .outlierDetection(new OutlierDetection(5, Duration.ofSeconds(30), Duration.ofMillis(500), 50))
                .timeout(new Timeouts(Duration.ZERO, Duration.ofSeconds(9)))
                .tls(new ListenerTls(
                        ListenerTls.Mode.STRICT,
                        new TlsCertificate.File("/c", "/k"),
                        new TlsValidation(new TlsTrust.Sds("s"), List.of("a", "b"))))
                .build();
        Listener grpc = Listener.builder(new PortMapping(9090, Protocol.GRPC))
                .connectionPool(new ConnectionPool.Grpc(7))
                .build();
        Listener tcp = Listener.builder(new PortMapping(9091, Protocol.TCP))
                .connectionPool(new ConnectionPool.Tcp(8))
                .timeout(new Timeouts(null, Duration.ofSeconds(1)))
                .build();
        ClientPolicy ofBackend = new ClientPolicy(new ClientPolicy.Tls(
                false,
                List.of(443),
                new TlsCertificate.Sds("c"),
                new TlsValidation(new TlsTrust.Acm(List.of("arn")), List.of())));
        assertThat(node)
                .isEqualTo(VirtualNode.builder("m", "n")
                        .listeners(List.of(http, grpc, tcp))
                        .serviceDiscovery(new ServiceDiscovery.Dns(
                                "n.local", ServiceDiscovery.Dns.ResponseType.ENDPOINTS, IpPreference.IPV6_PREFERRED))
                        .backends(List.of(new Backend("s.local", ofBackend)))
                        .backendDefaults(new ClientPolicy(new ClientPolicy.Tls(
                                true, List.of(), null, new TlsValidation(new TlsTrust.File("/ca"), List.of()))))
                        .accessLog(new AccessLog(
                                "/dev/stdout",
                                new AccessLog.Format.Json(List.of(new AccessLog.Entry("k", "%PROTOCOL%")))))
                        .build());
    }

    @Test
    void aVirtualNodeOfCloudMap() {
        Resource node = only(Read.spec(
                "VirtualNode",
                "serviceDiscovery: { awsCloudMap: { namespaceName: a, serviceName: b, ipPreference: IPv4_PREFERRED,",
                "  attributes: [ { key: version, value: v 1 } ] } }",
                "logging: { accessLog: { file: { path: /log, format: { text: \"%PROTOCOL%\\n\" } } } }"));

        assertThat(node)
                .isEqualTo(VirtualNode.builder("m", "n")
                        .serviceDiscovery(new ServiceDiscovery.CloudMap(
                                "a", "b", Map.of("version", "v 1"), IpPreference.IPV4_PREFERRED))
                        .accessLog(new AccessLog("/log", new AccessLog.Format.Text("%PROTOCOL%\n")))
                        .build());
    }

    @Test
    void virtualServices() {
        ResourceId id = ResourceId.of(Kind.VIRTUAL_SERVICE, "m", "n");

        assertThat(only(Read.spec("VirtualService", "provider: { virtualNode: { virtualNodeName: a } }")))
                .isEqualTo(new VirtualService(id, new VirtualService.Provider.Node("a")));
        assertThat(only(Read.spec("VirtualService", "provider: { virtualRouter: { virtualRouterName: a } }")))
                .isEqualTo(new VirtualService(id, new VirtualService.Provider.Router("a")));
        assertThat(only(Read.spec("VirtualService", "{}"))).isEqualTo(new VirtualService(id, null));
    }

    @Test
    void aVirtualRouter() {
        Resource router =
                only(Read.spec("VirtualRouter", "listeners: [ { portMapping: { port: 80, protocol: http2 } } ]"));

        assertThat(router)
                .isEqualTo(new VirtualRouter(
                        ResourceId.of(Kind.VIRTUAL_ROUTER, "m", "n"), List.of(new PortMapping(80, Protocol.HTTP2))));
    }

    @Test
    void anHttp2Route() {
        Resource route = only(Read.spec(
                "Route",
                "priority: 0",
                "http2Route:",
                "  match:",
                "    path: { regex: '/a.*' }",
                "    method: PATCH",
                "    scheme: https",
                "    port: 80",
                "    headers:",
                "      - { name: a, match: { exact: '1' } }",
                "      - { name: b, match: { prefix: x }, invert: true }",
                "      - { name: c, match: { suffix: y } }",
                "      - { name: d, match: { regex: z+ } }",
                "      - { name: e, match: { range: { start: -1, end: 2 } } }",
                "      - { name: f }",
                "    queryParameters: [ { name: q, match: { exact: v } }, { name: p } ]",
                "  action: { weightedTargets: [ { virtualNode: x, weight: 90 }, { virtualNode: y, weight: 10, port: 1 } ] }",
                "  retryPolicy: { maxRetries: 3, perRetryTimeout: { unit: ms, value: 250 },",
                "    httpRetryEvents: [ server-error, gateway-error ], tcpRetryEvents: [ connection-error ] }",
                "  timeout: { perRequest: { unit: s, value: 1 } }"));

        HttpMatch match = HttpMatch.builder()
                .path(new PathMatch.Regex("/a.*"))
                .method(HttpMethod.PATCH)
                .scheme(HttpScheme.HTTPS)
                .port(80)
                .headers(List.of(
                        new HeaderMatch("a", new ValueMatch.Exact("1"), false),
                        new HeaderMatch("b", new ValueMatch.Prefix("x"), true),
                        new HeaderMatch("c", new ValueMatch.Suffix("y"), false),
                        new HeaderMatch("d", new ValueMatch.Regex("z+"), false),
                        new HeaderMatch("e", new ValueMatch.Range(-1, 2), false),
                        new HeaderMatch("f", null, false)))
                .queryParameters(List.of(new QueryParameterMatch("q", "v"), new QueryParameterMatch("p", null)))
                .build();
        assertThat(route)
                .isEqualTo(new Route(
                        ResourceId.route("m", "r", "n"),
                        0,
                        new Route.Http(
                                Protocol.HTTP2,
                                match,
                                List.of(new WeightedTarget("x", 90, null), new WeightedTarget("y", 10, 1)),
                                new RetryPolicy(
                                        3,
                                        Duration.ofMillis(250),
                                        Set.of(RetryPolicy.HttpEvent.SERVER_ERROR, RetryPolicy.HttpEvent.GATEWAY_ERROR),
                                        Set.of(RetryPolicy.TcpEvent.CONNECTION_ERROR),
                                        Set.of()),
                                new Timeouts(Duration.ofSeconds(1), null))));
    }

    @Test
    void aRouteWithoutPathMatchesAllAsInTheWalkthroughOfSeveralListeners() {
        Resource route = only(Read.spec(
                "Route",
                "httpRoute: { match: { port: 1 }, action: { weightedTargets: [ { virtualNode: x, weight: 1 } ] } }"));

        assertThat(((Route) route).spec())
                .isEqualTo(new Route.Http(
                        Protocol.HTTP,
                        HttpMatch.builder().port(1).build(),
                        List.of(new WeightedTarget("x", 1, null)),
                        null,
                        null));
    }

    @Test
    void aGrpcRouteAndATcpRoute() {
        String action = "action: { weightedTargets: [ { virtualNode: x, weight: 1 } ] }";
        List<WeightedTarget> targets = List.of(new WeightedTarget("x", 1, null));

        Resource grpc = only(Read.spec(
                "Route",
                "grpcRoute: { match: { serviceName: a.B, methodName: c, metadata: [ { name: k, match: { exact: v } } ] }, "
                        + action + ", retryPolicy: { maxRetries: 0, perRetryTimeout: { unit: s, value: 1 },"
                        + " grpcRetryEvents: [ unavailable ] } }"));
        Resource tcp = only(Read.spec("Route", "tcpRoute: { match: { port: 5 }, " + action + " }"));

        assertThat(((Route) grpc).spec())
                .isEqualTo(new Route.Grpc(
                        new GrpcMatch(
                                "a.B",
                                "c",
                                null,
                                null,
                                List.of(new HeaderMatch("k", new ValueMatch.Exact("v"), false))),
                        targets,
                        new RetryPolicy(
                                0,
                                Duration.ofSeconds(1),
                                Set.of(),
                                Set.of(),
                                Set.of(RetryPolicy.GrpcEvent.UNAVAILABLE)),
                        null));
        assertThat(((Route) tcp).spec()).isEqualTo(new Route.Tcp(5, targets, null));
    }

    @Test
    void aVirtualGateway() {
        Resource gateway = only(Read.spec(
                "VirtualGateway",
                "listeners:",
                "  - portMapping: { port: 80, protocol: http2 }",
                "    connectionPool: { http2: { maxRequests: 3 } }",
                "    tls: { mode: PERMISSIVE, certificate: { acm: { certificateArn: arn } } }"));

        assertThat(gateway)
                .isEqualTo(new VirtualGateway(
                        ResourceId.of(Kind.VIRTUAL_GATEWAY, "m", "n"),
                        List.of(Listener.builder(new PortMapping(80, Protocol.HTTP2))
                                .connectionPool(new ConnectionPool.Http2(3))
                                .tls(new ListenerTls(ListenerTls.Mode.PERMISSIVE, new TlsCertificate.Acm("arn"), null))
                                .build()),
                        null,
                        null));
    }

    @Test
    void gatewayRoutes() {
        String target = "target: { virtualService: { virtualServiceName: s }, port: 7 }";
        GatewayRoute.Target bound = new GatewayRoute.Target("s", 7);
        HttpMatch match = HttpMatch.builder()
                .path(new PathMatch.Prefix("/a/"))
                .hostname(new HostnameMatch.Suffix(".x"))
                .build();
        String http =
                "httpRoute: { match: { prefix: /a/, hostname: { suffix: .x } }, action: { " + target + ", rewrite: ";

        assertThat(spec(http + "{ prefix: { value: /b/ }, hostname: { defaultTargetHostname: DISABLED } } } }"))
                .isEqualTo(new GatewayRoute.Http(
                        Protocol.HTTP, match, bound, false, new GatewayRoute.PathRewrite.Prefix("/b/")));
        assertThat(spec(http + "{ prefix: { defaultPrefix: DISABLED } } } }"))
                .isEqualTo(new GatewayRoute.Http(
                        Protocol.HTTP, match, bound, true, new GatewayRoute.PathRewrite.DefaultPrefix(false)));
        assertThat(spec(http + "{ path: { exact: /c } } } }"))
                .isEqualTo(new GatewayRoute.Http(
                        Protocol.HTTP, match, bound, true, new GatewayRoute.PathRewrite.Exact("/c")));
        assertThat(spec("grpcRoute: { match: { serviceName: a.B, hostname: { exact: h } }, action: { " + target
                        + " } }"))
                .isEqualTo(new GatewayRoute.Grpc(
                        new GrpcMatch("a.B", null, new HostnameMatch.Exact("h"), null, List.of()), bound, true));
    }

    private static GatewayRoute.Spec spec(String spec) {
        return ((GatewayRoute) only(Read.spec("GatewayRoute", spec))).spec();
    }

    @Test
    void anAccessPolicyDeniesByDefaultAndIsEnforcedByDefault() {
        ReadResult result = Read.spec(
                "AccessPolicy",
                "targetRef: { kind: Route, name: beta, virtualRouter: payments }",
                "jwt: [ { issuer: i, audiences: [ a ], jwks: { file: /keys.json } } ]",
                "rules:",
                "  - name: shop",
                "    effect: ALLOW",
                "    callers: [ { virtualNode: shop }, { spiffeId: spiffe://a/* }, { trustDomain: a } ]",
                "    methods: [ GET ]",
                "    paths: [ { prefix: /a }, { exact: /b }, { regex: c } ]",
                "    headers: [ { name: x } ]",
                "    ports: [ 80 ]",
                "    claims: { scope: read }",
                "    notBefore: 2026-01-01T00:00:00Z",
                "    notAfter: 2027-01-01T00:00:00Z",
                "    rollout: { virtualRouter: payments, route: beta, virtualNode: v2 }");

        assertThat(only(result))
                .isEqualTo(new AccessPolicy(
                        ResourceId.of(Kind.ACCESS_POLICY, "m", "n"),
                        new TargetRef(Kind.ROUTE, "beta", "payments"),
                        AccessPolicy.Mode.ENFORCE,
                        true,
                        AccessPolicy.Audit.DENIED,
                        List.of(new JwtIssuer(
                                "i",
                                List.of("a"),
                                new JwtIssuer.Jwks.File("/keys.json"),
                                List.of(JwtIssuer.Algorithm.RS256, JwtIssuer.Algorithm.ES256),
                                Duration.ofMinutes(1))),
                        List.of(new AccessPolicy.Rule(
                                "shop",
                                AccessPolicy.Effect.ALLOW,
                                List.of(
                                        new AccessPolicy.Caller.Node("shop"),
                                        new AccessPolicy.Caller.SpiffeId("spiffe://a/*"),
                                        new AccessPolicy.Caller.TrustDomain("a")),
                                List.of(HttpMethod.GET),
                                List.of(
                                        new PathMatch.Prefix("/a"),
                                        new PathMatch.Exact("/b"),
                                        new PathMatch.Regex("c")),
                                List.of(new HeaderMatch("x", null, false)),
                                List.of(80),
                                Map.of("scope", "read"),
                                Instant.parse("2026-01-01T00:00:00Z"),
                                Instant.parse("2027-01-01T00:00:00Z"),
                                new AccessPolicy.Rollout("payments", "beta", "v2")))));
        assertThat(Read.notes(result)).noneMatch(note -> note.contains("in this version"));
    }

    @Test
    void whatARuleNamesAndIsNotThereIsNoted() {
        ReadResult result = Read.spec(
                "AccessPolicy",
                "targetRef: { kind: Mesh, name: m }",
                "rules:",
                "  - name: shop",
                "    effect: ALLOW",
                "    callers: [ { virtualNode: shop } ]",
                "    rollout: { virtualRouter: payments, route: beta, virtualNode: v2 }");

        assertThat(Read.notes(result))
                .anyMatch(note -> note.contains("spec.rules[0].callers[0].virtualNode: virtualNode 'shop' is not here"))
                .anyMatch(note -> note.contains(
                        "spec.rules[0].rollout.route: virtualRouter 'payments' route 'beta' is not here"));
    }

    @Test
    void aTrafficPolicy() {
        Resource policy = only(Read.spec(
                "TrafficPolicy",
                "targetRef: { kind: VirtualNode, name: v }",
                "loadBalancing: least-request",
                "retryBudget: { percent: 20, minRetriesPerSecond: 3, window: 10s }",
                "circuitBreaker: { consecutiveFailures: 5, openFor: { unit: s, value: 2 } }",
                "concurrencyLimit: { inbound: { adaptive: gradient, minRequests: 10 }, outbound: { maxRequests: 100 } }",
                "fault: { percent: 1, delay: 250ms, abortStatus: 503, headers: [ { name: x-chaos } ] }",
                "mirror: { virtualNode: w, percent: 5 }",
                "outlierDetection: { successRate: { minimumEndpoints: 4 } }",
                "panicThreshold: 30",
                "idempotent: true",
                "rateLimit: { requests: 100, per: 1s, by: { header: x-tenant } }",
                "hedge: { maxExtraLoad: 1, delay: { unit: ms, value: 50 } }"));

        assertThat(policy)
                .isEqualTo(TrafficPolicy.builder(
                                ResourceId.of(Kind.TRAFFIC_POLICY, "m", "n"),
                                new TargetRef(Kind.VIRTUAL_NODE, "v", null))
                        .loadBalancing(LoadBalancing.LEAST_REQUEST)
                        .retryBudget(new TrafficPolicy.RetryBudget(20, 3, Duration.ofSeconds(10)))
                        .circuitBreaker(TrafficPolicy.CircuitBreaker.ofConsecutiveFailures(5, Duration.ofSeconds(2)))
                        .concurrencyLimit(new TrafficPolicy.ConcurrencyLimit(
                                new Concurrency.Gradient(10, 1000), new Concurrency.Fixed(100)))
                        .fault(new TrafficPolicy.Fault(
                                1, Duration.ofMillis(250), 503, List.of(new HeaderMatch("x-chaos", null, false))))
                        .mirror(new TrafficPolicy.Mirror("w", 5))
                        .successRate(new TrafficPolicy.SuccessRate(4, 100, 1900))
                        .panicThreshold(30)
                        .idempotent(true)
                        .rateLimit(new RateLimit(100, Duration.ofSeconds(1), 100, new RateLimit.Header("x-tenant")))
                        .hedge(new TrafficPolicy.Hedge(1, Duration.ofMillis(50)))
                        .build());
    }

    @Test
    void waysToBalance() {
        assertThat(balancing("peak-ewma"))
                .isEqualTo(LoadBalancing.of(new LoadBalancing.PeakEwma(Duration.ofSeconds(10))));
        assertThat(balancing("{ algorithm: round-robin }")).isEqualTo(LoadBalancing.ROUND_ROBIN);
        assertThat(balancing("{ algorithm: peak-ewma, decay: 3s, preferOwnZone: true, slowStart: 30s }"))
                .isEqualTo(new LoadBalancing(
                        new LoadBalancing.PeakEwma(Duration.ofSeconds(3)), true, Duration.ofSeconds(30)));
        assertThat(balancing("{ algorithm: consistent-hash, hashOn: { header: x-user } }"))
                .isEqualTo(LoadBalancing.of(
                        new LoadBalancing.ConsistentHash(new LoadBalancing.HashKey.Header("x-user"), 125)));
        assertThat(balancing("{ algorithm: consistent-hash, hashOn: { cookie: sid }, maxLoad: 200 }"))
                .isEqualTo(LoadBalancing.of(
                        new LoadBalancing.ConsistentHash(new LoadBalancing.HashKey.Cookie("sid"), 200)));
        assertThat(balancing("{ algorithm: consistent-hash, hashOn: { source: {} } }"))
                .isEqualTo(LoadBalancing.of(new LoadBalancing.ConsistentHash(new LoadBalancing.HashKey.Source(), 125)));
    }

    private static @Nullable LoadBalancing balancing(String text) {
        Resource policy =
                only(Read.spec("TrafficPolicy", "targetRef: { kind: VirtualNode, name: v }", "loadBalancing: " + text));
        return ((TrafficPolicy) policy).loadBalancing();
    }

    @Test
    void endpoints() {
        Resource endpoints = only(Read.spec(
                "Endpoints",
                "virtualNode: v",
                "endpoints: [ { address: 10.0.0.7, port: 8080, zone: a, weight: 5 }, { address: h } ]"));

        assertThat(endpoints)
                .isEqualTo(new EndpointSet(
                        ResourceId.of(Kind.ENDPOINTS, "m", "n"),
                        "v",
                        List.of(
                                new EndpointSet.Address("10.0.0.7", 8080, "a", 5),
                                new EndpointSet.Address("h", null, null, 1))));
    }

    @Test
    void aPartThatIsNotActedOnIsTold() {
        ReadResult result = Read.spec("VirtualNode", "logging: { accessLog: { file: { path: /dev/stdout } } }");

        assertThat(Read.notes(result))
                .singleElement()
                .asString()
                .endsWith("spec.logging: is read but not acted on in this version: no access log is written");
    }

    @Test
    void tlsIsActedOnAndNeedsNoNote() {
        String tls = "tls: { mode: STRICT, certificate: { file: { certificateChain: c, privateKey: k } } }";

        ReadResult result = Read.spec(
                "VirtualNode",
                "serviceDiscovery: { dns: { hostname: h } }",
                "listeners: [ { portMapping: { port: 1, protocol: tcp }, " + tls + " } ]",
                "backendDefaults: { clientPolicy: { tls: { validation: { trust: { file: { certificateChain: c } } } } } }");

        assertThat(Read.notes(result)).isEmpty();
    }

    @Test
    void advisesOnRetriesThatTheRequestLimitCutsShort() {
        String route =
                "httpRoute: { match: {}, action: { weightedTargets: [ { virtualNode: x, weight: 1 } ] }, timeout: {"
                        + " perRequest: { unit: s, value: 6 } }, retryPolicy: { perRetryTimeout: { unit: s, value: 2 },"
                        + " httpRetryEvents: [ server-error ], maxRetries: ";

        assertThat(Read.notes(Read.spec("Route", route + "2 } }"))).noneMatch(note -> note.contains("attempts"));
        assertThat(Read.notes(Read.spec("Route", route + "3 } }")))
                .anyMatch(note -> note.contains("perRequest is 6 s, less than 4 attempts of 2 s"));
        assertThat(Read.notes(Read.spec("Route", route + Long.MAX_VALUE + " } }")))
                .anyMatch(note -> note.contains("perRequest is 6 s, less than 2147483647 attempts of 2 s"));
    }

    @Test
    void weightsAboveAHundredAreNoted() {
        ReadResult result = Read.spec(
                "Route",
                "tcpRoute: { action: { weightedTargets: [ { virtualNode: x, weight: 90 }, { virtualNode: y, weight: 20 } ] } }");

        assertThat(Read.notes(result)).anyMatch(note -> note.contains("the weights add up to 110"));
    }
}
