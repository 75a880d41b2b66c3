package io.intramesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.Mesh;
import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.MeshContext;
import io.intramesh.document.RawDocument;
import io.intramesh.testing.FakeRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Retries and deadlines of a real mesh over real sockets. */
@NullMarked
@Timeout(60)
class RetryTest {
    private static final String URL = "http://payments.local/charges";
    private static final String GATEWAY_ERRORS = """
            retryPolicy:
              maxRetries: 2
              perRetryTimeout: { unit: s, value: 10 }
              httpRetryEvents: [gateway-error]
            """;

    /** For peers that hang; one more attempt than they take, for the case that the machine stands still meanwhile. */
    private static final String SHORT_ATTEMPTS = """
            retryPolicy:
              maxRetries: 4
              perRetryTimeout: { unit: s, value: 1 }
              httpRetryEvents: [gateway-error]
            """;

    private static final String NO_RETRIES = """
            retryPolicy:
              maxRetries: 0
              perRetryTimeout: { unit: s, value: 5 }
              httpRetryEvents: [gateway-error]
            """;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        Collections.reverse(open);
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    @Test
    void anInstanceThatAnswers503IsNotSeenByTheApplication() throws Exception {
        MockWebServer failing = server(MeshFixture.status(503));
        MeshClient client = client("http", GATEWAY_ERRORS, failing, server(ok()), server(ok()));

        for (int i = 0; i < 30; i++) {
            assertThat(MeshFixture.answer(client.newCall(post()))).isEqualTo("200 ok");
        }

        assertThat(failing.getRequestCount()).isPositive();
    }

    @Test
    void theSameGoesForAsynchronousCalls() throws Exception {
        MeshClient client = client("http", GATEWAY_ERRORS, server(MeshFixture.status(503)), server(ok()));

        for (int i = 0; i < 10; i++) {
            assertThat(MeshFixture.Outcome.of(client.newCall(post())).answer()).isEqualTo("200 ok");
        }
    }

    @Test
    void anInstanceThatHangsCostsOneAttemptsTime() throws Exception {
        MockWebServer hanging = server(stalled());
        MeshClient client = client("http", SHORT_ATTEMPTS, hanging, server(ok()));

        for (int i = 0; i < 2; i++) {
            assertThat(MeshFixture.answer(client.newCall(post()))).isEqualTo("200 ok");
            assertThat(MeshFixture.Outcome.of(client.newCall(post())).answer()).isEqualTo("200 ok");
        }

        assertThat(hanging.getRequestCount()).isPositive();
    }

    @Test
    void anAttemptsLimitIsOverWhenItsAnswerBegins() throws Exception {
        MockResponse slowBody = new MockResponse.Builder()
                .body("a body that takes its time")
                .throttleBody(4, 300, TimeUnit.MILLISECONDS)
                .build();
        MeshClient client = client("http", SHORT_ATTEMPTS, server(slowBody));

        assertThat(MeshFixture.answer(client.newCall(post()))).isEqualTo("200 a body that takes its time");
    }

    @Test
    void anInstanceThatDropsConnectionsIsNotSeenByTheApplication() throws Exception {
        MockResponse dropped = new MockResponse.Builder()
                .onResponseStart(new SocketEffect.CloseSocket())
                .build();
        MeshClient client = client("http", GATEWAY_ERRORS, server(dropped), server(ok()));

        for (int i = 0; i < 10; i++) {
            assertThat(MeshFixture.answer(client.newCall(post()))).isEqualTo("200 ok");
        }
    }

    @Test
    void anInstanceThatIsGoneIsNotSeenByTheApplicationHoweverManyCallsMeetIt() throws Exception {
        MockWebServer gone = server(ok());
        MeshClient client = client("http", "", gone, server(ok()));
        gone.close();

        // Half of them meet it, which is more than the 100 that the budget would let be repeated within its 10 s.
        for (int i = 0; i < 300; i++) {
            assertThat(MeshFixture.answer(client.newCall(post())))
                    .as("call %d", i)
                    .isEqualTo("200 ok");
        }
    }

    @Test
    void streamsThatArePutOffAreRepeatedUnderStreamError() throws Exception {
        MockResponse refused = new MockResponse.Builder()
                .onResponseStart(new SocketEffect.CloseStream(7))
                .build();
        String streamErrors = """
                retryPolicy:
                  maxRetries: 2
                  perRetryTimeout: { unit: s, value: 5 }
                  httpRetryEvents: [stream-error]
                """;
        MeshClient client = client("http2", streamErrors, http2(refused), http2(ok()));

        for (int i = 0; i < 10; i++) {
            assertThat(MeshFixture.answer(client.newCall(post()))).isEqualTo("200 ok");
        }
    }

    @Test
    void theLastAnswerReachesTheApplicationAsItIs() throws Exception {
        MockResponse failure = new MockResponse.Builder()
                .code(503)
                .addHeader("x-from", "peer")
                .body("sorry")
                .build();
        MockWebServer first = server(failure);
        MockWebServer second = server(failure);
        MeshClient client = client("http", GATEWAY_ERRORS, first, second);

        try (Response response = client.newCall(post()).execute()) {
            assertThat(response.code()).isEqualTo(503);
            assertThat(response.header("x-from")).isEqualTo("peer");
            assertThat(response.body().string()).isEqualTo("sorry");
        }
        assertThat(first.getRequestCount() + second.getRequestCount()).isEqualTo(3);
    }

    @Test
    void answersThatAreDroppedLeaveTheirConnectionsInUse() throws Exception {
        MockWebServer failing = server(
                new MockResponse.Builder().code(503).body("x".repeat(20_000)).build());
        MeshClient client = client("http", GATEWAY_ERRORS, failing);

        for (int i = 0; i < 10; i++) {
            try (Response response = client.newCall(post()).execute()) {
                assertThat(response.body().string()).hasSize(20_000);
            }
        }

        // Thirty attempts, one after the other: one connection serves them all, unless one of them leaks.
        assertThat(failing.getRequestCount()).isEqualTo(30);
        assertThat(client.pool().connectionCount()).isEqualTo(1);
        assertThat(client.pool().idleConnectionCount()).isEqualTo(1);
    }

    @Test
    void aBodyThatCannotBeRepeatedIsSentOnce() throws Exception {
        MockWebServer failing = server(MeshFixture.status(503));
        MeshClient client = client("http", GATEWAY_ERRORS, failing);
        RequestBody once = new RequestBody() {
            @Override
            public okhttp3.@Nullable MediaType contentType() {
                return null;
            }

            @Override
            public boolean isOneShot() {
                return true;
            }

            @Override
            public void writeTo(BufferedSink sink) throws IOException {
                sink.writeUtf8("once");
            }
        };

        Request request = new Request.Builder().url(URL).post(once).build();

        assertThat(MeshFixture.answer(client.newCall(request))).isEqualTo("503 ");
        assertThat(failing.getRequestCount()).isEqualTo(1);
    }

    @Test
    void withoutAPolicyAPostIsNotRepeatedAndAGetIs() throws Exception {
        MockWebServer failing = server(MeshFixture.status(503));
        MeshClient client = client("http", "", failing);

        assertThat(MeshFixture.answer(client.newCall(post()))).isEqualTo("503 ");
        assertThat(failing.getRequestCount()).isEqualTo(1);
        assertThat(MeshFixture.answer(client.newCall(MeshFixture.get(URL)))).isEqualTo("503 ");
        assertThat(failing.getRequestCount()).isEqualTo(4);
    }

    @Test
    void aPauseThatThePeerAsksForIsMade() throws Exception {
        MockWebServer server = new MockWebServer();
        server.enqueue(new MockResponse.Builder()
                .code(503)
                .addHeader("Retry-After", "1")
                .build());
        server.enqueue(ok());
        server.start();
        open.add(server);
        MeshClient client = client("http", GATEWAY_ERRORS, server);

        long start = System.nanoTime();
        assertThat(MeshFixture.answer(client.newCall(post()))).isEqualTo("200 ok");

        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(1));
    }

    @Test
    void grpcStatusesInTheHeadersOfTheAnswerAreRepeated() throws Exception {
        MockResponse unavailable = new MockResponse.Builder()
                .addHeader("content-type", "application/grpc")
                .addHeader("grpc-status", "14")
                .build();
        MockResponse good = new MockResponse.Builder()
                .addHeader("content-type", "application/grpc")
                .body("answer")
                .build();
        String policy = """
                retryPolicy:
                  maxRetries: 2
                  perRetryTimeout: { unit: s, value: 5 }
                  grpcRetryEvents: [unavailable]
                """;
        MockWebServer second = http2(good);
        MeshClient client = client("grpc", policy, http2(unavailable), second);
        Request request = new Request.Builder()
                .url("http://payments.local/shop.Payments/Charge")
                .header("te", "trailers")
                .post(RequestBody.create(new byte[5], okhttp3.MediaType.get("application/grpc")))
                .build();

        for (int i = 0; i < 10; i++) {
            assertThat(MeshFixture.answer(client.newCall(request))).isEqualTo("200 answer");
        }

        assertThat(MeshFixture.taken(second).getHeaders().get("grpc-timeout")).isEqualTo("5000000u");
    }

    @Test
    void theTimeLeftOfTheRequestAtHandLimitsTheCallAndTravelsOn() throws Exception {
        MockWebServer server = server(ok());
        Mesh mesh = mesh("http", "", server);
        MeshClient client = client(mesh);
        MeshContext context = new MeshContext("r-1", System.nanoTime(), TimeUnit.SECONDS.toNanos(2));
        MeshContext.Scope scope = mesh.enter(context);
        try {
            assertThat(MeshFixture.answer(client.newCall(post()))).isEqualTo("200 ok");
        } finally {
            scope.close();
        }

        String left = MeshFixture.taken(server).getHeaders().get("x-envoy-expected-rq-timeout-ms");
        assertThat(left).isNotNull();
        assertThat(Integer.parseInt(left)).isBetween(1, 1999);

        MeshContext.Scope late = mesh.enter(new MeshContext("r-2", System.nanoTime() - 10, 5));
        try {
            assertThatThrownBy(() -> client.newCall(post()).execute())
                    .isInstanceOfSatisfying(
                            MeshCallException.class,
                            refusal -> assertThat(refusal.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED));
        } finally {
            late.close();
        }
        assertThat(server.getRequestCount()).isEqualTo(1);
    }

    @Test
    void aConnectionThatThePeerClosedMeanwhileIsNoFailureThoughNoRetryIsAllowed() throws Exception {
        MockResponse thenClosed = MeshFixture.ok("ok")
                .newBuilder()
                .onResponseEnd(new SocketEffect.CloseSocket())
                .build();
        MockWebServer server = server(thenClosed);
        MeshClient client = client("http", NO_RETRIES, server);

        for (int i = 0; i < 20; i++) {
            assertThat(MeshFixture.answer(client.newCall(get()))).isEqualTo("200 ok");
            assertThat(MeshFixture.Outcome.of(client.newCall(get())).answer()).isEqualTo("200 ok");
        }

        assertThat(server.getRequestCount()).isEqualTo(40);
    }

    @Test
    void aNewConnectionThatBreaksIsAFailure() throws Exception {
        MockWebServer server = server(new MockResponse.Builder()
                .onResponseStart(new SocketEffect.CloseSocket())
                .build());
        MeshClient client = client("http", NO_RETRIES, server);

        assertThatThrownBy(() -> client.newCall(get()).execute()).isInstanceOf(MeshCallException.class);

        assertThat(server.getRequestCount()).isEqualTo(1);
    }

    @Test
    void aPostThatWentOutOnAConnectionInUseIsNotSentTwice() throws Exception {
        MockWebServer server = new MockWebServer();
        server.enqueue(ok());
        server.enqueue(new MockResponse.Builder()
                .onResponseStart(new SocketEffect.CloseSocket())
                .build());
        server.enqueue(ok());
        server.start(InetAddress.getLoopbackAddress(), 0);
        open.add(server);
        MeshClient client = client("http", NO_RETRIES, server);
        assertThat(MeshFixture.answer(client.newCall(post()))).isEqualTo("200 ok");

        assertThatThrownBy(() -> client.newCall(post()).execute()).isInstanceOf(MeshCallException.class);

        assertThat(server.getRequestCount()).isEqualTo(2);
    }

    private static MockResponse ok() {
        return MeshFixture.ok("ok");
    }

    private static MockResponse stalled() {
        return new MockResponse.Builder()
                .onResponseStart(SocketEffect.Stall.INSTANCE)
                .build();
    }

    private static Request get() {
        return new Request.Builder().url(URL).build();
    }

    private static Request post() {
        return new Request.Builder()
                .url(URL)
                .post(RequestBody.create("{}", null))
                .build();
    }

    private MockWebServer server(MockResponse always) throws IOException {
        return started(new MockWebServer(), always);
    }

    private MockWebServer http2(MockResponse always) throws IOException {
        MockWebServer server = new MockWebServer();
        server.setProtocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
        // In a queue: a dispatcher's effects on streams come too late.
        for (int i = 0; i < 20; i++) {
            server.enqueue(always);
        }
        server.start(InetAddress.getLoopbackAddress(), 0);
        open.add(server);
        return server;
    }

    private MockWebServer started(MockWebServer server, MockResponse always) throws IOException {
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return always;
            }
        });
        server.start(InetAddress.getLoopbackAddress(), 0);
        open.add(server);
        return server;
    }

    private MeshClient client(String protocol, String routeMembers, MockWebServer... servers) {
        return client(mesh(protocol, routeMembers, servers));
    }

    private MeshClient client(Mesh mesh) {
        MeshClient client = MeshClient.create(mesh);
        open.add(client);
        return client;
    }

    private Mesh mesh(String protocol, String routeMembers, MockWebServer... servers) {
        String kind = protocol + "Route";
        String match = protocol.equals("grpc") ? "{}" : "{ prefix: / }";
        String addresses = Arrays.stream(servers)
                .map(server -> "{ address: 127.0.0.1, port: " + server.getPort() + " }")
                .collect(Collectors.joining(", "));
        String documents = """
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
                kind: VirtualNode
                metadata: { mesh: shop, name: payments }
                spec:
                  listeners: [{ portMapping: { port: 8080, protocol: %1$s } }]
                  serviceDiscovery: { dns: { hostname: p.invalid } }
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualRouter
                metadata: { mesh: shop, name: payments }
                spec: { listeners: [{ portMapping: { port: 8080, protocol: %1$s } }] }
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualService
                metadata: { mesh: shop, name: payments.local }
                spec: { provider: { virtualRouter: { virtualRouterName: payments } } }
                ---
                apiVersion: intramesh.io/v1
                kind: Endpoints
                metadata: { mesh: shop, name: payments }
                spec: { virtualNode: payments, endpoints: [%2$s] }
                ---
                apiVersion: intramesh.io/v1
                kind: Route
                metadata: { mesh: shop, virtualRouter: payments, name: all }
                spec:
                  %3$s:
                    match: %4$s
                    action: { weightedTargets: [{ virtualNode: payments, weight: 1 }] }
                %5$s
                """.formatted(protocol, addresses, kind, match, routeMembers.indent(4));
        Mesh mesh = Mesh.builder()
                .registry(FakeRegistry.of(RawDocument.of("mesh.yaml", documents)))
                .virtualNode("orders")
                .start();
        open.add(mesh);
        return mesh;
    }
}
