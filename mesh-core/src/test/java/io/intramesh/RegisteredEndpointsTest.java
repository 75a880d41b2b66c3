package io.intramesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.intramesh.call.Attempt;
import io.intramesh.call.Endpoint;
import io.intramesh.document.Problem;
import io.intramesh.document.RawDocument;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.registry.EndpointSource.Found;
import io.intramesh.testing.FakeEndpointSource;
import io.intramesh.testing.FakeRegistry;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a source of the application's own knows, as calls see it. */
final class RegisteredEndpointsTest {
    private static final String DOCUMENTS = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: shop }
            spec: {}
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: orders }
            spec:
              backends: [{ virtualService: { virtualServiceName: payments.local } }]
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: shop, name: payments.local }
            spec: { provider: { virtualNode: { virtualNodeName: payments } } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: payments }
            spec:
              listeners: [{ portMapping: { port: 8080, protocol: http }%s }]
              serviceDiscovery: { %s }
            """;
    private static final String CLOUD_MAP = "awsCloudMap: { namespaceName: prod, serviceName: payments }";

    private final FakeRegistry registry = FakeRegistry.create();
    private final FakeEndpointSource source = FakeEndpointSource.create();
    private final List<Mesh> started = new ArrayList<>();

    @AfterEach
    void close() {
        started.forEach(Mesh::close);
    }

    @Test
    void aSourceOfTheApplicationIsAskedAndItsNodeNeedsNoDecision() throws Exception {
        source.put("payments", found(1, true), found(2, true));
        Mesh mesh = start(CLOUD_MAP);

        assertThat(called(mesh)).containsExactly("10.0.0.1:8080", "10.0.0.2:8080");
        assertThat(mesh.state().problems()).extracting(Problem::message).noneMatch(note -> note.contains("decision"));
        assertThat(mesh.explain(request()).toString())
                .contains("endpoints of payments = 2 found   (fake, by serviceDiscovery.awsCloudMap prod/payments)");
    }

    @Test
    void itComesBeforeDnsWhereItClaimsDns() throws Exception {
        source.put("payments", found(1, true));

        Mesh mesh = start("dns: { hostname: payments.invalid }");

        assertThat(called(mesh)).containsExactly("10.0.0.1:8080");
        assertThat(mesh.explain(request()).toString())
                .contains("(fake, by serviceDiscovery.dns payments.invalid (LOADBALANCER))");
    }

    @Test
    void severalSourcesLiveSideBySideAndTheFirstThatSupportsTheDiscoveryIsAsked() throws Exception {
        FakeEndpointSource first = FakeEndpointSource.supporting(ServiceDiscovery.Dns.class::isInstance);
        source.put("payments", found(1, true));
        first.put("payments", found(9, true));
        registry.deliver(documents("", CLOUD_MAP));

        Mesh mesh = started(Mesh.builder().endpointSource(first).endpointSource(source));

        assertThat(called(mesh)).containsExactly("10.0.0.1:8080");
        assertThat(first.queries()).isEmpty();
    }

    @Test
    void whoIsIllInTheRegistryGetsNoCallsUntilTooFewAreLeft() throws Exception {
        source.put("payments", found(1, true), found(2, true), found(3, false));
        Mesh mesh = start(CLOUD_MAP);
        assertThat(called(mesh)).containsExactly("10.0.0.1:8080", "10.0.0.2:8080");
        assertThat(mesh.explain(request()).toString())
                .contains("10.0.0.3:8080 in eu-1a   unhealthy, says the registry of instances");

        source.put("payments", found(1, false), found(2, true), found(3, false));
        await().untilAsserted(() -> assertThat(called(mesh))
                .as("one in three is less than the half: panic")
                .containsExactly("10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080"));

        source.put("payments", found(1, true), found(2, true), found(3, true));
        await().untilAsserted(
                        () -> assertThat(mesh.explain(request()).toString()).doesNotContain("unhealthy"));
        source.put("payments", found(1, false), found(2, true), found(3, true));
        await().untilAsserted(() -> assertThat(called(mesh)).containsExactly("10.0.0.2:8080", "10.0.0.3:8080"));
    }

    @Test
    void illnessAndAttributesSurviveAReloadAndTheLookUpGoesOn() throws Exception {
        source.put("payments", found(1, true), found(2, false), found(3, true));
        Mesh mesh = start(CLOUD_MAP);
        Endpoint before = attempt(mesh).endpoint();
        assertThat(before.attributes()).containsOnly(Map.entry("rack", "r7"));

        registry.deliver(documents(", timeout: { http: { perRequest: { unit: s, value: 3 } } }", CLOUD_MAP));
        await().until(() -> mesh.state().revision() == 2);

        assertThat(called(mesh)).containsExactly("10.0.0.1:8080", "10.0.0.3:8080");
        List<Endpoint> after = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            after.add(attempt(mesh).endpoint());
        }
        assertThat(after).contains(before);
        assertThat(source.queries()).as("asked once").hasSize(1);
    }

    @Test
    void aFailureLeavesTheLastEndpointsInUseAndIsExplained() throws Exception {
        source.put("payments", found(1, true));
        Mesh mesh = start(CLOUD_MAP);

        source.fail("payments", "virtualNode 'payments': the registry is gone");

        await().until(() -> mesh.explain(request())
                .toString()
                .contains("endpoints of payments = 1 found; problem: virtualNode 'payments': the registry is gone"));
        assertThat(called(mesh)).containsExactly("10.0.0.1:8080");
    }

    @Test
    void aConnectionThatCannotBeMadeIsAHintAndOneThatBrokeIsNone() throws Exception {
        source.put("payments", found(1, true));
        Mesh mesh = start(CLOUD_MAP);

        Attempt broken = attempt(mesh);
        broken.failed(new IOException("reset"), true);
        broken.ended(Attempt.End.FAILED);
        called(mesh);
        assertThat(source.hints()).isZero();

        Attempt unreachable = attempt(mesh);
        unreachable.failed(new ConnectException("refused"), false);
        unreachable.ended(Attempt.End.FAILED);
        await().untilAsserted(() -> assertThat(source.hints()).isEqualTo(1));
    }

    @Test
    void theMeshClosesTheSourceAlsoWhereItNeverGotAConfiguration() throws Exception {
        FakeEndpointSource unused = FakeEndpointSource.create();
        Mesh.Builder without = Mesh.builder()
                .registry(FakeRegistry.create())
                .virtualNode("orders")
                .startTimeout(Duration.ofMillis(50))
                .endpointSource(unused);
        assertThatThrownBy(without::start).isInstanceOf(MeshConfigException.class);
        assertThat(unused.isClosed()).isTrue();

        source.put("payments", found(1, true));
        Mesh mesh = start(CLOUD_MAP);
        mesh.close();
        assertThat(source.isClosed()).isTrue();
        assertThat(source.watches()).isZero();
    }

    private Mesh start(String discovery) {
        registry.deliver(documents("", discovery));
        return started(Mesh.builder().endpointSource(source));
    }

    private Mesh started(Mesh.Builder builder) {
        Mesh mesh = builder.registry(registry).virtualNode("orders").start();
        started.add(mesh);
        return mesh;
    }

    private static RawDocument documents(String listener, String discovery) {
        return RawDocument.of("shop.yaml", DOCUMENTS.formatted(listener, discovery));
    }

    /** Returns where a round of calls went. */
    private static Set<String> called(Mesh mesh) throws IOException {
        Set<String> places = new TreeSet<>();
        for (int i = 0; i < 12; i++) {
            Attempt attempt = attempt(mesh);
            places.add(attempt.endpoint().toString());
            attempt.ended(Attempt.End.COMPLETED);
        }
        return places;
    }

    private static Attempt attempt(Mesh mesh) throws IOException {
        return mesh.outbound().begin(request()).nextAttempt();
    }

    private static ExplainRequest request() {
        return ExplainRequest.builder("payments.local")
                .method("GET")
                .scheme("http")
                .path("/")
                .build();
    }

    private static Found found(int number, boolean isHealthy) throws IOException {
        String address = "10.0.0." + number;
        return new Found(
                address, List.of(InetAddress.getAllByName(address)), null, "eu-1a", isHealthy, Map.of("rack", "r7"));
    }
}
