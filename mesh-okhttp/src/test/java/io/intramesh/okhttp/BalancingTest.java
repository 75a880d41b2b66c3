package io.intramesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.intramesh.EndpointEvent;
import io.intramesh.Mesh;
import io.intramesh.MeshListener;
import io.intramesh.document.RawDocument;
import io.intramesh.testing.FakeRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is chosen, seen from servers that are called over sockets; the rules are tested in virtual time. */
@NullMarked
@Timeout(60)
class BalancingTest {
    private static final String OUTLIERS = "outlierDetection: { maxServerErrors: 1, interval: { unit: s, value: 10 },"
            + " baseEjectionDuration: { unit: s, value: 300 }, maxEjectionPercent: 50 }";

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
    void callsStayInTheOwnZoneAndSpillOverAsItFails() throws Exception {
        MockWebServer here = server();
        MockWebServer hereToo = server();
        MockWebServer there = server();
        MockWebServer thereToo = server();
        deliver("preferOwnZone: true", in("a", here), in("a", hereToo), in("b", there), in("b", thereToo));
        MeshClient client = client("a");

        call(client, 100);
        assertThat(there.getRequestCount() + thereToo.getRequestCount()).isZero();
        assertThat(here.getRequestCount()).isEqualTo(50);
        assertThat(hereToo.getRequestCount()).isEqualTo(50);

        hereToo.close();
        await().until(() -> {
            call(client, 1);
            return !events.isEmpty();
        });
        int before = there.getRequestCount() + thereToo.getRequestCount();
        call(client, 600);

        // One of three is left here: 1.4 x 1/3 x 2 zones = 93 % stay. 40 of 600 go, give or take six times 6.1.
        assertThat(there.getRequestCount() + thereToo.getRequestCount() - before)
                .isBetween(4, 77);
    }

    @Test
    void aServerThatIsNewGetsAShareThatGrows() throws Exception {
        Duration window = Duration.ofSeconds(3);
        MockWebServer old = server();
        MockWebServer fresh = server();
        deliver("slowStart: 3s", in("a", old));
        MeshClient client = client("a");
        call(client, 20);

        long start = System.nanoTime();
        deliver("slowStart: 3s", in("a", old), in("a", fresh));
        await().until(() -> {
            call(client, 1);
            return fresh.getRequestCount() > 0;
        });
        int first = fresh.getRequestCount();
        call(client, 100);
        double age = (double) (System.nanoTime() - start) / window.toNanos();

        // It takes part in a tenth or its age, whichever is more, and then in turn with the other: half of that. 100
        // calls
        // deviate by five on the average, and by six times that never.
        assertThat(fresh.getRequestCount() - first)
                .as("of 100 calls, up to %.0f %% of its time", 100 * age)
                .isLessThanOrEqualTo((int) (50 * Math.max(0.1, Math.min(1, age)) + 30));
        await().until(() -> System.nanoTime() - start
                > window.toNanos() + Duration.ofSeconds(1).toNanos());
        int warm = fresh.getRequestCount();
        call(client, 100);
        assertThat(fresh.getRequestCount() - warm).isEqualTo(50);
    }

    private record Located(String zone, MockWebServer server) {}

    private static Located in(String zone, MockWebServer server) {
        return new Located(zone, server);
    }

    private static void call(MeshClient client, int times) throws IOException {
        Request request = new Request.Builder().url("http://pay.local/").build();
        for (int i = 0; i < times; i++) {
            try (Response response = client.newCall(request).execute()) {
                assertThat(response.code()).isEqualTo(200);
            }
        }
    }

    private MeshClient client(String zone) {
        Mesh mesh = Mesh.builder()
                .registry(registry)
                .virtualNode("orders")
                .zone(zone)
                .start();
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

    private MockWebServer server() throws IOException {
        MockWebServer server = new MockWebServer();
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse.Builder().code(200).build();
            }
        });
        server.start();
        open.add(server);
        return server;
    }

    private void deliver(String balancing, Located... endpoints) {
        StringBuilder text = new StringBuilder("""
                apiVersion: intramesh.io/v1
                kind: Endpoints
                metadata: { mesh: shop, name: pay }
                spec:
                  virtualNode: pay
                  endpoints:
                """);
        for (Located endpoint : endpoints) {
            text.append("    - { address: 127.0.0.1, port: ")
                    .append(endpoint.server().getPort())
                    .append(", zone: ")
                    .append(endpoint.zone())
                    .append(" }\n");
        }
        registry.deliver(
                RawDocument.of("mesh.yaml", PayMesh.node("http", OUTLIERS)),
                RawDocument.of("endpoints.yaml", text.toString()),
                RawDocument.of("policy.yaml", """
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: pay }
                spec:
                  targetRef: { kind: VirtualNode, name: pay }
                  loadBalancing: { algorithm: round-robin, %s }
                """.formatted(balancing)));
    }
}
