package io.intramesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.intramesh.call.Attempt;
import io.intramesh.call.MeshRequest;
import io.intramesh.call.OutboundCall;
import io.intramesh.call.Verdict;
import io.intramesh.document.RawDocument;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.model.Protocol;
import io.intramesh.testing.FakeRegistry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A mesh with everything but a transport: what this class reports by hand, an adapter reports from the wire. */
final class MeshTest {
    private static final String NODES = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: shop }
            spec: {}
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: orders }
            spec:
              backends:
                - { virtualService: { virtualServiceName: payments.local } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: payments-v1 }
            spec:
              listeners: [{ portMapping: { port: 8080, protocol: http } }]
              serviceDiscovery: { dns: { hostname: payments-v1.invalid } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: payments-v2 }
            spec:
              listeners: [{ portMapping: { port: 8080, protocol: http } }]
              serviceDiscovery: { dns: { hostname: payments-v2.invalid } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualRouter
            metadata: { mesh: shop, name: payments }
            spec: { listeners: [{ portMapping: { port: 8080, protocol: http } }] }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: shop, name: payments.local }
            spec: { provider: { virtualRouter: { virtualRouterName: payments } } }
            """;

    private static final String ENDPOINTS = """
            apiVersion: intramesh.io/v1
            kind: Endpoints
            metadata: { mesh: shop, name: v1 }
            spec:
              virtualNode: payments-v1
              endpoints: [{ address: 127.0.0.1, port: 7001 }, { address: 127.0.0.1, port: 7002 }]
            ---
            apiVersion: intramesh.io/v1
            kind: Endpoints
            metadata: { mesh: shop, name: v2 }
            spec:
              virtualNode: payments-v2
              endpoints: [{ address: 127.0.0.1, port: 7003 }]
            """;

    private final FakeRegistry registry = FakeRegistry.create();
    private final Set<Thread> threadsBefore = Thread.getAllStackTraces().keySet();

    private final List<Mesh> started = new ArrayList<>();

    @AfterEach
    void close() {
        started.forEach(Mesh::close);
    }

    @Test
    void aCallGoesWhereTheRouteSendsIt() throws Exception {
        start(route(100, 0));

        OutboundCall call = mesh().outbound().begin(get("payments.local", "/beta"));
        Attempt attempt = call.nextAttempt();

        assertThat(call.destination()).isEqualTo("payments.local");
        assertThat(attempt.virtualNode()).isEqualTo("payments-v1");
        assertThat(attempt.endpoint().port()).isIn(7001, 7002);
        attempt.ended(Attempt.End.COMPLETED);
    }

    @Test
    void endpointsAreUsedInTurn() throws Exception {
        start(route(100, 0));

        Map<String, Integer> calls = new HashMap<>();
        for (int i = 0; i < 100; i++) {
            Attempt attempt =
                    mesh().outbound().begin(get("payments.local", "/beta")).nextAttempt();
            calls.merge(attempt.endpoint().toString(), 1, Integer::sum);
            attempt.ended(Attempt.End.COMPLETED);
        }

        assertThat(calls).containsOnly(Map.entry("127.0.0.1:7001", 50), Map.entry("127.0.0.1:7002", 50));
    }

    @Test
    void anEndpointIsBusyUntilTheBodyIsThrough() throws Exception {
        start(route(0, 100));

        Attempt attempt = mesh().outbound().begin(get("payments.local", "/")).nextAttempt();
        Verdict verdict = attempt.responded(200, name -> null);

        assertThat(verdict.isRetry()).isFalse();
        assertThat(attempt.endpoint().inFlight()).isEqualTo(1);
        attempt.ended(Attempt.End.COMPLETED);
        attempt.ended(Attempt.End.FAILED);
        assertThat(attempt.endpoint().inFlight()).isZero();
    }

    @Test
    void anUndeclaredHostIsRefused() {
        start(route(100, 0));

        assertThatThrownBy(() -> mesh().outbound().begin(get("inventory.local", "/")))
                .isInstanceOfSatisfying(MeshCallException.class, refusal -> {
                    assertThat(refusal.reason()).isEqualTo(Reason.EGRESS_DENIED);
                    assertThat(refusal.status()).isEqualTo(404);
                    assertThat(refusal.mayHaveReachedPeer()).isFalse();
                    assertThat(refusal).hasMessageContaining("inventory.local");
                });
    }

    @Test
    void aListenerIsToldOfARefusal() {
        start(route(100, 0));
        AtomicReference<String> told = new AtomicReference<>("");
        mesh().addListener(new MeshListener() {
            @Override
            public void callRefused(String destination, MeshCallException refusal) {
                told.set(destination + " " + refusal.reason());
            }
        });

        assertThatThrownBy(() -> mesh().outbound().begin(get("inventory.local", "/")))
                .isInstanceOf(MeshCallException.class);

        assertThat(told).hasValue("inventory.local EGRESS_DENIED");
    }

    @Test
    void aListenerThatThrowsHarmsNoCall() {
        start(route(100, 0));
        mesh().addListener(new MeshListener() {
            @Override
            public void callRefused(String destination, MeshCallException refusal) {
                throw new IllegalStateException("a defect of the application");
            }
        });

        assertThatThrownBy(() -> mesh().outbound().begin(get("inventory.local", "/")))
                .isInstanceOf(MeshCallException.class);
    }

    @Test
    void whatDidNotReachThePeerIsSentAgainToAnotherEndpoint() throws Exception {
        start(route(100, 0));
        OutboundCall call = mesh().outbound().begin(request("POST", "payments.local", "/"));

        Attempt first = call.nextAttempt();
        Verdict verdict = first.failed(new ConnectException("refused"), false);
        Attempt second = call.nextAttempt();

        assertThat(verdict.isRetry()).isTrue();
        assertThat(verdict.pauseNanos()).isBetween(0L, Duration.ofMillis(25).toNanos());
        assertThat(second.endpoint()).isNotEqualTo(first.endpoint());
        assertThat(second.number()).isEqualTo(2);
        second.ended(Attempt.End.COMPLETED);
        assertThat(first.endpoint().inFlight()).isZero();
    }

    @Test
    void aPostThatMayHaveArrivedIsNotSentAgain() throws Exception {
        start(route(100, 0));
        OutboundCall call = mesh().outbound().begin(request("POST", "payments.local", "/"));

        Verdict verdict = call.nextAttempt().failed(new IOException("connection reset"), true);

        assertThat(verdict.isRetry()).isFalse();
        assertThat(verdict.failure()).satisfies(failure -> {
            assertThat(failure.reason()).isEqualTo(Reason.CONNECTION_FAILED);
            assertThat(failure.mayHaveReachedPeer()).isTrue();
        });
    }

    @Test
    void aGetThatWasLostIsSentAgain() throws Exception {
        start(route(100, 0));
        OutboundCall call = mesh().outbound().begin(get("payments.local", "/"));

        assertThat(call.nextAttempt().failed(new IOException("stale"), true).isRetry())
                .isTrue();
    }

    @Test
    void aSlowAnswerIsNotAskedForAgain() throws Exception {
        start(route(100, 0));
        OutboundCall call = mesh().outbound().begin(get("payments.local", "/"));

        Verdict verdict = call.nextAttempt().failed(new InterruptedIOException("timeout"), true);

        assertThat(verdict.failure()).satisfies(failure -> {
            assertThat(failure.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
            assertThat(failure).hasMessageContaining("15 s");
        });
    }

    @Test
    void afterThreeAttemptsTheCallFails() throws Exception {
        start(route(100, 0));
        OutboundCall call = mesh().outbound().begin(get("payments.local", "/"));

        call.nextAttempt().failed(new ConnectException("refused"), false);
        call.nextAttempt().failed(new ConnectException("refused"), false);
        Verdict verdict = call.nextAttempt().failed(new ConnectException("refused"), false);

        assertThat(verdict.failure()).satisfies(failure -> {
            assertThat(failure.reason()).isEqualTo(Reason.CONNECTION_FAILED);
            assertThat(failure.mayHaveReachedPeer()).isFalse();
            assertThat(failure).hasMessageContaining("after 3 attempts").hasMessageContaining("payments-v1");
        });
    }

    @Test
    void aFailureNamesTheEndpointAndNotWhatTheTransportTookItFor() throws Exception {
        start(route(0, 100));
        ConnectException wrapped = new ConnectException("Failed to connect to payments.local/127.0.0.1:80");
        wrapped.initCause(new ConnectException("Connection refused"));

        Verdict verdict = mesh().outbound()
                .begin(request("POST", "payments.local", "/"))
                .nextAttempt()
                .failed(wrapped, true);

        assertThat(verdict.failure())
                .hasMessageContaining("endpoint 127.0.0.1:7003")
                .hasMessageContaining("Connection refused")
                .hasMessageNotContaining(":80");
    }

    @Test
    void aPolicyWithoutRetriesTurnsThemOff() throws Exception {
        start("""
                apiVersion: intramesh.io/v1
                kind: Route
                metadata: { mesh: shop, virtualRouter: payments, name: all }
                spec:
                  httpRoute:
                    match: { prefix: / }
                    action: { weightedTargets: [{ virtualNode: payments-v1, weight: 1 }] }
                    retryPolicy:
                      maxRetries: 0
                      perRetryTimeout: { unit: s, value: 1 }
                      tcpRetryEvents: [connection-error]
                """);

        Verdict verdict = mesh().outbound()
                .begin(get("payments.local", "/"))
                .nextAttempt()
                .failed(new ConnectException("refused"), false);

        assertThat(verdict.isRetry()).isFalse();
    }

    @Test
    void anEditOfTheWeightMovesTraffic() throws Exception {
        start(route(100, 0));

        deliver(route(0, 100));

        await().untilAsserted(() -> assertThat(nodeOfNextCall()).isEqualTo("payments-v2"));
        assertThat(mesh().state().revision()).isEqualTo(2);
    }

    @Test
    void aReloadKeepsEndpointsAndTheirLoad() throws Exception {
        start(route(100, 0));
        Attempt attempt = mesh().outbound().begin(get("payments.local", "/")).nextAttempt();

        deliver(route(90, 10));
        await().until(() -> mesh().state().revision() == 2);

        Set<Object> endpoints = new HashSet<>();
        while (endpoints.size() < 3) {
            Attempt next = mesh().outbound().begin(get("payments.local", "/")).nextAttempt();
            endpoints.add(next.endpoint());
            next.ended(Attempt.End.COMPLETED);
        }
        assertThat(endpoints).contains(attempt.endpoint());
        assertThat(attempt.endpoint().inFlight()).isEqualTo(1);
        attempt.ended(Attempt.End.COMPLETED);
    }

    @Test
    void aBrokenEditChangesNothingForTrafficAndTheRepairedOneGoesLive() throws Exception {
        start(route(100, 0));

        deliver(route(100, 0).replace("weight: 100", "weight: 140"));

        await().untilAsserted(() -> assertThat(mesh().state().kept()).hasSize(1));
        assertThat(nodeOfNextCall()).isEqualTo("payments-v1");
        assertThat(mesh().state().problems().stream().filter(problem -> problem.isError()))
                .singleElement()
                .satisfies(problem -> assertThat(problem.toString())
                        .startsWith("route.yaml:9:")
                        .contains("weightedTargets[0].weight")
                        .contains("140 (expected: 0 to 100)"));

        deliver(route(0, 100));

        await().untilAsserted(() -> assertThat(nodeOfNextCall()).isEqualTo("payments-v2"));
        assertThat(mesh().state().kept()).isEmpty();
    }

    @Test
    void aFileThatIsNoYamlAnyMoreChangesNothingForTraffic() throws Exception {
        start(route(100, 0));

        deliver("kind: [Route");

        await().untilAsserted(() -> assertThat(mesh().state().kept()).hasSize(1));
        assertThat(nodeOfNextCall()).isEqualTo("payments-v1");
    }

    @Test
    void anUnreadableRegistryChangesNothingForTraffic() throws Exception {
        start(route(100, 0));

        registry.fail("folder /etc/mesh: gone");

        await().untilAsserted(() -> assertThat(mesh().state().registryFailure()).isEqualTo("folder /etc/mesh: gone"));
        assertThat(nodeOfNextCall()).isEqualTo("payments-v1");
    }

    @Test
    void aNodeWithoutEndpointsIsRefusedWithTheReason() throws Exception {
        registry.deliver(documents(route(100, 0)).subList(0, 2));
        started.add(Mesh.builder()
                .registry(registry)
                .virtualNode("orders")
                .warmUp(Duration.ZERO)
                .start());
        OutboundCall call = mesh().outbound().begin(get("payments.local", "/"));
        await().until(() -> call.pending() == null);

        assertThatThrownBy(call::nextAttempt).isInstanceOfSatisfying(MeshCallException.class, refusal -> {
            assertThat(refusal.reason()).isEqualTo(Reason.NO_HEALTHY_ENDPOINT);
            assertThat(refusal).hasMessageContaining("payments-v1");
        });
    }

    @Test
    void httpsToAVirtualServiceIsRefusedAndNeverSentInPlaintext() {
        start(route(100, 0));

        assertThatThrownBy(() -> mesh().outbound()
                        .begin(ExplainRequest.builder("payments.local")
                                .method("GET")
                                .scheme("https")
                                .path("/")
                                .build()))
                .isInstanceOfSatisfying(
                        MeshCallException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(Reason.PEER_UNTRUSTED));
    }

    @Test
    void aStrictListenerIsNotCalledInPlaintext() {
        registry.deliver(List.of(
                RawDocument.of(
                        "nodes.yaml",
                        NODES.replace(
                                "listeners: [{ portMapping: { port: 8080, protocol: http } }]\n"
                                        + "  serviceDiscovery: { dns: { hostname: payments-v1.invalid } }",
                                """
                                listeners:
                                    - portMapping: { port: 8080, protocol: http }
                                      tls:
                                        mode: STRICT
                                        certificate: { file: { certificateChain: /c.pem, privateKey: /k.pem } }
                                  serviceDiscovery: { dns: { hostname: payments-v1.invalid } }""")),
                RawDocument.of("route.yaml", route(100, 0)),
                RawDocument.of("endpoints.yaml", ENDPOINTS)));
        started.add(Mesh.builder().registry(registry).virtualNode("orders").start());

        assertThatThrownBy(() -> mesh().outbound().begin(get("payments.local", "/")))
                .isInstanceOfSatisfying(MeshCallException.class, refusal -> {
                    assertThat(refusal.reason()).isEqualTo(Reason.PEER_UNTRUSTED);
                    assertThat(refusal).hasMessageContaining("STRICT");
                });
    }

    @Test
    void aGrpcCallMayGoToAnHttp2Listener() throws Exception {
        registry.deliver(documents(route(100, 0)).stream()
                .map(document -> RawDocument.of(
                        document.name(),
                        new String(document.content(), StandardCharsets.UTF_8)
                                .replace("protocol: http ", "protocol: http2 ")
                                .replace("httpRoute:", "http2Route:")))
                .toList());
        started.add(Mesh.builder().registry(registry).virtualNode("orders").start());

        OutboundCall call = mesh().outbound()
                .begin(ExplainRequest.builder("payments.local")
                        .protocol(Protocol.GRPC)
                        .method("POST")
                        .scheme("http")
                        .path("/shop.Payments/Pay")
                        .build());

        Attempt attempt = call.nextAttempt();
        assertThat(attempt.protocol()).isEqualTo(Protocol.HTTP2);
        attempt.ended(Attempt.End.COMPLETED);
    }

    @Test
    void aTrafficPolicyChoosesTheBalancer() {
        start(route(100, 0) + """
                ---
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: payments }
                spec:
                  targetRef: { kind: VirtualService, name: payments.local }
                  loadBalancing: least-request
                """);

        Explanation explanation = mesh().explain(ExplainRequest.builder("payments.local")
                .method("GET")
                .path("/")
                .build());

        assertThat(explanation.settings())
                .contains(new Explanation.Setting(
                        "load balancing", "least-request", "trafficPolicy 'payments' loadBalancing"));
    }

    @Test
    void anExplanationSaysWhenTheApplicationBringsTheBalancer() {
        registry.deliver(documents(route(100, 0)));
        started.add(Mesh.builder()
                .registry(registry)
                .virtualNode("orders")
                .loadBalancer(() -> (endpoints, usable) -> endpoints.get(0))
                .start());

        Explanation explanation = mesh().explain(ExplainRequest.builder("payments.local")
                .method("GET")
                .path("/")
                .build());

        assertThat(explanation.settings())
                .contains(new Explanation.Setting(
                        "load balancing", "the application's own", "Mesh.builder() loadBalancer"));
    }

    @Test
    void askingAboutAnUnknownCallerNamesTheNearest() {
        start(route(100, 0));

        assertThatThrownBy(() -> mesh().explain(ExplainRequest.builder("payments.local")
                        .virtualNode("ordres")
                        .build()))
                .isInstanceOf(MeshConfigException.class)
                .hasMessageContaining("virtualNode 'ordres' is not there")
                .hasMessageContaining("orders");
    }

    @Test
    void anExplanationShowsTheEndpoints() {
        start(route(90, 10));

        Explanation explanation = mesh().explain(ExplainRequest.builder("payments.local")
                .method("GET")
                .path("/")
                .build());

        assertThat(explanation.targets())
                .extracting(Explanation.Target::virtualNode)
                .containsExactly("payments-v1", "payments-v2");
        assertThat(explanation.targets().get(0).endpoints())
                .extracting(Explanation.EndpointState::address)
                .containsExactly("127.0.0.1:7001", "127.0.0.1:7002");
    }

    @Test
    void aMeshWithoutItsNodeDoesNotStartAndSaysWhichThereAre() {
        registry.deliver(documents(route(100, 0)));

        assertThatThrownBy(() ->
                        Mesh.builder().registry(registry).virtualNode("ordres").start())
                .isInstanceOf(MeshConfigException.class)
                .hasMessageContaining("virtualNode 'ordres'")
                .hasMessageContaining("shop/orders");
    }

    @Test
    void aMeshWithoutAnythingSaysAllThatIsMissing() {
        assertThatThrownBy(() -> Mesh.builder().start())
                .isInstanceOfSatisfying(
                        MeshConfigException.class,
                        failure -> assertThat(failure.problems()).hasSize(2));
    }

    @Test
    void aRegistryThatDeliversNothingFailsTheStartInTime() {
        assertThatThrownBy(() -> Mesh.builder()
                        .registry(registry)
                        .virtualNode("orders")
                        .startTimeout(Duration.ofMillis(50))
                        .start())
                .isInstanceOf(MeshConfigException.class)
                .hasMessageContaining("within 50 ms");
    }

    @Test
    void aClosedMeshRefusesCallsAndLeavesNoThread() {
        start(route(100, 0));

        mesh().close();

        assertThatThrownBy(() -> mesh().outbound().begin(get("payments.local", "/")))
                .isInstanceOfSatisfying(
                        MeshCallException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(Reason.DRAINING));
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> !threadsBefore.contains(thread))
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("intramesh") || name.contains("dns")));
    }

    @Test
    void closingEndsThePausesBetweenAttempts() {
        start(route(100, 0));
        List<String> ran = new CopyOnWriteArrayList<>();
        mesh().outbound().schedule(() -> ran.add("before"), Duration.ofHours(1), Runnable::run);

        mesh().close();
        mesh().outbound().schedule(() -> ran.add("after"), Duration.ofHours(1), Runnable::run);

        assertThat(ran).containsExactly("before", "after");
    }

    @Test
    void identityIsReadInAppMeshsForms() {
        assertThat(NodeIdentity.parse("arn:aws:appmesh:us-west-2:111122223333:mesh/shop/virtualNode/orders"))
                .isEqualTo(new NodeIdentity("shop", "orders"));
        assertThat(NodeIdentity.parse("mesh/shop@111122223333/virtualNode/orders"))
                .isEqualTo(new NodeIdentity("shop", "orders"));
        assertThatThrownBy(() -> NodeIdentity.parse("orders"))
                .isInstanceOf(MeshConfigException.class)
                .hasMessageContaining("expected: mesh/<mesh>/virtualNode/<node>");
    }

    private void start(String route) {
        registry.deliver(documents(route));
        started.add(Mesh.builder().registry(registry).virtualNode("orders").start());
    }

    private Mesh mesh() {
        return started.get(0);
    }

    private void deliver(String route) {
        registry.deliver(documents(route));
    }

    private String nodeOfNextCall() throws MeshCallException {
        Attempt attempt = mesh().outbound().begin(get("payments.local", "/")).nextAttempt();
        attempt.ended(Attempt.End.COMPLETED);
        return attempt.virtualNode();
    }

    private static List<RawDocument> documents(String route) {
        return List.of(
                RawDocument.of("nodes.yaml", NODES),
                RawDocument.of("route.yaml", route),
                RawDocument.of("endpoints.yaml", ENDPOINTS));
    }

    private static String route(int first, int second) {
        return """
                apiVersion: intramesh.io/v1
                kind: Route
                metadata: { mesh: shop, virtualRouter: payments, name: all }
                spec:
                  httpRoute:
                    match: { prefix: / }
                    action:
                      weightedTargets:
                        - { virtualNode: payments-v1, weight: FIRST }
                        - { virtualNode: payments-v2, weight: SECOND }
                """.replace("FIRST", Integer.toString(first)).replace("SECOND", Integer.toString(second));
    }

    private static MeshRequest get(String host, String path) {
        return request("GET", host, path);
    }

    private static MeshRequest request(String method, String host, String path) {
        return ExplainRequest.builder(host)
                .method(method)
                .scheme("http")
                .impliedPort(80)
                .path(path)
                .build();
    }
}
