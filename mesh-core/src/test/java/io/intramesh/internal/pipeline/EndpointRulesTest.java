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
}
