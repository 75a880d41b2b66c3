package io.intramesh.okhttp;

import static io.intramesh.okhttp.PayMesh.endpoints;
import static io.intramesh.okhttp.PayMesh.node;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.intramesh.EndpointEvent;
import io.intramesh.Mesh;
import io.intramesh.MeshCallException;
import io.intramesh.MeshListener;
import io.intramesh.Reason;
import io.intramesh.document.RawDocument;
import io.intramesh.testing.FakeRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Headers;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.Buffer;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What keeps a caller well when endpoints are not: once each over real sockets; the rules are tested in virtual time. */
@NullMarked
class ResilienceTest {
    private static final String URL = "http://pay.local/";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Longer than a machine that runs tests may stand still. */
    private static final int SLOW_MILLIS = 2_000;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<EndpointEvent> events = new CopyOnWriteArrayList<>();
    private final FakeRegistry registry = FakeRegistry.create();

    @AfterEach
    void close() throws Exception {
        Collections.reverse(open);
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    @Test
    void anEndpointThatAnswers503IsLeftOutAndComesBack() throws Exception {
        MockWebServer good = server(always(200));
        MockWebServer bad = server(always(503));
        deliver(
                node(
                        "http",
                        "outlierDetection: { maxServerErrors: 3, interval: { unit: ms, value: 100 },"
                                + " baseEjectionDuration: { unit: ms, value: 200 }, maxEjectionPercent: 50 }"),
                endpoints(good, bad));
        MeshClient client = client();

        // POST, which the default policy does not send again: each failure is seen.
        await().until(() -> {
            post(client);
            return !events.isEmpty();
        });
        EndpointEvent first = events.get(0);
        assertThat(first.kind()).isEqualTo(EndpointEvent.Kind.EJECTED);
        assertThat(first.endpoint()).endsWith(":" + bad.getPort());
        assertThat(first.reason()).isEqualTo("3 failures in a row, the last: status 503");

        bad.setDispatcher(always(200));
        await().untilAsserted(() -> assertThat(events)
                .extracting(EndpointEvent::kind)
                .containsExactly(EndpointEvent.Kind.EJECTED, EndpointEvent.Kind.RETURNED));
        int before = bad.getRequestCount();
        await().until(() -> post(client) == 200 && bad.getRequestCount() > before);
    }

    @Test
    void theStatusInTheTrailersOfAGrpcCallCounts() throws Exception {
        MockWebServer server = new MockWebServer();
        server.setProtocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse.Builder()
                        .setHeader("content-type", "application/grpc")
                        .trailers(Headers.of("grpc-status", "14"))
                        .body("a message")
                        .build();
            }
        });
        start(server);
        deliver(
                node(
                        "grpc",
                        "outlierDetection: { maxServerErrors: 2, interval: { unit: s, value: 60 },"
                                + " baseEjectionDuration: { unit: s, value: 60 }, maxEjectionPercent: 50 }"),
                endpoints(server));
        MeshClient client = client();
        Request call = new Request.Builder()
                .url(URL + "shop.Pay/Charge")
                .post(RequestBody.create(new byte[0], MediaType.get("application/grpc")))
                .build();

        for (int i = 0; i < 2; i++) {
            try (Response response = client.newCall(call).execute()) {
                assertThat(response.body().string()).isEqualTo("a message");
            }
        }

        await().untilAsserted(() -> assertThat(events)
                .singleElement()
                .satisfies(event -> assertThat(event.reason())
                        .isEqualTo("2 failures in a row, the last: grpc-status UNAVAILABLE")));
    }

    @Test
    void anOpenCircuitRefusesWithoutACallAndClosesAgain() throws Exception {
        MockWebServer server = server(always(503));
        deliver(node("http", ""), endpoints(server), """
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: pay }
                spec:
                  targetRef: { kind: VirtualService, name: pay.local }
                  circuitBreaker: { consecutiveFailures: 3, openFor: 3s }
                """);
        MeshClient client = client();
        for (int i = 0; i < 3; i++) {
            assertThat(post(client)).isEqualTo(503);
        }

        assertThatThrownBy(() -> post(client))
                .isInstanceOfSatisfying(
                        MeshCallException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(Reason.CIRCUIT_OPEN));
        assertThat(server.getRequestCount()).isEqualTo(3);

        server.setDispatcher(always(200));
        await().atMost(PATIENCE).ignoreException(MeshCallException.class).until(() -> post(client) == 200);
        await().untilAsserted(() -> assertThat(events)
                .extracting(EndpointEvent::kind)
                .containsExactly(
                        EndpointEvent.Kind.CIRCUIT_OPENED,
                        EndpointEvent.Kind.CIRCUIT_HALF_OPENED,
                        EndpointEvent.Kind.CIRCUIT_CLOSED));
    }

    @Test
    void aRetryThatOnlyOpenCircuitsAreLeftForIsNotMade() throws Exception {
        MockWebServer one = server(always(503));
        MockWebServer two = server(always(503));
        deliver(node("http", ""), endpoints(one, two), """
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: pay }
                spec:
                  targetRef: { kind: VirtualService, name: pay.local }
                  circuitBreaker: { consecutiveFailures: 1, openFor: 60s }
                """);
        MeshClient client = client();

        try (Response response =
                client.newCall(new Request.Builder().url(URL).build()).execute()) {
            assertThat(response.code()).isEqualTo(503);
            assertThat(response.header("x-mesh-refusal")).isNull();
        }

        assertThat(one.getRequestCount()).isEqualTo(1);
        assertThat(two.getRequestCount()).isEqualTo(1);
    }

    @Test
    void whatACallSaysAboutItsRetriesIsNotSent() throws Exception {
        MockWebServer server = server(always(200));
        deliver(node("http", ""), endpoints(server));

        Request request = new Request.Builder()
                .url(URL)
                .header("X-Envoy-Retry-On", "5xx")
                .header("x-envoy-max-retries", "1")
                .header("x-envoy-upstream-rq-timeout-ms", "5000")
                .header("x-envoy-expected-rq-timeout-ms", "9000")
                .header("x-envoy-something", "else")
                .header("x-request-id", "7")
                .build();
        client().newCall(request).execute().close();

        Headers sent = server.takeRequest().getHeaders();
        assertThat(sent.names())
                .doesNotContain("X-Envoy-Retry-On", "x-envoy-max-retries", "x-envoy-upstream-rq-timeout-ms");
        assertThat(sent.get("x-envoy-something")).isEqualTo("else");
        assertThat(sent.get("x-request-id")).isEqualTo("7");
        // What the mesh says in its place.
        assertThat(Integer.parseInt(requireNonNull(sent.get("x-envoy-expected-rq-timeout-ms"))))
                .isBetween(1, 5000);
    }

    @Test
    void anEndpointThatFailsItsHealthCheckGetsNoCall() throws Exception {
        MockWebServer good = server(healthy("/up", 200));
        MockWebServer bad = server(healthy("/up", 503));
        deliver(node("http", check("http", "path: /up")), endpoints(good, bad));
        MeshClient client = client();

        for (int i = 0; i < 10; i++) {
            assertThat(post(client)).isEqualTo(200);
        }
        await().until(() -> events.size() == 2);
        for (int i = 0; i < 10; i++) {
            assertThat(post(client)).isEqualTo(200);
        }

        assertThat(events)
                .extracting(EndpointEvent::kind)
                .containsExactlyInAnyOrder(EndpointEvent.Kind.HEALTHY, EndpointEvent.Kind.UNHEALTHY);
        assertThat(good.takeRequest().getUrl().encodedPath()).isEqualTo("/up");
    }

    @Test
    void grpcHealthIsAskedAndUnderstood() throws Exception {
        MockWebServer good = grpcHealth(1);
        MockWebServer bad = grpcHealth(2);
        deliver(node("grpc", check("grpc", "")), endpoints(good, bad));
        client();

        await().until(() -> events.size() == 2);

        assertThat(events)
                .extracting(event -> event.kind() + " " + event.endpoint() + " " + event.reason())
                .containsExactlyInAnyOrder(
                        "HEALTHY 127.0.0.1:" + good.getPort() + " health check passed",
                        "UNHEALTHY 127.0.0.1:" + bad.getPort() + " health check failed: not SERVING");
        assertThat(good.takeRequest().getUrl().encodedPath()).isEqualTo("/grpc.health.v1.Health/Check");
    }

    @Test
    void aTcpCheckIsAConnection() throws Exception {
        MockWebServer good = server(always(500));
        int dead = MeshFixture.deadPort();
        deliver(node("http", check("tcp", "")), endpoints(good) + "    - { address: 127.0.0.1, port: " + dead + " }\n");
        client();

        await().until(() -> events.size() == 2);

        assertThat(events)
                .extracting(event -> event.kind() + " " + event.endpoint())
                .containsExactlyInAnyOrder("HEALTHY 127.0.0.1:" + good.getPort(), "UNHEALTHY 127.0.0.1:" + dead);
    }

    @Test
    void aSlowEndpointGetsMuchLessByLatency() throws Exception {
        MockWebServer slow = server(after(SLOW_MILLIS));
        MockWebServer one = server(always(200));
        MockWebServer other = server(always(200));
        deliver(node("http", ""), endpoints(slow, one, other), policy("loadBalancing: peak-ewma"));
        MeshClient client = client();

        for (int i = 0; i < 100; i++) {
            assertThat(post(client)).isEqualTo(200);
        }

        // One call after the other, a third each by turns. A few go there to find out; each such answer costs it two
        // seconds, which keep it out for as long as they take to decay to what the others need.
        assertThat(slow.getRequestCount()).isLessThan(10);
        assertThat(one.getRequestCount() + other.getRequestCount()).isGreaterThan(90);
    }

    @Test
    void aUserStaysWithAnEndpointUntilItHasItsShare() throws Exception {
        List<MockWebServer> servers = new ArrayList<>();
        Semaphore held = new Semaphore(0);
        for (int i = 0; i < 3; i++) {
            servers.add(server(new Dispatcher() {
                @Override
                public MockResponse dispatch(RecordedRequest request) {
                    if (request.getHeaders().get("x-hold") != null) {
                        held.acquireUninterruptibly();
                    }
                    return new MockResponse.Builder().code(200).build();
                }
            }));
        }
        deliver(
                node("http", ""),
                endpoints(servers.toArray(MockWebServer[]::new)),
                policy("loadBalancing: { algorithm: consistent-hash, hashOn: { header: x-user } }"));
        MeshClient client = client();

        for (int i = 0; i < 10; i++) {
            try (Response response = client.newCall(of("ada").build()).execute()) {
                assertThat(response.code()).isEqualTo(200);
            }
        }
        assertThat(servers).extracting(MockWebServer::getRequestCount).containsOnlyOnce(10);
        assertThat(servers).extracting(MockWebServer::getRequestCount).contains(0);

        // 30 under way: ceil(1.25 x 30 / 3) = 13 at most at one endpoint.
        List<MeshFixture.Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            outcomes.add(MeshFixture.Outcome.of(
                    client.newCall(of("ada").header("x-hold", "1").build())));
        }
        await().until(() ->
                servers.stream().mapToInt(MockWebServer::getRequestCount).sum() == 40);
        assertThat(servers)
                .extracting(MockWebServer::getRequestCount)
                .allSatisfy(count -> assertThat(count).isLessThanOrEqualTo(10 + 13));
        held.release(30);
        for (MeshFixture.Outcome outcome : outcomes) {
            assertThat(outcome.answer()).isEqualTo("200 ");
        }
    }

    @Test
    void anInjectedFaultLooksLikeAnAnswerOfTheCallee() throws Exception {
        MockWebServer server = server(always(200));
        deliver(
                node("http", ""),
                endpoints(server),
                policy("fault: { percent: 100, delay: 50ms, abortStatus: 418, headers: [{ name: x-user }] }"));
        MeshClient client = client();

        long start = System.nanoTime();
        try (Response response = client.newCall(of("ada").build()).execute()) {
            assertThat(response.code()).isEqualTo(418);
            assertThat(response.header("x-mesh-refusal")).isEqualTo("FAULT_INJECTED");
        }
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(50));
        assertThat(MeshFixture.Outcome.of(client.newCall(of("ada").build())).answer())
                .startsWith("418 ");
        assertThat(server.getRequestCount()).isZero();
        assertThat(post(client)).isEqualTo(200);
    }

    private static Request.Builder of(String user) {
        return new Request.Builder().url(URL).header("x-user", user);
    }

    private static Dispatcher after(int millis) {
        return new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse.Builder()
                        .headersDelay(millis, TimeUnit.MILLISECONDS)
                        .build();
            }
        };
    }

    /** A traffic policy for node pay with that line. */
    private static String policy(String line) {
        return """
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: pay }
                spec:
                  targetRef: { kind: VirtualNode, name: pay }
                  %s
                """.formatted(line);
    }

    private static String check(String protocol, String path) {
        return "healthCheck: { protocol: " + protocol + ", healthyThreshold: 2, unhealthyThreshold: 2,"
                + " intervalMillis: 5000, timeoutMillis: 30000" + (path.isEmpty() ? "" : ", " + path) + " }";
    }

    /** Answers the check with that status, and calls with 200. */
    private static Dispatcher healthy(String path, int status) {
        return new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                boolean isCheck = request.getUrl().encodedPath().equals(path);
                return new MockResponse.Builder().code(isCheck ? status : 200).build();
            }
        };
    }

    private MockWebServer grpcHealth(int status) throws IOException {
        MockWebServer server = new MockWebServer();
        server.setProtocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse.Builder()
                        .setHeader("content-type", "application/grpc")
                        .trailers(Headers.of("grpc-status", "0"))
                        .body(new Buffer().write(new byte[] {0, 0, 0, 0, 2, 8, (byte) status}))
                        .build();
            }
        });
        return start(server);
    }

    private static int post(MeshClient client) throws IOException {
        Request request = new Request.Builder()
                .url(URL)
                .post(RequestBody.create(new byte[0], null))
                .build();
        try (Response response = client.newCall(request).execute()) {
            return response.code();
        }
    }

    private MeshClient client() {
        Mesh mesh = Mesh.builder().registry(registry).virtualNode("orders").start();
        open.add(mesh);
        open.add(mesh.addListener(new MeshListener() {
            @Override
            public void endpointChanged(EndpointEvent event) {
                events.add(event);
            }
        }));
        MeshClient client = MeshClient.create(mesh);
        open.add(client);
        return client;
    }

    private MockWebServer server(Dispatcher dispatcher) throws IOException {
        MockWebServer server = new MockWebServer();
        server.setDispatcher(dispatcher);
        return start(server);
    }

    private MockWebServer start(MockWebServer server) throws IOException {
        open.add(server);
        server.start();
        return server;
    }

    private static Dispatcher always(int status) {
        return new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                requireNonNull(request);
                return new MockResponse.Builder().code(status).build();
            }
        };
    }

    private void deliver(String... documents) {
        List<RawDocument> raw = new ArrayList<>();
        for (int i = 0; i < documents.length; i++) {
            raw.add(RawDocument.of(i + ".yaml", documents[i]));
        }
        registry.deliver(raw);
    }
}
