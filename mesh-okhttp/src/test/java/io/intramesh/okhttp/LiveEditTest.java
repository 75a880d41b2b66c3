package io.intramesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.intramesh.Mesh;
import io.intramesh.registry.FileRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Real files, real sockets: edits of a folder while calls go through the mesh. */
@NullMarked
final class LiveEditTest {
    private static final Logger log = LoggerFactory.getLogger(LiveEditTest.class);

    /** Generous, because machines are shared; what it took is logged. The promise is one second. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final String RESOURCES = """
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
            metadata: { mesh: shop, name: v1 }
            spec:
              listeners: [{ portMapping: { port: 8080, protocol: http } }]
              serviceDiscovery: { dns: { hostname: v1.invalid } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: v2 }
            spec:
              listeners: [{ portMapping: { port: 8080, protocol: http } }]
              serviceDiscovery: { dns: { hostname: v2.invalid } }
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

    @TempDir
    Path folder;

    private final MockWebServer v1 = new MockWebServer();
    private final MockWebServer v2 = new MockWebServer();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final List<Thread> callers = new ArrayList<>();
    private final Map<String, LongAdder> answers = new ConcurrentHashMap<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void startServers() throws IOException {
        start(v1, "v1");
        start(v2, "v2");
        Files.writeString(folder.resolve("mesh.yaml"), RESOURCES);
        Files.writeString(
                folder.resolve("endpoints.yaml"),
                endpoints("v1", v1.getPort()) + "---\n" + endpoints("v2", v2.getPort()));
    }

    @AfterEach
    void stop() throws InterruptedException {
        stopCalling();
        v1.close();
        v2.close();
    }

    @Test
    void anEditOfTheWeightMovesTrafficWithoutAFailedCall() throws Exception {
        write(route(100, 0));
        try (Mesh mesh = mesh();
                MeshClient client = MeshClient.create(mesh)) {
            call(client);
            await().atMost(PATIENCE).until(() -> count("v1") > 100);

            long edited = System.nanoTime();
            write(route(0, 100));
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> count("v2") > 0);
            log.info(
                    "traffic moved after={}ms",
                    Duration.ofNanos(System.nanoTime() - edited).toMillis());

            // A call that was routed before the edit may still be under way; then nothing goes to the old node any
            // more.
            await().atMost(PATIENCE).until(() -> {
                long before = count("v1");
                long since = count("v2");
                await().atMost(PATIENCE).until(() -> count("v2") > since + 100);
                return count("v1") == before;
            });
            stopCalling();
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void aBrokenEditChangesNothingAndTheRepairedFileGoesLive() throws Exception {
        write(route(100, 0));
        try (Mesh mesh = mesh();
                MeshClient client = MeshClient.create(mesh)) {
            call(client);
            await().atMost(PATIENCE).until(() -> count("v1") > 100);

            write(route(0, 100).replace("weight: 100", "weight: 140"));
            await().atMost(PATIENCE).until(() -> !mesh.state().kept().isEmpty());
            long seen = count("v1");
            await().atMost(PATIENCE).until(() -> count("v1") > seen + 100);
            assertThat(count("v2")).isZero();
            assertThat(mesh.state().problems())
                    .anySatisfy(problem -> assertThat(problem.toString())
                            .startsWith("route.yaml:10:")
                            .contains("weightedTargets[1].weight")
                            .contains("140"));

            write(route(0, 100));
            await().atMost(PATIENCE).until(() -> count("v2") > 100);
            assertThat(mesh.state().kept()).isEmpty();
            stopCalling();
        }
        assertThat(failures).isEmpty();
    }

    private Mesh mesh() {
        return Mesh.builder()
                .registry(FileRegistry.of(folder))
                .virtualNode("orders")
                .start();
    }

    private void call(MeshClient client) {
        Request request =
                new Request.Builder().url("http://payments.local/pay?id=1").build();
        for (int i = 0; i < 2; i++) {
            Thread caller = new Thread(() -> {
                while (!stopped.get()) {
                    try (Response response = client.newCall(request).execute()) {
                        String node = response.body().string();
                        answers.computeIfAbsent(node, key -> new LongAdder()).increment();
                    } catch (IOException | RuntimeException e) {
                        failures.add(e);
                    }
                }
            });
            caller.start();
            callers.add(caller);
        }
    }

    private void stopCalling() throws InterruptedException {
        stopped.set(true);
        for (Thread caller : callers) {
            caller.join();
        }
    }

    private long count(String node) {
        LongAdder counted = answers.get(node);
        return counted == null ? 0 : counted.sum();
    }

    /** As an editor or a deployment tool does it: beside, then moved into place. */
    private void write(String route) throws IOException {
        Path beside = folder.resolve(".route.yaml.new");
        Files.writeString(beside, route);
        Files.move(beside, folder.resolve("route.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void start(MockWebServer server, String name) throws IOException {
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse.Builder().body(name).build();
            }
        });
        server.start();
    }

    private static String endpoints(String node, int port) {
        return """
                apiVersion: intramesh.io/v1
                kind: Endpoints
                metadata: { mesh: shop, name: NODE }
                spec: { virtualNode: NODE, endpoints: [{ address: 127.0.0.1, port: PORT }] }
                """.replace("NODE", node).replace("PORT", Integer.toString(port));
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
                        - { virtualNode: v1, weight: FIRST }
                        - { virtualNode: v2, weight: SECOND }
                """.replace("FIRST", Integer.toString(first)).replace("SECOND", Integer.toString(second));
    }
}
