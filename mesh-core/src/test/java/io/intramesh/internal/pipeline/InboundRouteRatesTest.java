package io.intramesh.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import io.intramesh.call.InboundRequest;
import io.intramesh.call.Refusal;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.model.Kind;
import io.intramesh.model.ResourceId;
import io.intramesh.testing.FakeNanoClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Rates of routes and virtual services, at the process of node orders behind them. */
final class InboundRouteRatesTest {
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
              listeners: [{ portMapping: { port: 8080, protocol: http } }]
              serviceDiscovery: { dns: { hostname: orders.invalid } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: beta }
            spec:
              listeners: [{ portMapping: { port: 8080, protocol: http } }]
              serviceDiscovery: { dns: { hostname: beta.invalid } }
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

    private final FakeNanoClock clock = FakeNanoClock.create();
    private final Logger log = (Logger) LoggerFactory.getLogger(InboundRateStage.class);

    @BeforeEach
    void keepWarningsFromTheConsole() {
        log.setAdditive(false);
    }

    @AfterEach
    void giveTheLogBack() {
        log.setAdditive(true);
    }

    @Test
    void aRequestIsHeldToTheRateOfItsRouteElseOfItsVirtualService() {
        Callee callee = new Callee(
                rate("a", "{ kind: Route, virtualRouter: orders, name: checkout }", 1),
                rate("b", "{ kind: VirtualService, name: orders.local }", 2));

        assertThat(callee.get("orders.local", 80, "/checkout")).isEqualTo(200);
        assertThat(callee.get("orders.local", 80, "/checkout/now")).isEqualTo(429);
        assertThat(callee.get("ORDERS.local", 80, "/a")).isEqualTo(200);
        assertThat(callee.get("orders.local", -1, "/b")).isEqualTo(200);
        assertThat(callee.get("orders.local", -1, "/c")).isEqualTo(429);
        assertThat(callee.get("legacy.local", 8080, "/c")).as("another service").isEqualTo(200);
        assertThat(callee.get("10.0.0.7", 8080, "/checkout")).as("no service").isEqualTo(200);
        assertThat(callee.get("orders.local", 8080, "/c"))
                .as("no listener of the router")
                .isEqualTo(200);
    }

    @Test
    void theRateOfTheNodeHoldsBesides() {
        Callee callee = new Callee(
                rate("a", "{ kind: Route, virtualRouter: orders, name: checkout }", 3),
                rate("b", "{ kind: VirtualNode, name: orders }", 4));

        List<Integer> answers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            answers.add(callee.get("orders.local", 80, "/checkout"));
        }
        answers.add(callee.get("orders.local", 80, "/a"));
        answers.add(callee.get("orders.local", 80, "/a"));

        assertThat(answers).containsExactly(200, 200, 200, 429, 429, 200, 429);
    }

    @Test
    void whatIsRefusedByItsRouteIsToldWhenToComeBack() {
        Callee callee = new Callee(rate("a", "{ kind: Route, virtualRouter: orders, name: checkout }", 1));
        callee.get("orders.local", 80, "/checkout");

        Refusal refusal = callee.refusal("orders.local", 80, "/checkout");

        assertThat(refusal).isNotNull().returns(3600L, Refusal::retryAfterSeconds);
        clock.advance(Duration.ofHours(1));
        assertThat(callee.get("orders.local", 80, "/checkout")).isEqualTo(200);
    }

    @Test
    void aRouteThatLeadsElsewhereCostsNothingHere() {
        Callee callee = new Callee(rate("a", "{ kind: Route, virtualRouter: orders, name: beta }", 1));

        assertThat(callee.fixture.inbound().limitsRateBy(callee.id("a"))).isFalse();
        assertThat(callee.get("orders.local", 80, "/beta")).isEqualTo(200);
        assertThat(callee.get("orders.local", 80, "/beta")).isEqualTo(200);
    }

    @Test
    void aServiceThatIsANodeHasARateToo() {
        Callee callee = new Callee(rate("a", "{ kind: VirtualService, name: legacy.local }", 1));

        assertThat(callee.get("legacy.local", 8080, "/")).isEqualTo(200);
        assertThat(callee.get("legacy.local", 8080, "/")).isEqualTo(429);
        assertThat(callee.get("orders.local", 80, "/")).isEqualTo(200);
    }

    @Test
    void reloadsKeepWhatWasCountedForAsLongAsTheRateStays() {
        String[] policies = {rate("a", "{ kind: Route, virtualRouter: orders, name: checkout }", 1)};
        Callee callee = new Callee(policies);
        callee.get("orders.local", 80, "/checkout");

        callee.reload(policies[0], rate("b", "{ kind: VirtualNode, name: orders }", 100));
        assertThat(callee.get("orders.local", 80, "/checkout")).isEqualTo(429);
        callee.reload(rate("a", "{ kind: Route, virtualRouter: orders, name: checkout }", 2));
        assertThat(callee.get("orders.local", 80, "/checkout")).isEqualTo(200);
        callee.reload();
        assertThat(callee.get("orders.local", 80, "/checkout")).isEqualTo(200);
        callee.reload(policies);

        assertThat(callee.get("orders.local", 80, "/checkout")).isEqualTo(200);
        assertThat(callee.get("orders.local", 80, "/checkout")).isEqualTo(429);
    }

    private static String rate(String name, String target, int requests) {
        return """
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: %s }
                spec:
                  targetRef: %s
                  rateLimit: { requests: %d, per: 1h }
                """.formatted(name, target, requests);
    }

    private static String route(String name, String prefix, String node) {
        return """
                apiVersion: intramesh.io/v1
                kind: Route
                metadata: { mesh: shop, virtualRouter: orders, name: %s }
                spec:
                  httpRoute:
                    match: { prefix: %s }
                    action: { weightedTargets: [{ virtualNode: %s, weight: 1 }] }
                """.formatted(name, prefix, node);
    }

    private final class Callee {
        private final PipelineFixture fixture;
        private final InboundPipeline pipeline;

        Callee(String... policies) {
            fixture = new PipelineFixture(clock, documents(policies));
            pipeline = InboundPipelines.inPlaintext(
                    () -> null, () -> fixture.inbound(), clock, Duration.ZERO, new SplittableRandom(1));
        }

        void reload(String... policies) {
            fixture.reload(documents(policies));
            pipeline.configurationChanged();
        }

        ResourceId id(String policy) {
            return ResourceId.of(Kind.TRAFFIC_POLICY, "shop", policy);
        }

        private String[] documents(String... policies) {
            List<String> all = new ArrayList<>(List.of(
                    MESH,
                    route("checkout", "/checkout", "orders"),
                    route("beta", "/beta", "beta"),
                    route("rest", "/", "orders")));
            all.addAll(List.of(policies));
            return all.toArray(new String[0]);
        }

        int get(String host, int port, String path) {
            Refusal refusal = refusal(host, port, path);
            return refusal == null ? 200 : refusal.status();
        }

        @Nullable
        Refusal refusal(String host, int port, String path) {
            InboundRequest request = pipeline.begin(
                    ExplainRequest.builder(host)
                            .port(port)
                            .method("GET")
                            .scheme("http")
                            .path(path)
                            .build(),
                    8080,
                    List.of());
            request.ended(200, null);
            return request.refusal();
        }
    }
}
