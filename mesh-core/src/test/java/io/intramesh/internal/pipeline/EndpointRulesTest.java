package io.intramesh.internal.pipeline;

import static io.intramesh.internal.pipeline.PipelineFixture.endpoints;
import static io.intramesh.internal.pipeline.PipelineFixture.mesh;
import static io.intramesh.internal.pipeline.PipelineFixture.policy;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.explain.Explanation;
import io.intramesh.testing.FakeNanoClock;
import org.junit.jupiter.api.Test;

final class EndpointRulesTest {
    @Test
    void theRateThatTheCalleeTakesInIsTold() {
        PipelineFixture mesh = new PipelineFixture(
                FakeNanoClock.create(),
                mesh("http", ""),
                endpoints(1),
                policy("rateLimit: { requests: 100, per: 500ms, burst: 150, by: { header: x-tenant } }"));

        assertThat(mesh.explain().settings())
                .contains(new Explanation.Setting(
                        "rateLimit",
                        "100 requests within 500 ms at each endpoint, at most 150 at once, for each value of header"
                                + " x-tenant",
                        "trafficPolicy 'pay' rateLimit"));
    }

    @Test
    void limitsOfBothSidesAndOfTheServiceAreTold() {
        PipelineFixture mesh = new PipelineFixture(
                FakeNanoClock.create(),
                mesh("http", ""),
                endpoints(1),
                policy(
                        "concurrencyLimit:",
                        "  inbound: { adaptive: gradient, maxRequests: 64 }",
                        "  outbound: { maxRequests: 8 }"),
                policy("rateLimit: { requests: 1, per: 1s }")
                        .replace("name: pay }\nspec", "name: service }\nspec")
                        .replace("kind: VirtualNode, name: pay", "kind: VirtualService, name: pay.local"));

        assertThat(mesh.explain().settings())
                .contains(
                        new Explanation.Setting(
                                "concurrencyLimit.inbound",
                                "between 3 and 64 requests at a time, as latency allows into each endpoint",
                                "trafficPolicy 'pay' concurrencyLimit.inbound"),
                        new Explanation.Setting(
                                "concurrencyLimit.outbound",
                                "at most 8 requests at a time from this process at each endpoint",
                                "trafficPolicy 'pay' concurrencyLimit.outbound"),
                        new Explanation.Setting(
                                "rateLimit of the virtual service",
                                "1 request within 1 s at each endpoint, at most 1 at once, for all callers together",
                                "trafficPolicy 'service' rateLimit"));
    }
}
