package io.intramesh.internal.pipeline;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.intramesh.AccessEvent;
import io.intramesh.AccessSettings;
import io.intramesh.Reason;
import io.intramesh.call.InboundRequest;
import io.intramesh.call.MeshContext;
import io.intramesh.call.Refusal;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.internal.access.AuditLog;
import io.intramesh.internal.issue.CertificateAuthority;
import io.intramesh.internal.issue.CertificateSpec;
import io.intramesh.testing.FakeNanoClock;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Access policies at the process of node orders. */
final class InboundAccessTest {
    private static final String MESH = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: shop }
            spec: {}
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: orders }
            spec:
              listeners:
                - portMapping: { port: 8080, protocol: http }
                  healthCheck: { protocol: http, path: /health, healthyThreshold: 2, unhealthyThreshold: 2, intervalMillis: 5000, timeoutMillis: 2000 }
                - portMapping: { port: 9090, protocol: http }
              serviceDiscovery: { dns: { hostname: orders.invalid } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: orders-v2 }
            spec:
              listeners: [{ portMapping: { port: 8080, protocol: http } }]
              serviceDiscovery: { dns: { hostname: twins.invalid } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: orders-v3 }
            spec:
              listeners: [{ portMapping: { port: 8080, protocol: http } }]
              serviceDiscovery: { dns: { hostname: twins.invalid } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: storefront }
            spec:
              listeners: [{ portMapping: { port: 8080, protocol: http } }]
              serviceDiscovery: { dns: { hostname: Storefront.invalid } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualRouter
            metadata: { mesh: shop, name: orders }
            spec: { listeners: [{ portMapping: { port: 80, protocol: http } }] }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: shop, name: orders.local }
            spec: { provider: { virtualRouter: { virtualRouterName: orders } } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: shop, name: legacy.local }
            spec: { provider: { virtualNode: { virtualNodeName: orders } } }
            """;

    private static final CertificateAuthority AUTHORITY =
            CertificateAuthority.create("shop.example", InstantSource.system());
    private static final List<X509Certificate> NOBODY = List.of();
    private static final List<X509Certificate> STOREFRONT = id("spiffe://shop.example/shop/storefront");
    private static final List<X509Certificate> BILLING = id("spiffe://shop.example/shop/billing");

    private final FakeNanoClock clock = FakeNanoClock.create();
    private final Logger audit = (Logger) LoggerFactory.getLogger(AuditLog.LOGGER);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @BeforeEach
    void collectTheAuditLog() {
        lines.start();
        audit.setAdditive(false);
        audit.setLevel(Level.INFO);
        audit.addAppender(lines);
    }

    @AfterEach
    void giveTheLogBack() {
        audit.detachAppender(lines);
        audit.setAdditive(true);
        audit.setLevel(null);
    }

    // ---- Who

    @Test
    void withoutPolicyEveryoneIsLetIn() {
        Callee callee = new Callee();

        assertThat(callee.get(NOBODY, "/a//../b;x")).isEqualTo(200);
        assertThat(lines.list).isEmpty();
    }

    @Test
    void whomARuleNamesIsLetInAndNobodyElse() {
        Callee callee = new Callee(policy(
                "orders", NODE, "rules: [{ name: shop, effect: ALLOW, callers: [{ virtualNode: storefront }] }]"));

        assertThat(callee.get(STOREFRONT, "/a")).isEqualTo(200);
        assertThat(callee.get(BILLING, "/a")).isEqualTo(403);
        assertThat(callee.get(NOBODY, "/a")).isEqualTo(401);
        assertThat(callee.refusal(BILLING, "/a")).extracting(Refusal::reason).isEqualTo(Reason.POLICY);
        assertThat(callee.refusal(NOBODY, "/a")).extracting(Refusal::reason).isEqualTo(Reason.NO_TRUSTED_IDENTITY);
        assertThat(requireNonNull(callee.refusal(BILLING, "/a")).problemJson())
                .as("says nothing of policies")
                .isEqualTo(
                        "{\"type\":\"about:blank\",\"title\":\"Access denied\",\"status\":403,\"reason\":\"POLICY\"}");
    }

    @Test
    void aRuleOnNobodyInParticularAsksForNoIdentity() {
        Callee callee = new Callee(policy("orders", NODE, "rules: [{ name: get, effect: ALLOW, methods: [GET] }]"));

        assertThat(callee.get(NOBODY, "/a")).isEqualTo(200);
        assertThat(callee.status(NOBODY, request -> request.method("POST"))).isEqualTo(403);
    }

    @Test
    void aTrustDomainIsNamedWholeOrByTheStartOfItsIds() {
        Callee callee = new Callee(policy(
                "orders",
                NODE,
                "rules:",
                "  - { name: domain, effect: ALLOW, callers: [{ trustDomain: partner.example }] }",
                "  - { name: prefix, effect: ALLOW, callers: [{ spiffeId: 'spiffe://other.example/ops/*' }] }",
                "  - { name: one, effect: ALLOW, callers: [{ spiffeId: 'spiffe://third.example/it' }] }"));

        assertThat(callee.get(id("spiffe://partner.example/x"), "/")).isEqualTo(200);
        assertThat(callee.get(id("spiffe://partner.example.evil/x"), "/")).isEqualTo(403);
        assertThat(callee.get(id("spiffe://other.example/ops/a/b"), "/")).isEqualTo(200);
        assertThat(callee.get(id("spiffe://other.example/opsx"), "/")).isEqualTo(403);
        assertThat(callee.get(id("spiffe://third.example/it"), "/")).isEqualTo(200);
        assertThat(callee.get(id("spiffe://third.example/it/x"), "/")).isEqualTo(403);
    }

    @Test
    void onlyTrustDomainsOfOursNameOurNodes() {
        Callee callee = new Callee(policy(
                "orders", NODE, "rules: [{ name: shop, effect: ALLOW, callers: [{ virtualNode: storefront }] }]"));

        assertThat(callee.get(id("spiffe://partner.example/shop/storefront"), "/"))
                .isEqualTo(403);
        assertThat(callee.get(id("spiffe://shop.example/othermesh/storefront"), "/"))
                .isEqualTo(403);
        assertThat(callee.get(id("spiffe://shop.example/shop/storefront/x"), "/"))
                .isEqualTo(403);
        assertThat(callee.get(id("spiffe://shop.example/storefront"), "/")).isEqualTo(403);
    }

    @Test
    void aDnsNameIsTheNodeThatIsDiscoveredByItUnlessSeveralAre() {
        Callee callee = new Callee(
                policy(
                        "orders",
                        NODE,
                        "rules: [{ name: shop, effect: ALLOW, callers: [{ virtualNode: storefront }, { virtualNode: orders-v2 }, { virtualNode: orders-v3 }] }]"));

        assertThat(callee.get(dns("storefront.INVALID"), "/")).isEqualTo(200);
        assertThat(callee.get(dns("x.invalid", "storefront.invalid"), "/")).isEqualTo(200);
        assertThat(callee.get(dns("*.invalid"), "/")).isEqualTo(403);
        assertThat(callee.get(dns("twins.invalid"), "/")).as("two nodes").isEqualTo(403);
        assertThat(callee.get(dns("storefront.invalid", "orders.invalid"), "/"))
                .as("names of two nodes")
                .isEqualTo(403);
        assertThat(callee.get(
                        certificate(spec -> spec.uris(URI.create("spiffe://partner.example/x"))
                                .dnsNames("storefront.invalid")),
                        "/"))
                .as("a SPIFFE ID stands for itself")
                .isEqualTo(403);
    }

    @Test
    void aCertificateWithoutANameIsNoIdentity() {
        Callee callee = new Callee(policy(
                "orders", NODE, "rules: [{ name: any, effect: ALLOW, callers: [{ virtualNode: storefront }] }]"));

        assertThat(callee.get(certificate(spec -> spec.commonName("storefront")), "/"))
                .isEqualTo(401);
    }

    @Test
    void noHeaderClaimsAnIdentity() {
        Callee callee = new Callee(policy(
                "orders", NODE, "rules: [{ name: shop, effect: ALLOW, callers: [{ virtualNode: storefront }] }]"));

        int status = callee.status(
                NOBODY,
                request -> request.header("x-forwarded-client-cert", "URI=spiffe://shop.example/shop/storefront")
                        .header("x-mesh-caller", "storefront"));

        assertThat(status).isEqualTo(401);
    }

    @Test
    void whoLacksATokenIsToldToBringOneAndNoMore() {
        Callee callee = new Callee(policy(
                "orders",
                NODE,
                "jwt: [{ issuer: 'https://id.example', audiences: [shop], jwks: { file: /no/keys.json } }]",
                "rules: [{ name: clerks, effect: ALLOW, paths: [{ prefix: /pay }], claims: { role: clerk } }]"));

        assertThat(callee.challenge("/pay", null)).isEqualTo("Bearer");
        assertThat(callee.challenge("/pay", "Basic YTpi")).isEqualTo("Bearer");
        assertThat(callee.challenge("/pay", "bearer no.token.atall")).isEqualTo("Bearer error=\"invalid_token\"");
        assertThat(callee.challenge("/pay", "Bearer " + "x".repeat(20_000)))
                .isEqualTo("Bearer error=\"invalid_token\"");
        assertThat(callee.challenge("/other", null)).as("no token would help").isNull();
    }

    // ---- What

    @Test
    void denyBeatsAllowWhicheverPolicySaysIt() {
        Callee callee = new Callee(
                policy("all", WHOLE_MESH, "rules: [{ name: everyone, effect: ALLOW }]"),
                policy(
                        "orders",
                        NODE,
                        "defaultDeny: false",
                        "rules: [{ name: no-admin, effect: DENY, callers: [{ virtualNode: storefront }], paths: [{ prefix: /admin }] }]"));

        assertThat(callee.get(STOREFRONT, "/admin/users")).isEqualTo(403);
        assertThat(callee.get(STOREFRONT, "/a")).isEqualTo(200);
        assertThat(callee.get(BILLING, "/admin/users")).isEqualTo(200);
        assertThat(callee.get(NOBODY, "/admin/users"))
                .as("may be the one who must not")
                .isEqualTo(401);
        assertThat(callee.get(NOBODY, "/a")).isEqualTo(200);
    }

    @Test
    void aMeshDeniesByDefaultWhatItsNodesDoNotAllow() {
        String mesh = policy("mesh", WHOLE_MESH, "defaultDeny: true");
        Callee callee = new Callee(mesh);

        assertThat(callee.get(STOREFRONT, "/a")).isEqualTo(403);

        callee.reload(
                mesh,
                policy(
                        "orders",
                        NODE,
                        "rules: [{ name: shop, effect: ALLOW, callers: [{ virtualNode: storefront }] }]"));

        assertThat(callee.get(STOREFRONT, "/a")).isEqualTo(200);
        assertThat(callee.get(BILLING, "/a")).isEqualTo(403);
    }

    @Test
    void policiesOfOtherNodesAndMeshesHaveNoSay() {
        Callee callee = new Callee(
                policy("other", "{ kind: VirtualNode, name: storefront }", "defaultDeny: true"),
                policy("foreign", WHOLE_MESH, "defaultDeny: true").replace("mesh: shop", "mesh: other"));

        assertThat(callee.get(NOBODY, "/a")).isEqualTo(200);
    }

    @Test
    void everyConditionOfARuleMustHold() {
        Callee callee = new Callee(policy(
                "orders",
                NODE,
                "rules:",
                "  - name: narrow",
                "    effect: ALLOW",
                "    callers: [{ virtualNode: storefront }]",
                "    methods: [POST, PUT]",
                "    paths: [{ exact: /a b }, { regex: '/[0-9]+' }]",
                "    headers: [{ name: x-shop, match: { exact: eu } }]",
                "    ports: [8080]"));
        UnaryOperator<ExplainRequest.Builder> right =
                request -> request.method("POST").path("/a%20b").header("X-Shop", "eu");

        assertThat(callee.status(STOREFRONT, right)).isEqualTo(200);
        assertThat(callee.status(STOREFRONT, request -> right.apply(request).path("/17")))
                .isEqualTo(200);
        assertThat(callee.status(STOREFRONT, request -> right.apply(request).path("/17x")))
                .isEqualTo(403);
        assertThat(callee.status(STOREFRONT, request -> right.apply(request).path("/a%20B")))
                .isEqualTo(403);
        assertThat(callee.status(STOREFRONT, request -> right.apply(request).method("GET")))
                .isEqualTo(403);
        assertThat(callee.status(STOREFRONT, request -> right.apply(request).header("X-Shop", "us")))
                .isEqualTo(403);
        assertThat(callee.status(STOREFRONT, 9090, right)).isEqualTo(403);
        assertThat(callee.status(STOREFRONT, 7, right))
                .as("a port of no listener")
                .isEqualTo(403);
        assertThat(callee.status(STOREFRONT, request -> right.apply(request).port(9090)))
                .as("the port in the Host header says nothing")
                .isEqualTo(200);
        assertThat(callee.status(NOBODY, request -> right.apply(request).method("GET")))
                .as("no identity would help")
                .isEqualTo(403);
        assertThat(callee.status(NOBODY, right)).isEqualTo(401);
    }

    @Test
    void whoDeniesGetDeniesHeadAndAPortThatIsNotKnown() {
        Callee callee = new Callee(policy(
                "orders",
                NODE,
                "defaultDeny: false",
                "rules: [{ name: no-get, effect: DENY, methods: [GET], ports: [9090] }]"));

        assertThat(callee.status(NOBODY, 9090, request -> request.method("HEAD")))
                .isEqualTo(403);
        assertThat(callee.status(NOBODY, 9090, request -> request.method("POST")))
                .isEqualTo(200);
        assertThat(callee.status(NOBODY, 8080, request -> request.method("GET")))
                .isEqualTo(200);
        assertThat(callee.status(NOBODY, 7, request -> request.method("GET"))).isEqualTo(403);
    }

    @Test
    void aRuleHoldsFromItsStartUpToItsEnd() {
        Callee callee = new Callee(
                policy(
                        "orders",
                        NODE,
                        "rules: [{ name: sale, effect: ALLOW, notBefore: '2026-11-27T00:00:00Z', notAfter: '2026-11-28T00:00:00Z' }]"));

        assertThat(callee.at("2026-11-26T23:59:59.999Z").get(NOBODY, "/a")).isEqualTo(403);
        assertThat(callee.at("2026-11-27T00:00:00Z").get(NOBODY, "/a")).isEqualTo(200);
        assertThat(callee.at("2026-11-27T23:59:59.999Z").get(NOBODY, "/a")).isEqualTo(200);
        assertThat(callee.at("2026-11-28T00:00:00Z").get(NOBODY, "/a")).isEqualTo(403);
    }

    @Test
    void aRuleHoldsWhileARolloutIsUnderWay() {
        String policy = policy(
                "orders",
                NODE,
                "rules:",
                "  - name: canary",
                "    effect: ALLOW",
                "    callers: [{ virtualNode: storefront }]",
                "    rollout: { virtualRouter: orders, route: all, virtualNode: orders-v2 }");
        Callee callee = new Callee(policy, split(100, 0));
        assertThat(callee.get(STOREFRONT, "/a")).as("not begun").isEqualTo(403);

        callee.reload(policy, split(90, 10));
        assertThat(callee.get(STOREFRONT, "/a")).as("under way").isEqualTo(200);

        callee.reload(policy, split(0, 100));
        assertThat(callee.get(STOREFRONT, "/a")).as("over").isEqualTo(403);

        callee.reload(policy);
        assertThat(callee.get(STOREFRONT, "/a")).as("no such route").isEqualTo(403);
    }

    @Test
    void aDenialDuringARolloutHoldsAlsoWhereItsRouteIsNotThere() {
        String policy = policy(
                "orders",
                NODE,
                "defaultDeny: false",
                "rules: [{ name: freeze, effect: DENY, methods: [DELETE], rollout: { virtualRouter: orders, route: all, virtualNode: orders-v2 } }]");
        Callee callee = new Callee(policy, split(100, 0));
        assertThat(callee.status(NOBODY, request -> request.method("DELETE"))).isEqualTo(200);

        callee.reload(policy, split(99, 1));
        assertThat(callee.status(NOBODY, request -> request.method("DELETE"))).isEqualTo(403);

        callee.reload(policy);
        assertThat(callee.status(NOBODY, request -> request.method("DELETE"))).isEqualTo(403);
        assertThat(callee.get(NOBODY, "/")).isEqualTo(200);
    }

    @Test
    void aHealthCheckNeedsNoIdentityAndIsItsPathAlone() {
        Callee callee = new Callee(policy("orders", NODE, "defaultDeny: true"));

        assertThat(callee.get(NOBODY, "/health")).isEqualTo(200);
        assertThat(callee.get(NOBODY, "/health/x")).isEqualTo(403);
        assertThat(callee.get(NOBODY, "/%68ealth")).isEqualTo(403);
        assertThat(callee.status(NOBODY, request -> request.path("/health").method("POST")))
                .isEqualTo(403);
    }

    // ---- Paths

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a/../admin",
                "/a/%2e%2e/admin",
                "/;x/admin",
                "/a/..;/admin",
                "//admin",
                "/a%2fadmin",
                "/a\\admin",
                "/%c0%afadmin",
                "/admin%00",
                "/%2561dmin",
            })
    void anAmbiguousPathIsRefusedWhereAPolicyAsksForPaths(String path) {
        Callee callee = new Callee(policy(
                "orders",
                NODE,
                "defaultDeny: false",
                "rules: [{ name: no-admin, effect: DENY, paths: [{ prefix: /admin }] }]"));

        assertThat(callee.refusal(NOBODY, path))
                .isNotNull()
                .returns(400, Refusal::status)
                .returns(Reason.AMBIGUOUS_PATH, Refusal::reason);
        assertThat(callee.get(NOBODY, "/%61dm%69n"))
                .as("one spelling of the same")
                .isEqualTo(403);
        assertThat(line(0)).startsWith("access denied caller=- ").contains(" reason=AMBIGUOUS_PATH ");
    }

    @Test
    void anAmbiguousPathIsNoMatterWhereNoPolicyAsksForPaths() {
        Callee callee = new Callee(policy(
                "orders", NODE, "rules: [{ name: all, effect: ALLOW, callers: [{ virtualNode: storefront }] }]"));

        assertThat(callee.get(STOREFRONT, "/a;jsessionid=1//x")).isEqualTo(200);
    }

    // ---- Routes and virtual services

    @Test
    void aPolicyOfARouteHoldsForItsRequestsWhateverTheHostIsSaidToBe() {
        Callee callee = new Callee(
                route("admin", "/admin", "orders", "orders-v2"),
                route("rest", "/", "orders"),
                policy(
                        "admin",
                        "{ kind: Route, virtualRouter: orders, name: admin }",
                        "rules: [{ name: ops, effect: ALLOW, callers: [{ virtualNode: storefront }] }]"));

        assertThat(callee.get(STOREFRONT, "/admin")).isEqualTo(200);
        assertThat(callee.get(BILLING, "/admin")).isEqualTo(403);
        assertThat(callee.get(NOBODY, "/admin")).isEqualTo(401);
        assertThat(callee.get(BILLING, "/a")).as("another route").isEqualTo(200);
        assertThat(callee.host("ORDERS.local", BILLING, "/admin")).isEqualTo(403);
        assertThat(callee.host("legacy.local", BILLING, "/admin"))
                .as("another way here, with no policy")
                .isEqualTo(200);
        assertThat(callee.host("10.0.0.7", BILLING, "/admin"))
                .as("no way that is known")
                .isEqualTo(403);
        assertThat(callee.host("10.0.0.7", STOREFRONT, "/admin"))
                .as("what a route allows is allowed by that route alone")
                .isEqualTo(403);
        assertThat(callee.host("storefront.local", BILLING, "/a")).isEqualTo(403);
    }

    @Test
    void whatIsRoutedElsewhereByAHeaderIsNotLetInByLeavingItOut() {
        Callee callee = new Callee(
                """
                apiVersion: intramesh.io/v1
                kind: Route
                metadata: { mesh: shop, virtualRouter: orders, name: canary }
                spec:
                  httpRoute:
                    match: { prefix: /, headers: [{ name: x-canary }] }
                    action: { weightedTargets: [{ virtualNode: orders, port: 8080, weight: 1 }] }
                """,
                route("rest", "/", "orders-v2"),
                policy(
                        "canary",
                        "{ kind: Route, virtualRouter: orders, name: canary }",
                        "defaultDeny: false",
                        "rules: [{ name: no-delete, effect: DENY, methods: [DELETE] }]"));

        assertThat(callee.status(NOBODY, request -> request.method("DELETE").header("x-canary", "1")))
                .isEqualTo(403);
        assertThat(callee.status(NOBODY, request -> request.method("DELETE"))).isEqualTo(403);
        assertThat(callee.status(NOBODY, request -> request.method("GET"))).isEqualTo(200);
    }

    @Test
    void aRouteIsNotLeftByAnotherSpellingOfItsPath() {
        Callee callee = new Callee(
                route("me", "/@me", "orders"),
                route("rest", "/", "orders"),
                policy(
                        "me",
                        "{ kind: Route, virtualRouter: orders, name: me }",
                        "rules: [{ name: shop, effect: ALLOW, callers: [{ virtualNode: storefront }] }]"));

        assertThat(callee.get(STOREFRONT, "/@me")).isEqualTo(200);
        assertThat(callee.get(BILLING, "/@me")).isEqualTo(403);
        assertThat(callee.get(BILLING, "/%40me")).isEqualTo(403);
        assertThat(callee.get(BILLING, "/x%20y")).isEqualTo(200);
    }

    @Test
    void aPolicyOfAVirtualServiceHoldsForAllItsRoutesThatLeadHere() {
        Callee callee = new Callee(
                route("rest", "/", "orders"),
                policy(
                        "service",
                        "{ kind: VirtualService, name: legacy.local }",
                        "rules: [{ name: shop, effect: ALLOW, callers: [{ virtualNode: storefront }] }]"));

        assertThat(callee.host("legacy.local", STOREFRONT, "/a")).isEqualTo(200);
        assertThat(callee.host("legacy.local", BILLING, "/a")).isEqualTo(403);
        assertThat(callee.get(BILLING, "/a")).as("orders.local").isEqualTo(200);
    }

    // ---- Policies that are not there

    @Test
    void whoStartsWithoutKnowingAPolicyLetsOnlyThoseInWhomAnotherAllows() {
        String broken = policy("broken", NODE, "rules: [{ name: x, effect: MAYBE }]");
        Callee callee = new Callee(
                true,
                broken,
                policy("get", NODE, "defaultDeny: false", "rules: [{ name: get, effect: ALLOW, methods: [GET] }]"));

        assertThat(callee.get(NOBODY, "/a")).isEqualTo(200);
        assertThat(callee.status(STOREFRONT, request -> request.method("POST"))).isEqualTo(403);
        assertThat(line(0)).contains(" policy=\"access policies that are refused\" rule=- ");

        callee.reload(policy("broken", NODE, "defaultDeny: false"));
        assertThat(callee.status(STOREFRONT, request -> request.method("POST")))
                .as("mended")
                .isEqualTo(200);
    }

    @Test
    void aFileThatCannotBeParsedClosesWhereItSpeaksOfPolicies() {
        String cut = policy("cut", NODE, "rules: [{ name: get, effect: ALLOW");
        Callee callee = new Callee(true, cut);

        assertThat(callee.get(STOREFRONT, "/a")).isEqualTo(403);
        callee.reload(policy("cut", NODE, "rules: [{ name: get, effect: ALLOW, methods: [GET] }]"));
        assertThat(callee.get(STOREFRONT, "/a")).as("mended").isEqualTo(200);
        callee.reloadWithErrors(cut);
        assertThat(callee.get(STOREFRONT, "/a")).as("last good form").isEqualTo(200);

        Callee other = new Callee(true, "apiVersion: intramesh.io/v1\nkind: TrafficPolicy\nspec: {");
        assertThat(other.get(STOREFRONT, "/a")).as("no policy is missing").isEqualTo(200);
    }

    @Test
    void aPolicyThatBreaksWhileTheProcessRunsStaysInItsLastGoodForm() {
        String broken = policy("orders", NODE, "rules: [{ name: x, effect: MAYBE }]");
        Callee callee = new Callee(policy("orders", NODE, "rules: [{ name: get, effect: ALLOW, methods: [GET] }]"));

        callee.reloadWithErrors(broken);
        assertThat(callee.get(NOBODY, "/a")).isEqualTo(200);
        assertThat(callee.status(NOBODY, request -> request.method("POST"))).isEqualTo(403);

        Callee other = new Callee();
        other.reloadWithErrors(broken);
        assertThat(other.get(NOBODY, "/a"))
                .as("what was never in force takes nothing down")
                .isEqualTo(200);
    }

    @Test
    void aProcessMayDenyByDefaultWithoutAnyPolicy() {
        Callee callee = new Callee(new AccessSettings(true, Set.of(), AccessSettings.DEFAULT_SPIFFE_PATH));

        assertThat(callee.get(STOREFRONT, "/a")).isEqualTo(403);
        assertThat(callee.get(NOBODY, "/health")).isEqualTo(200);

        callee.reload(
                policy("orders", NODE, "defaultDeny: false", "rules: [{ name: get, effect: ALLOW, methods: [GET] }]"));
        assertThat(callee.get(STOREFRONT, "/a")).isEqualTo(200);
        assertThat(callee.status(STOREFRONT, request -> request.method("POST"))).isEqualTo(403);
    }

    @Test
    void theFormOfSpiffeIdsAndFurtherTrustDomainsAreSettings() {
        Callee callee = new Callee(new AccessSettings(false, Set.of("cluster.local"), "/ns/{mesh}/sa/{virtualNode}"));
        callee.reload(policy(
                "orders", NODE, "rules: [{ name: shop, effect: ALLOW, callers: [{ virtualNode: storefront }] }]"));

        assertThat(callee.get(id("spiffe://cluster.local/ns/shop/sa/storefront"), "/"))
                .isEqualTo(200);
        assertThat(callee.get(id("spiffe://shop.example/ns/shop/sa/storefront"), "/"))
                .as("own")
                .isEqualTo(200);
        assertThat(callee.get(id("spiffe://cluster.local/ns/other/sa/storefront"), "/"))
                .isEqualTo(403);
        assertThat(callee.get(STOREFRONT, "/")).isEqualTo(403);
    }

    // ---- Shadow, counts, audit

    @Test
    void aPolicyInShadowRecordsAndNeitherDeniesNorAllows() {
        Callee callee = new Callee(
                policy(
                        "strict",
                        NODE,
                        "defaultDeny: false",
                        "rules: [{ name: no-delete, effect: DENY, methods: [DELETE] }]"),
                policy(
                        "tried",
                        NODE,
                        "mode: SHADOW",
                        "rules: [{ name: shop, effect: ALLOW, callers: [{ virtualNode: storefront }] }]"));

        assertThat(callee.get(BILLING, "/a")).isEqualTo(200);
        assertThat(callee.get(STOREFRONT, "/a")).isEqualTo(200);
        assertThat(callee.get(NOBODY, "/a")).isEqualTo(200);
        assertThat(callee.status(STOREFRONT, request -> request.method("DELETE")))
                .isEqualTo(403);

        assertThat(lines.list).hasSize(3);
        assertThat(line(0))
                .isEqualTo("access would be denied caller=\"spiffe://shop.example/shop/billing\" callerNode=\"billing\""
                        + " callee=\"orders\" port=8080 method=\"GET\" path=\"/a\" policy=\"tried\" rule=- mode=SHADOW"
                        + " reason=POLICY revision=1 requestId=\"r-1\"");
        assertThat(line(1))
                .startsWith("access would be denied caller=- callerNode=- ")
                .contains(" reason=NO_TRUSTED_IDENTITY ");
        assertThat(line(2))
                .startsWith("access denied ")
                .contains(" policy=\"strict\" rule=\"no-delete\" mode=ENFORCE ");
        assertThat(callee.fixture.accessEvents)
                .containsExactly(
                        new AccessEvent(
                                AccessEvent.Kind.WOULD_BE_DENIED,
                                Reason.POLICY,
                                "spiffe://shop.example/shop/billing",
                                "billing",
                                "tried",
                                null),
                        new AccessEvent(
                                AccessEvent.Kind.WOULD_BE_DENIED,
                                Reason.NO_TRUSTED_IDENTITY,
                                null,
                                null,
                                "tried",
                                null),
                        new AccessEvent(
                                AccessEvent.Kind.DENIED,
                                Reason.POLICY,
                                "spiffe://shop.example/shop/storefront",
                                "storefront",
                                "strict",
                                "no-delete"));
    }

    @Test
    void countsOutliveAReloadAndEndWithTheirPolicy() {
        String other = policy("other", NODE, "rules: [{ name: all, effect: ALLOW }]");
        Callee callee =
                new Callee(other, policy("orders", NODE, "rules: [{ name: no, effect: DENY, methods: [PUT] }]"));
        callee.status(NOBODY, request -> request.method("PUT"));

        callee.reload(other, policy("orders", NODE, "rules: [{ name: none, effect: DENY, methods: [PUT, POST] }]"));
        callee.status(NOBODY, request -> request.method("POST"));

        assertThat(callee.counts()).contains("2 denied, 0 would be denied so far");

        callee.reload(other);
        callee.reload(other, policy("orders", NODE, "rules: [{ name: none, effect: DENY, methods: [PUT, POST] }]"));

        assertThat(callee.counts()).containsOnly("0 denied, 0 would be denied so far");
    }

    @Test
    void whatIsAllowedIsWrittenDownWhereAPolicyAsksForIt() {
        Callee callee = new Callee(
                policy("quiet", NODE, "rules: [{ name: get, effect: ALLOW, methods: [GET] }]"),
                policy("loud", NODE, "audit: ALL", "rules: [{ name: post, effect: ALLOW, methods: [POST] }]"));

        callee.status(STOREFRONT, request -> request.method("GET"));
        callee.status(STOREFRONT, request -> request.method("POST").path("/a?secret=1"));

        assertThat(lines.list).hasSize(1);
        assertThat(line(0))
                .isEqualTo("access allowed caller=\"spiffe://shop.example/shop/storefront\" callerNode=\"storefront\""
                        + " callee=\"orders\" port=8080 method=\"POST\" path=\"/a\" policy=\"loud\" rule=\"post\""
                        + " mode=ENFORCE reason=- revision=1 requestId=\"r-1\"");
    }

    @Test
    void nothingThatComesFromOutsideBreaksALineOfTheAuditLog() {
        Callee callee = new Callee(policy("orders", NODE, "defaultDeny: true"));

        callee.status(
                NOBODY,
                request -> request.method("GET\" policy=\"x")
                        .path("/a\r\naccess allowed caller=\"me\u2028\u001b[31m;jsessionid=secret/" + "x".repeat(9000))
                        .header("authorization", "Bearer secret"));

        String line = line(0);
        assertThat(line)
                .contains("method=\"GET\\\" policy=\\\"x\"")
                .contains("path=\"/a\\u000d\\u000aaccess allowed caller=\\\"me\\u2028\\u001b[31m;/xxx")
                .doesNotContain("secret")
                .doesNotContain("\n")
                .doesNotContain("\r");
        assertThat(line.length()).isLessThan(2000);
    }

    @Test
    void aFloodOfDenialsFillsNoDisk() {
        Callee callee = new Callee(policy("orders", NODE, "defaultDeny: true"));

        for (int i = 0; i < 5_000; i++) {
            callee.get(NOBODY, "/");
        }
        assertThat(lines.list).hasSize(1000);

        callee.fixture.scheduler.advance(Duration.ofSeconds(1));
        callee.get(NOBODY, "/");

        assertThat(line(1000)).isEqualTo("audit lines dropped count=4000 maxPerSecond=1000");
        assertThat(line(1001)).startsWith("access denied ");
        assertThat(callee.counts()).contains("5001 denied, 0 would be denied so far");
    }

    // ---- Certificates

    private static List<X509Certificate> id(String spiffeId) {
        return certificate(spec -> spec.uris(URI.create(spiffeId)));
    }

    private static List<X509Certificate> dns(String... names) {
        return certificate(spec -> spec.dnsNames(names));
    }

    private static List<X509Certificate> certificate(UnaryOperator<CertificateSpec.Builder> names) {
        return AUTHORITY.issue(names.apply(CertificateSpec.builder()).build()).chain();
    }

    // ---- Documents

    private static final String NODE = "{ kind: VirtualNode, name: orders }";
    private static final String WHOLE_MESH = "{ kind: Mesh, name: shop }";

    private static String policy(String name, String target, String... lines) {
        return """
                apiVersion: intramesh.io/v1
                kind: AccessPolicy
                metadata: { mesh: shop, name: %s }
                spec:
                  targetRef: %s
                  %s
                """.formatted(name, target, String.join("\n  ", lines));
    }

    private static String route(String name, String prefix, String... nodes) {
        StringBuilder targets = new StringBuilder();
        for (String node : nodes) {
            targets.append(targets.isEmpty() ? "" : ", ")
                    .append("{ virtualNode: ")
                    .append(node)
                    .append(", port: 8080, weight: 1 }");
        }
        return """
                apiVersion: intramesh.io/v1
                kind: Route
                metadata: { mesh: shop, virtualRouter: orders, name: %s }
                spec:
                  httpRoute:
                    match: { prefix: %s }
                    action: { weightedTargets: [%s] }
                """.formatted(name, prefix.startsWith("/@") ? "'" + prefix + "'" : prefix, targets);
    }

    private static String split(int one, int two) {
        return """
                apiVersion: intramesh.io/v1
                kind: Route
                metadata: { mesh: shop, virtualRouter: orders, name: all }
                spec:
                  httpRoute:
                    match: { prefix: / }
                    action: { weightedTargets: [{ virtualNode: orders, port: 8080, weight: %d }, { virtualNode: orders-v2, weight: %d }] }
                """.formatted(one, two);
    }

    private String line(int index) {
        return lines.list.get(index).getFormattedMessage();
    }

    private final class Callee {
        private final PipelineFixture fixture;
        private final InboundPipeline pipeline;

        Callee(String... documents) {
            this(false, AccessSettings.DEFAULTS, documents);
        }

        Callee(boolean mayHaveErrors, String... documents) {
            this(mayHaveErrors, AccessSettings.DEFAULTS, documents);
        }

        Callee(AccessSettings settings) {
            this(false, settings);
        }

        private Callee(boolean mayHaveErrors, AccessSettings settings, String... documents) {
            fixture = new PipelineFixture(clock, settings, mayHaveErrors, withMesh(documents));
            pipeline = InboundPipelines.inPlaintext(
                    () -> fixture.self(), () -> fixture.inbound(), clock, Duration.ZERO, new SplittableRandom(1));
        }

        void reload(String... documents) {
            fixture.reload(withMesh(documents));
            pipeline.configurationChanged();
        }

        void reloadWithErrors(String... documents) {
            fixture.reloadWithErrors(withMesh(documents));
            pipeline.configurationChanged();
        }

        Callee at(String time) {
            fixture.now = Instant.parse(time);
            return this;
        }

        private String[] withMesh(String... documents) {
            List<String> all = new ArrayList<>(List.of(MESH));
            all.addAll(List.of(documents));
            return all.toArray(new String[0]);
        }

        int get(List<X509Certificate> chain, String path) {
            return status(chain, request -> request.path(path));
        }

        int host(String host, List<X509Certificate> chain, String path) {
            return status(refusal(host, chain, 8080, request -> request.path(path)));
        }

        int status(List<X509Certificate> chain, UnaryOperator<ExplainRequest.Builder> details) {
            return status(chain, 8080, details);
        }

        int status(List<X509Certificate> chain, int port, UnaryOperator<ExplainRequest.Builder> details) {
            return status(refusal("orders.local", chain, port, details));
        }

        private int status(@Nullable Refusal refusal) {
            return refusal == null ? 200 : refusal.status();
        }

        @Nullable
        Refusal refusal(List<X509Certificate> chain, String path) {
            return refusal("orders.local", chain, 8080, request -> request.path(path));
        }

        private @Nullable Refusal refusal(
                String host, List<X509Certificate> chain, int port, UnaryOperator<ExplainRequest.Builder> details) {
            InboundRequest request = pipeline.begin(
                    details.apply(ExplainRequest.builder(host)
                                    .method("GET")
                                    .scheme("http")
                                    .path("/")
                                    .header(MeshContext.REQUEST_ID_HEADER, "r-1"))
                            .build(),
                    port,
                    chain);
            request.ended(200, null);
            return request.refusal();
        }

        /** Returns what a refused caller is asked for. */
        @Nullable
        String challenge(String path, @Nullable String authorization) {
            return requireNonNull(refusal("orders.local", NOBODY, 8080, request -> {
                        request.path(path);
                        return authorization == null ? request : request.header("Authorization", authorization);
                    }))
                    .challenge();
        }

        /** Returns the counts of all policies before this process, as explanations show them. */
        List<String> counts() {
            return requireNonNull(fixture.inbound().access()).settings().stream()
                    .map(Explanation.Setting::value)
                    .toList();
        }
    }
}
