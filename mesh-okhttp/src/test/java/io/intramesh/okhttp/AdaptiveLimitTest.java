package io.intramesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.intramesh.Mesh;
import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.document.RawDocument;
import io.intramesh.testing.FakeRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The adaptive limit over real sockets, before a server that works on ten requests at a time. */
@NullMarked
@Timeout(120)
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

        Load unlimited = new Load(client(server, ""));
        pass(4_000);
        Seen without = unlimited.lately();
        unlimited.end();
        assertThat(without.refusedMicros).as("without %s", without).isEmpty();
        // Forty callers wait four times as long as one of ten at a time does.
        assertThat(median(without.answeredMicros)).as("without %s", without).isGreaterThan(3 * SERVICE_MILLIS * 1000L);

        Load limited = new Load(client(server, "concurrencyLimit: { outbound: { adaptive: gradient } }"));
        // The limit has to be found first, and anew after each time that the machine stands still,
        // which it takes for a server that became slow.
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            Seen with = limited.lately();
            String both = "without " + without + "; with " + with;
            // It lets half as many more in as are worked on at a time.
            assertThat(with.answeredMicros.size()).as(both).isGreaterThan(without.answeredMicros.size() * 7 / 10);
            assertThat(median(with.answeredMicros)).as(both).isLessThan(median(without.answeredMicros) * 6 / 10);
            assertThat(with.refusedMicros).as(both).isNotEmpty();
            assertThat(median(with.refusedMicros)).as(both).isLessThan(SERVICE_MILLIS * 1000L / 3);
        });
        limited.end();
    }

    private static long median(List<Long> values) {
        assertThat(values).isNotEmpty();
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

    /** Forty callers that call without end. */
    private final class Load {
        private static final long LATELY_NANOS = 2_000_000_000L;

        private final MeshClient client;
        private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
        private final List<Future<?>> running = new ArrayList<>();
        private volatile boolean isOver;

        Load(MeshClient client) {
            this.client = client;
            for (int i = 0; i < CALLERS; i++) {
                running.add(callers.submit(this::call));
            }
        }

        /** Returns what calls of the last two seconds met. */
        Seen lately() {
            long now = System.nanoTime();
            calls.removeIf(call -> now - call.endNanos() > LATELY_NANOS);
            Seen seen = new Seen();
            for (Call call : calls) {
                (call.isRefused() ? seen.refusedMicros : seen.answeredMicros).add(call.micros());
            }
            return seen;
        }

        /** Ends it; fails if a caller met anything but an answer or a refusal. */
        void end() throws Exception {
            isOver = true;
            for (Future<?> one : running) {
                one.get(30, TimeUnit.SECONDS);
            }
        }

        private @Nullable Void call() throws Exception {
            Request request = new Request.Builder().url("http://pay.local/").build();
            while (!isOver) {
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
                calls.add(new Call(end, (end - start) / 1000, isRefused));
                if (isRefused) {
                    pass(10);
                }
            }
            return null;
        }
    }

    private record Call(long endNanos, long micros, boolean isRefused) {}

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
