package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.DocumentReader;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What changes for traffic, and what only looks as if it did. */
final class ComparisonTest {
    private static final String SHOP = Shop.RESOURCES;

    @Test
    void aMovedWeightIsToldInPercentWithWhatGainsFirst() {
        assertThat(lines(SHOP.replace("weight: 90", "weight: 10")))
                .containsExactly("payments.local GET /beta: payments-v2 10 % → 50 %, payments-v1 90 % → 50 %");
    }

    @Test
    void proportionsCountAndNotWeights() {
        assertThat(lines(SHOP.replace("weight: 90", "weight: 9").replace("weight: 10 ", "weight: 1 ")))
                .isEmpty();
    }

    @Test
    void aTargetOfWeightZeroIsAsNone() {
        assertThat(lines(SHOP.replace("        - { virtualNode: payments-v2, weight: 0 }\n", "")))
                .isEmpty();
    }

    @Test
    void theOrderOfDocumentsDoesNotCount() {
        List<String> documents = documents();
        StringBuilder turned = new StringBuilder();
        for (int i = documents.size() - 1; i >= 0; i--) {
            turned.append(documents.get(i)).append("---\n");
        }

        assertThat(lines(turned.toString())).isEmpty();
    }

    @Test
    void defaultsThatAreSpelledOutChangeNothing() {
        assertThat(lines(SHOP.replace("match: { prefix: /orders }", "match: { prefix: /orders, port: 8080 }")
                        .replace(
                                "  grpcRoute:", "  grpcRoute:\n    timeout: { perRequest: { unit: ms, value: 15000 } }")
                        .replace(
                                "dns: { hostname: v1.payments.local }",
                                "dns: { hostname: v1.payments.local, responseType: LOADBALANCER }")
                        .replace(
                                "{ virtualNode: payments-v1, weight: 90 }",
                                "{ virtualNode: payments-v1, weight: 90, port: 8081 }")))
                .isEmpty();
    }

    @Test
    void anotherDialectChangesNothing() {
        String asJson = """
                {"meshName":"shop","virtualRouterName":"payments","routeName":"beta","spec":{"priority":1,"httpRoute":{
                "match":{"prefix":"/beta","method":"GET"},"action":{"weightedTargets":[
                {"weight":45,"virtualNode":"payments-v1"},{"weight":5,"virtualNode":"payments-v2"}]}}}}
                """;
        String withoutBeta = SHOP.replaceAll(
                "(?s)---\napiVersion: intramesh.io/v1\nkind: Route\n"
                        + "metadata: \\{ mesh: shop, virtualRouter: payments, name: beta }.*?(?=---\n)",
                "");

        assertThat(withoutBeta).doesNotContain("name: beta");
        assertThat(comparison(
                                read(RawDocument.of("a.yaml", SHOP)),
                                read(RawDocument.of("b.yaml", withoutBeta), RawDocument.of("beta.json", asJson)))
                        .changes())
                .isEmpty();
    }

    @Test
    void aRouteThatIsCalledOtherwiseDoesTheSame() {
        assertThat(lines(SHOP.replace("virtualRouter: payments, name: beta", "virtualRouter: payments, name: b")))
                .isEmpty();
    }

    @Test
    void aRouterThatIsCalledOtherwiseDoesTheSame() {
        assertThat(lines(SHOP.replace("virtualRouter: payments", "virtualRouter: pay")
                        .replace("virtualRouterName: payments", "virtualRouterName: pay")
                        .replace("mesh: shop, name: payments }", "mesh: shop, name: pay }")))
                .isEmpty();
    }

    @Test
    void aRouteThatIsGoneSaysWhatBecomesOfItsRequests() {
        assertThat(lines(without("virtualRouter: payments, name: beta")))
                .containsExactly("payments.local GET /beta: route 'beta' is gone (payments-v1 90 %, payments-v2 10 %);"
                        + " its requests are refused from now on: no other route takes them");
        assertThat(comparison(SHOP, SHOP + route("all", 1000, "{ prefix: / }", "payments-v1"))
                        .changes())
                .singleElement()
                .asString()
                .isEqualTo(
                        "payments.local /: new route 'all' to payments-v1 100 %; so far other routes took some of them");
    }

    @Test
    void aRouteThatTakesFromAnotherNamesIt() {
        assertThat(lines(SHOP + route("vip", 0, "{ prefix: /orders/vip }", "payments-v2")))
                .containsExactly("payments.local /orders/vip: new route 'vip' to payments-v2 100 %;"
                        + " so far they went by 'orders' (elsewhere 50 %, payments-v1 50 %)");
    }

    @Test
    void aRouteThatNoRequestReachesIsARemark() {
        Comparison comparison = comparison(SHOP, SHOP + route("late", 900, "{ prefix: /orders/late }", "payments-v2"));

        assertThat(comparison.changes()).isEmpty();
        assertThat(comparison.remarks())
                .containsExactly("payments.local /orders/late: route 'late' is new; no request reaches it,"
                        + " for 'orders' is tried first");
    }

    @Test
    void anOrderThatMattersIsTold() {
        String special = SHOP + route("vip", 0, "{ prefix: /orders/vip }", "payments-v2");

        assertThat(lines(special, special.replace("  priority: 0\n", "  priority: 5\n")))
                .containsExactly(
                        "payments.local /orders: 'orders' is now tried before 'vip': all that 'vip' took now go"
                                + " to elsewhere 50 %, payments-v1 50 % instead of payments-v2 100 %");
    }

    @Test
    void anOrderAmongRoutesThatShareNoRequestIsNotTold() {
        assertThat(lines(SHOP.replace("  priority: 1\n", "  priority: 7\n"))).isEmpty();
    }

    @Test
    void aMatchThatChangesIsTold() {
        assertThat(lines(SHOP.replace("prefix: /beta, method: GET", "path: { exact: /beta }, method: GET")))
                .containsExactly(
                        "payments.local GET /beta: route 'beta' now takes GET /beta (exact) instead of GET /beta");
    }

    @Test
    void servicesThatShareARouterAreAllNamed() {
        String shared = SHOP + """
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualService
                metadata: { mesh: shop, name: billing.local }
                spec: { provider: { virtualRouter: { virtualRouterName: payments } } }
                """;

        Comparison comparison = comparison(shared, shared.replace("weight: 90", "weight: 30"));

        assertThat(comparison.changes())
                .singleElement()
                .asString()
                .startsWith("billing.local, payments.local GET /beta: payments-v2 10 % → 25 %");
        assertThat(comparison.changes().get(0).virtualServices()).containsExactly("billing.local", "payments.local");
    }

    @Test
    void limitsAndRetriesAreToldWithTheirDefaults() {
        assertThat(lines(SHOP.replace("match: { prefix: /orders }", """
                        match: { prefix: /orders }
                            timeout: { perRequest: { unit: s, value: 5 } }
                            retryPolicy:
                              maxRetries: 1
                              perRetryTimeout: { unit: s, value: 2 }
                              tcpRetryEvents: [connection-error]
                        """)))
                .containsExactly(
                        "payments.local /orders: timeout.perRequest 15 s (default) → 5 s",
                        "payments.local /orders: retryPolicy App Mesh's default (only what is safe, twice) (default)"
                                + " → 1 retry on connection-error, each attempt at most 2 s");
    }

    @Test
    void aProviderThatSwitchesIsToldWithWhereItLeads() {
        assertThat(lines(SHOP.replace(
                        "{ virtualRouter: { virtualRouterName: stock } }",
                        "{ virtualNode: { virtualNodeName: stock } }")))
                .containsExactly("stock.local: virtualRouter stock: shop.Stock/Reserve → stock 100 %; shop.Audit/* →"
                        + " stock 100 % → virtualNode stock");
    }

    @Test
    void backendsAreToldByWhoMayCallWhom() {
        assertThat(lines(
                        SHOP.replaceFirst("virtualServiceName: payments.local }", "virtualServiceName: stock.local }")))
                .containsExactly(
                        "storefront: may no longer call payments.local", "storefront: may now call stock.local");
    }

    @Test
    void theEgressFilterComesFirst() {
        assertThat(lines(SHOP.replace("DROP_ALL", "ALLOW_ALL").replace("weight: 90", "weight: 10")))
                .startsWith("mesh 'shop': egressFilter DROP_ALL → ALLOW_ALL")
                .hasSize(2);
    }

    @Test
    void aListenerThatNowWantsTlsSaysSo() {
        assertThat(lines(SHOP.replace(
                        "portMapping: { port: 8081, protocol: http } }",
                        "portMapping: { port: 8081, protocol: http }, tls: { mode: STRICT, certificate: { file: {"
                                + " certificateChain: /c, privateKey: /k } } } }")))
                .containsExactly("payments-v1:8081: from now on takes only TLS (so far plaintext only)");
    }

    @Test
    void anotherPortAndAnotherNameOfANodeAreTold() {
        assertThat(lines(SHOP.replace("port: 8082, protocol: http", "port: 8083, protocol: http")
                        .replace("v2.payments.local", "v3.payments.local")))
                .containsExactly(
                        "payments-v2:8082: listens no more",
                        "payments-v2:8083: listens from now on: protocol http",
                        "payments-v2: serviceDiscovery DNS v2.payments.local, as one load balancer → DNS"
                                + " v3.payments.local, as one load balancer");
    }

    @Test
    void gatewayRoutesAreToldWithTheirRewrites() {
        assertThat(lines(SHOP.replace("prefix: { defaultPrefix: DISABLED }", "prefix: { value: /alpha/ }")
                        .replaceFirst(
                                "action: \\{ target: \\{ virtualService: \\{ virtualServiceName: payments.local",
                                "action: { target: { virtualService: { virtualServiceName: stock.local")))
                .containsExactly(
                        "virtualGateway 'front' shop.example.com/pay/: payments.local → stock.local",
                        "virtualGateway 'front' *.example.org/beta: rewrite.path stays → /beta becomes /alpha/");
    }

    @Test
    void ourOwnKindsCount() {
        String own = SHOP + """
                ---
                apiVersion: intramesh.io/v1
                kind: Endpoints
                metadata: { mesh: shop, name: p1 }
                spec: { virtualNode: payments-v1, endpoints: [{ address: 10.0.0.7 }, { address: 10.0.0.8, port: 9 }] }
                ---
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: t }
                spec: { targetRef: { kind: VirtualNode, name: stock }, loadBalancing: least-request }
                ---
                apiVersion: intramesh.io/v1
                kind: AccessPolicy
                metadata: { mesh: shop, name: a }
                spec: { targetRef: { kind: VirtualNode, name: stock }, rules: [{ name: r, effect: ALLOW, methods: [GET] }] }
                """;

        assertThat(lines(own, own)).isEmpty();
        assertThat(lines(
                        own,
                        own.replace("10.0.0.7", "10.0.0.9")
                                .replace("least-request", "round-robin")
                                .replace("methods: [GET]", "methods: [GET, PUT]")))
                .containsExactly(
                        "access policy 'a' of virtualNode 'stock': rules[r] ALLOW methods GET → ALLOW methods GET or PUT",
                        "payments-v1: endpoints 10.0.0.7, 10.0.0.8:9 → 10.0.0.8:9, 10.0.0.9",
                        "traffic policy 't' of virtualNode 'stock': loadBalancing least-request → round-robin");
    }

    @Test
    void everyPartOfATrafficPolicyCounts() {
        String policy = SHOP + """
                ---
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: t }
                spec:
                  targetRef: { kind: VirtualNode, name: stock }
                  circuitBreaker: { consecutiveFailures: 3, openFor: 10s }
                """;
        String more = policy + """
                  retryBudget: { percent: 30, minRetriesPerSecond: 1, window: 20s }
                  outlierDetection: { successRate: { minimumEndpoints: 3 } }
                  panicThreshold: 0
                  idempotent: true
                  hedge: { maxExtraLoad: 2 }
                """;

        assertThat(lines(policy, more))
                .containsExactly(
                        "traffic policy 't' of virtualNode 'stock': hedge none (default) → a second endpoint after all but"
                                + " 2 % of the answers",
                        "traffic policy 't' of virtualNode 'stock': idempotent by method (default) → always",
                        "traffic policy 't' of virtualNode 'stock': outlierDetection.successRate none (default) → ejects below"
                                + " the mean by 1900/1000 standard deviations, from 3 endpoints with 100 requests on",
                        "traffic policy 't' of virtualNode 'stock': panicThreshold fewer than 50 % usable (default) → never",
                        "traffic policy 't' of virtualNode 'stock': retryBudget 20 % of the calls within 10 s, at least"
                                + " 10 a second (default) → 30 % of the calls within 20 s, at least 1 a second");
        assertThat(lines(
                        policy,
                        policy.replace(
                                "consecutiveFailures: 3, openFor: 10s",
                                "failureRate: 50, slowCallRate: 80, slowCallDuration: 2s, openFor: 5s,"
                                        + " halfOpenCalls: 2, per: virtual-node")))
                .containsExactly(
                        "traffic policy 't' of virtualNode 'stock': circuitBreaker opens for 10 s after 3 failures in a"
                                + " row, closes after 1 call that succeeds, per endpoint → opens for 5 s after 50 %"
                                + " failures or 80 % of 2 s or slower (within 10 s, from 10 calls on), closes after 2"
                                + " calls that succeed, for the whole node");
    }

    @Test
    void whatIsRefusedIsToldAndNothingIsMadeOfItsAbsence() {
        assertThat(lines(SHOP.replace("weight: 90", "weight: 900")))
                .containsExactly(
                        "virtualRouter 'payments' route 'beta': is refused in B; a running mesh keeps the form of"
                                + " A, a new one goes without");
    }

    @Test
    void everySingleRemovalIsSeenAndTurnedAroundToo() {
        List<String> documents = documents();
        for (int i = 0; i < documents.size(); i++) {
            StringBuilder rest = new StringBuilder();
            for (int j = 0; j < documents.size(); j++) {
                rest.append(j == i ? "" : documents.get(j) + "---\n");
            }
            assertThat(lines(SHOP, rest.toString()))
                    .as(documents.get(i))
                    .matches(lines -> !lines.isEmpty() || documentIsDefault(rest.toString()));
            assertThat(lines(rest.toString(), SHOP))
                    .as(documents.get(i))
                    .matches(lines -> !lines.isEmpty() || documentIsDefault(rest.toString()));
            assertThat(lines(rest.toString(), rest.toString())).isEmpty();
        }
    }

    // The mesh document says only what holds by default.
    private static boolean documentIsDefault(String rest) {
        return !rest.contains("kind: Mesh\n");
    }

    private static String route(String name, int priority, String match, String node) {
        return """
                ---
                apiVersion: intramesh.io/v1
                kind: Route
                metadata: { mesh: shop, virtualRouter: payments, name: %s }
                spec:
                  priority: %d
                  httpRoute:
                    match: %s
                    action: { weightedTargets: [{ virtualNode: %s, weight: 1 }] }
                """.formatted(name, priority, match, node);
    }

    private static List<String> documents() {
        return List.of(Pattern.compile("---\n").split(SHOP));
    }

    private static String without(String metadata) {
        StringBuilder rest = new StringBuilder();
        for (String document : documents()) {
            rest.append(document.contains(metadata) ? "" : document + "---\n");
        }
        return rest.toString();
    }

    private static List<String> lines(String after) {
        return lines(SHOP, after);
    }

    private static List<String> lines(String before, String after) {
        return comparison(before, after).changes().stream()
                .map(Change::toString)
                .toList();
    }

    private static Comparison comparison(String before, String after) {
        return comparison(read(RawDocument.of("a.yaml", before)), read(RawDocument.of("b.yaml", after)));
    }

    private static Comparison comparison(ReadResult before, ReadResult after) {
        return Comparison.of(before, after);
    }

    private static ReadResult read(RawDocument... documents) {
        return DocumentReader.builder().build().read(List.of(documents));
    }
}
