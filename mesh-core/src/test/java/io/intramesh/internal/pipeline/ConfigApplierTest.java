package io.intramesh.internal.pipeline;

import static io.intramesh.internal.pipeline.PipelineFixture.endpoints;
import static io.intramesh.internal.pipeline.PipelineFixture.mesh;
import static io.intramesh.internal.pipeline.PipelineFixture.policy;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.internal.route.Target;
import io.intramesh.testing.FakeNanoClock;
import org.junit.jupiter.api.Test;

/** What a reload does not change is taken over, not made again. */
final class ConfigApplierTest {
    private static final String PROVIDER = "virtualNode: { virtualNodeName: pay }";
    private static final String ROUTER = """
            apiVersion: intramesh.io/v1
            kind: VirtualRouter
            metadata: { mesh: shop, name: pay }
            spec: { listeners: [{ portMapping: { port: 80, protocol: http } }] }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: shop, virtualRouter: pay, name: all }
            spec:
              httpRoute:
                match: { prefix: / }
                action: { weightedTargets: [{ virtualNode: pay, weight: 1 }] }
            """;

    @Test
    void aRouterStaysWhereNothingAboutItChanges() {
        PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), routed(""), ROUTER, endpoints(2));
        Target before = target(mesh);

        mesh.reload(routed(""), ROUTER, endpoints(3), policy("panicThreshold: 30"));

        assertThat(target(mesh)).isSameAs(before);
    }

    @Test
    void aListenerThatChangesIsBoundAnewAndWhatIsKnownOfItsEndpointsStays() {
        PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), routed(""), ROUTER, endpoints(2));
        Target before = target(mesh);

        mesh.reload(routed("timeout: { http: { perRequest: { unit: s, value: 1 } } }"), ROUTER, endpoints(2));

        assertThat(target(mesh)).isNotSameAs(before);
        assertThat(binding(mesh).listener()).isEqualTo(target(mesh).listener());
        assertThat(binding(mesh).availability()).isSameAs(((NodeBinding) before.binding()).availability());
    }

    private static Target target(PipelineFixture mesh) {
        assertThat(mesh.targets()).hasSize(1);
        return mesh.targets().get(0);
    }

    private static NodeBinding binding(PipelineFixture mesh) {
        return (NodeBinding) target(mesh).binding();
    }

    private static String routed(String listenerParts) {
        return mesh("http", listenerParts).replace(PROVIDER, "virtualRouter: { virtualRouterName: pay }");
    }
}
