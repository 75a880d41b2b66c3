package io.intramesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.intramesh.Mesh;
import io.intramesh.document.RawDocument;
import io.intramesh.testing.FakeRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Call;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies of requests for another virtual node, over real sockets; the rules are tested in virtual time. */
@NullMarked
class MirroringTest {
    private static final String URL = "http://pay.local/charges?id=7";
    private static final long HANGS_MILLIS = 60_000;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final FakeRegistry registry = FakeRegistry.create();

    @AfterEach
    void close() throws Exception {
        Collections.reverse(open);
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"false, http", "true, http", "false, http2", "true, http2"})
    void theOtherNodeGetsACopy(boolean async, String protocol) throws Exception {
        MockWebServer real = server(protocol, 200, 0);
        MockWebServer shadow = server(protocol, 200, 0);
        MeshClient client = client(protocol, shadow.getPort(), real, new OkHttpClient.Builder());

        for (int i = 0; i < 3; i++) {
            assertThat(answer(client.newCall(post("all of it " + i)), async)).isEqualTo("200 answer");
        }

        for (int i = 0; i < 3; i++) {
            RecordedRequest copy = MeshFixture.taken(shadow);
            assertThat(copy.getMethod()).isEqualTo("POST");
            assertThat(copy.getTarget()).isEqualTo("/charges?id=7");
            assertThat(MeshFixture.body(copy)).startsWith("all of it ");
            assertThat(copy.getHeaders().get("x-kind")).isEqualTo("test");
            assertThat(copy.getUrl().host()).isEqualTo("pay.local-shadow");
            assertThat(MeshFixture.taken(real).getUrl().host()).isEqualTo("pay.local");
        }
        await().until(() -> client.pool().connectionCount() == client.pool().idleConnectionCount());
        assertThat(real.getRequestCount()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aNodeThatHangsHoldsNobodyUpAndBindsNoMoreThanItsPlaces(boolean async) throws Exception {
        MockWebServer real = server("http", 200, 0);
        MockWebServer shadow = server("http", 200, HANGS_MILLIS);
        MeshClient client = client("http", shadow.getPort(), real, new OkHttpClient.Builder());

        for (int i = 0; i < 100; i++) {
            assertThat(answer(client.newCall(post("x")), async)).isEqualTo("200 answer");
        }

        await().until(() -> shadow.getRequestCount() == 32);
        assertThat(real.getRequestCount()).isEqualTo(100);
        // They do not count among the application's calls.
        assertThat(client.base().dispatcher().runningCallsCount()).isZero();
        client.close();
        await().until(() -> client.pool().connectionCount() == 0);
    }

    @Test
    void aNodeThatFailsOrIsNotThereConcernsNobody() throws Exception {
        MockWebServer real = server("http", 200, 0);
        MockWebServer shadow = server("http", 503, 0);
        MeshClient client = client("http", shadow.getPort(), real, new OkHttpClient.Builder());

        for (int i = 0; i < 50; i++) {
            assertThat(answer(client.newCall(post("x")), false)).isEqualTo("200 answer");
        }
        // Not repeated either.
        await().until(() -> shadow.getRequestCount() > 0 && shadow.getRequestCount() <= 50);
        deliver("http", MeshFixture.deadPort(), real);
        for (int i = 0; i < 50; i++) {
            assertThat(answer(client.newCall(post("x")), false)).isEqualTo("200 answer");
        }

        assertThat(real.getRequestCount()).isEqualTo(100);
    }

    @Test
    void theAnswerToACopySetsNoCookie() throws Exception {
        MockWebServer real = server("http", 200, 0);
        MockWebServer shadow = new MockWebServer();
        shadow.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse.Builder()
                        .addHeader("Set-Cookie", "sid=shadow")
                        .build();
            }
        });
        start(shadow);
        List<Cookie> saved = new CopyOnWriteArrayList<>();
        Cookie known = new Cookie.Builder()
                .name("sid")
                .value("real")
                .domain("pay.local")
                .build();
        MeshClient client =
                client("http", shadow.getPort(), real, new OkHttpClient.Builder().cookieJar(new CookieJar() {
                            @Override
                            public List<Cookie> loadForRequest(HttpUrl url) {
                                return List.of(known);
                            }

                            @Override
                            public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {
                                saved.addAll(cookies);
                            }
                        }));

        for (int i = 0; i < 5; i++) {
            answer(client.newCall(post("x")), false);
        }

        assertThat(MeshFixture.taken(shadow).getHeaders().get("Cookie")).isEqualTo("sid=real");
        await().until(() -> client.pool().connectionCount() == client.pool().idleConnectionCount());
        assertThat(saved).isEmpty();
    }

    private static String answer(Call call, boolean async) throws Exception {
        return async ? MeshFixture.Outcome.of(call).answer() : MeshFixture.answer(call);
    }

    private static Request post(String body) {
        return new Request.Builder()
                .url(URL)
                .header("x-kind", "test")
                .post(RequestBody.create(body, null))
                .build();
    }

    private MockWebServer server(String protocol, int status, long afterMillis) throws IOException {
        MockWebServer server = new MockWebServer();
        if (protocol.equals("http2")) {
            server.setProtocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
        }
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse.Builder()
                        .code(status)
                        .body("answer")
                        .headersDelay(afterMillis, TimeUnit.MILLISECONDS)
                        .build();
            }
        });
        return start(server);
    }

    private MockWebServer start(MockWebServer server) throws IOException {
        open.add(server);
        server.start();
        return server;
    }

    private MeshClient client(String protocol, int shadowPort, MockWebServer real, OkHttpClient.Builder okHttp) {
        deliver(protocol, shadowPort, real);
        Mesh mesh = Mesh.builder().registry(registry).virtualNode("orders").start();
        open.add(mesh);
        MeshClient client = MeshClient.builder(mesh).okHttp(okHttp).build();
        open.add(client);
        return client;
    }

    private void deliver(String protocol, int shadowPort, MockWebServer real) {
        registry.deliver(
                RawDocument.of("mesh.yaml", PayMesh.node(protocol, "")),
                RawDocument.of("endpoints.yaml", PayMesh.endpoints(real)),
                RawDocument.of("shadow.yaml", """
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: shadow }
                spec:
                  listeners: [{ portMapping: { port: 80, protocol: %s } }]
                  serviceDiscovery: { dns: { hostname: shadow.invalid } }
                ---
                apiVersion: intramesh.io/v1
                kind: Endpoints
                metadata: { mesh: shop, name: shadow }
                spec: { virtualNode: shadow, endpoints: [{ address: 127.0.0.1, port: %d }] }
                ---
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: pay }
                spec:
                  targetRef: { kind: VirtualService, name: pay.local }
                  mirror: { virtualNode: shadow, percent: 100 }
                """.formatted(protocol, shadowPort)));
    }
}
