package io.intramesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.Mesh;
import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.document.RawDocument;
import io.intramesh.testing.FakeRegistry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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

/** The adaptive limit over real sockets, before a server that works on ten requests at a time. */
@NullMarked
@Timeout(60)
class AdaptiveLimitTest {
    private static final int CAPACITY = 10;
    private static final int CALLERS = 40;
    private static final int SERVICE_MILLIS = 30;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final ExecutorService callers = Executors.newFixedThreadPool(CALLERS);

    @AfterEach
    void close() throws Exception {
        callers.shutdownNow();
        Collections.reverse(open);
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    @Test
    void whoIsLetThroughHardlyWaitsAndTheRestIsRefusedAtOnce() throws Exception {
        MockWebServer server = server();

        Seen without = load(client(server, ""));
        Seen with = load(client(server, "concurrencyLimit: { outbound: { adaptive: gradient } }"));

        String both = "without " + without + "; with " + with;
        assertThat(without.refusedMicros).as(both).isEmpty();
        // Forty callers wait four times as long as one of ten at a time does; the limit lets half as many more in.
        assertThat(median(without.answeredMicros)).as(both).isGreaterThan(3 * SERVICE_MILLIS * 1000L);
        assertThat(median(with.answeredMicros)).as(both).isLessThan(median(without.answeredMicros) * 6 / 10);
        assertThat(with.refusedMicros).as(both).isNotEmpty();
        assertThat(median(with.refusedMicros)).as(both).isLessThan(SERVICE_MILLIS * 1000L / 3);
        assertThat(with.answeredMicros.size()).as(both).isGreaterThan(without.answeredMicros.size() * 7 / 10);
    }

    private Seen load(MeshClient client) throws Exception {
        long begin = System.nanoTime();
        List<Future<Seen>> all = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            all.add(callers.submit(() -> call(client, begin)));
        }
        Seen together = new Seen();
        for (Future<Seen> one : all) {
            together.answeredMicros.addAll(one.get().answeredMicros);
            together.refusedMicros.addAll(one.get().refusedMicros);
        }
        return together;
    }

    /** Calls without end for four seconds, and looks at the last two: the limit has to be found first. */
    private static Seen call(MeshClient client, long begin) throws Exception {
        Seen seen = new Seen();
        Request request = new Request.Builder().url("http://pay.local/").build();
        while (true) {
            long start = System.nanoTime();
            boolean isRefused = false;
            try (Response response = client.newCall(request).execute()) {
                assertThat(response.code()).isEqualTo(200);
            } catch (MeshCallException e) {
                assertThat(e.reason()).isEqualTo(Reason.LIMIT_REACHED);
                assertThat(e.mayHaveReachedPeer()).isFalse();
                isRefused = true;
            }
            long end = System.nanoTime();
            if (end - begin > TimeUnit.SECONDS.toNanos(4)) {
                return seen;
            }
            if (end - begin > TimeUnit.SECONDS.toNanos(2)) {
                (isRefused ? seen.refusedMicros : seen.answeredMicros).add((end - start) / 1000);
            }
            if (isRefused) {
                pass(10);
            }
        }
    }

    private static long median(List<Long> values) {
        Collections.sort(values);
        return values.get(values.size() / 2);
    }

    /** Lets time pass, as work does. */
    private static void pass(int millis) throws InterruptedException {
        assertThat(new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS)).isFalse();
    }

    private MockWebServer server() throws Exception {
        Semaphore workers = new Semaphore(CAPACITY, true);
        MockWebServer server = new MockWebServer();
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) throws InterruptedException {
                workers.acquire();
                try {
                    pass(SERVICE_MILLIS);
                } finally {
                    workers.release();
                }
                return new MockResponse.Builder().build();
            }
        });
        server.start();
        open.add(server);
        return server;
    }

    private MeshClient client(MockWebServer server, String line) {
        FakeRegistry registry = FakeRegistry.create();
        registry.deliver(
                RawDocument.of("mesh.yaml", PayMesh.node("http", "")),
                RawDocument.of("endpoints.yaml", PayMesh.endpoints(server)),
                RawDocument.of("policy.yaml", """
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: pay }
                spec:
                  targetRef: { kind: VirtualNode, name: pay }
                  %s
                """.formatted(line)));
        Mesh mesh = Mesh.builder().registry(registry).virtualNode("orders").start();
        open.add(mesh);
        MeshClient client = MeshClient.create(mesh);
        open.add(client);
        return client;
    }

    private static final class Seen {
        private final List<Long> answeredMicros = new ArrayList<>();
        private final List<Long> refusedMicros = new ArrayList<>();

        @Override
        public String toString() {
            return answeredMicros.size() + " answered, median "
                    + (answeredMicros.isEmpty() ? 0 : median(answeredMicros)) + " us, " + refusedMicros.size()
                    + " refused, median " + (refusedMicros.isEmpty() ? 0 : median(refusedMicros)) + " us";
        }
    }
}
