package io.intramesh.okhttp;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.intramesh.EndpointEvent;
import io.intramesh.Mesh;
import io.intramesh.MeshListener;
import io.intramesh.document.RawDocument;
import io.intramesh.testing.FakeRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
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
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What keeps a caller well when endpoints are not: once each over real sockets; the rules are tested in virtual time. */
@NullMarked
class ResilienceTest {
    private static final String URL = "http://pay.local/";

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

        assertThat(events)
                .singleElement()
                .satisfies(event ->
                        assertThat(event.reason()).isEqualTo("2 failures in a row, the last: grpc-status UNAVAILABLE"));
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

    private static String node(String protocol, String parts) {
        return """
                apiVersion: intramesh.io/v1
                kind: Mesh
                metadata: { name: shop }
                spec: {}
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: orders }
                spec:
                  backends: [{ virtualService: { virtualServiceName: pay.local } }]
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: pay }
                spec:
                  listeners:
                    - { portMapping: { port: 80, protocol: %s }, %s }
                  serviceDiscovery: { dns: { hostname: pay.invalid } }
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualService
                metadata: { mesh: shop, name: pay.local }
                spec: { provider: { virtualNode: { virtualNodeName: pay } } }
                """.formatted(protocol, parts);
    }

    private static String endpoints(MockWebServer... servers) {
        StringBuilder text = new StringBuilder("""
                apiVersion: intramesh.io/v1
                kind: Endpoints
                metadata: { mesh: shop, name: pay }
                spec:
                  virtualNode: pay
                  endpoints:
                """);
        for (MockWebServer server : servers) {
            text.append("    - { address: 127.0.0.1, port: ")
                    .append(server.getPort())
                    .append(" }\n");
        }
        return text.toString();
    }
}
