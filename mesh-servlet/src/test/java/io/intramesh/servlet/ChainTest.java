package io.intramesh.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.Mesh;
import io.intramesh.document.RawDocument;
import io.intramesh.okhttp.MeshClient;
import io.intramesh.testing.FakeRegistry;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Three services that call each other over sockets, the last of them down: what becomes of the load. */
@Timeout(120)
final class ChainTest {
    private static final int CALLS = 300;

    private static final String MESH = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: shop }
            spec: {}
            ---
            apiVersion: intramesh.io/v1
            kind: TrafficPolicy
            metadata: { mesh: shop, name: budget }
            spec:
              targetRef: { kind: Mesh, name: shop }
              retryBudget: { percent: 20, minRetriesPerSecond: 1, window: 10s }
            """;

    private static final String SERVICE = """
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: NAME }
            spec:
              listeners: [{ portMapping: { port: 8080, protocol: http } }]
              serviceDiscovery: { dns: { hostname: NAME.invalid } }
              backends: [{ virtualService: { virtualServiceName: NEXT.local } }]
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualRouter
            metadata: { mesh: shop, name: NAME }
            spec: { listeners: [{ portMapping: { port: 8080, protocol: http } }] }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: shop, virtualRouter: NAME, name: all }
            spec:
              httpRoute:
                match: { prefix: / }
                action: { weightedTargets: [{ virtualNode: NAME, weight: 1 }] }
                retryPolicy:
                  maxRetries: 3
                  perRetryTimeout: { unit: s, value: 10 }
                  httpRetryEvents: [server-error]
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: shop, name: NAME.local }
            spec: { provider: { virtualRouter: { virtualRouterName: NAME } } }
            ---
            apiVersion: intramesh.io/v1
            kind: Endpoints
            metadata: { mesh: shop, name: NAME }
            spec: { virtualNode: NAME, endpoints: [{ address: 127.0.0.1, port: PORT }] }
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
    void retriesDoNotMultiplyAlongTheChain() throws Exception {
        AtomicInteger stockCalls = new AtomicInteger();
        AtomicInteger orderCalls = new AtomicInteger();
        int stock = service("stock", "nobody", 1, (client, response) -> {
            stockCalls.incrementAndGet();
            response.setStatus(503);
        });
        int orders = service("orders", "stock", stock, (client, response) -> {
            orderCalls.incrementAndGet();
            pass(client, "http://stock.local/", response);
        });
        Mesh front = mesh("front", "orders", orders);
        MeshClient client = client(front);

        long begin = System.nanoTime();
        for (int i = 0; i < CALLS; i++) {
            try (Response response = client.newCall(get("http://orders.local/")).execute()) {
                assertThat(response.code()).isEqualTo(503);
            }
        }

        // Orders repeats within its budget and says so; the front then repeats nothing at all.
        assertThat(orderCalls).hasValue(CALLS);
        // The floor of one a second is ten in the window, and one for each second that this took, on a slow machine
        // many;
        // the share is a fifth of the calls.
        int seconds = 1 + (int) TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
        assertThat(stockCalls.get()).isBetween(CALLS + 1, CALLS + CALLS / 5 + 10 + seconds);
    }

    private interface Work {
        void answer(MeshClient client, HttpServletResponse response) throws IOException;
    }

    private static void pass(MeshClient client, String url, HttpServletResponse response) throws IOException {
        try (Response answer = client.newCall(get(url)).execute()) {
            response.setStatus(answer.code());
            response.getOutputStream().write(answer.body().bytes());
        }
    }

    private int service(String name, String next, int nextPort, Work work) throws Exception {
        Mesh mesh = mesh(name, next, nextPort);
        MeshClient client = client(mesh);
        TestApplication application = new TestApplication(List.of(MeshFilter.of(mesh)));
        application.on("/", (request, response) -> work.answer(client, response));
        JettyEe11Container container = new JettyEe11Container();
        container.start(application, "/teapot");
        open.add(container::stop);
        return container.port();
    }

    private Mesh mesh(String name, String next, int nextPort) {
        String documents = MESH
                + SERVICE.replace("NAME", name).replace("NEXT", next).replace("PORT", "1")
                + SERVICE.replace("NAME", next).replace("NEXT", "nobody2").replace("PORT", Integer.toString(nextPort));
        Mesh mesh = Mesh.builder()
                .registry(FakeRegistry.of(RawDocument.of("mesh.yaml", documents)))
                .virtualNode(name)
                .start();
        open.add(mesh);
        return mesh;
    }

    private MeshClient client(Mesh mesh) {
        MeshClient client = MeshClient.create(mesh);
        open.add(client);
        return client;
    }

    private static Request get(String url) {
        return new Request.Builder().url(url).build();
    }
}
