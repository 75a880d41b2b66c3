package io.intramesh.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.EndpointEvent;
import io.intramesh.Mesh;
import io.intramesh.MeshListener;
import io.intramesh.call.InboundRequest;
import io.intramesh.document.RawDocument;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.okhttp.MeshClient;
import io.intramesh.testing.FakeRegistry;
import io.intramesh.testing.tls.PemFiles;
import io.intramesh.testing.tls.TestAuthority;
import io.intramesh.tls.ServerTls;
import io.intramesh.tls.TlsSettings;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Processes that stop as the documentation says, while others call them over sockets: every call succeeds, POST included, though
 * nobody wrote a retry policy, so that nothing is sent twice that its peer may have acted on.
 */
@Timeout(120)
final class RollingRestartTest {
    private static final int CALLERS = 3;
    /** Longer than a busy machine holds up a thread that is about to send, or stands still altogether. */
    private static final Duration GRACE = Duration.ofMillis(1_500);

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static final String RESOURCES = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: shop }
            spec: {}
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: front }
            spec:
              backends: [{ virtualService: { virtualServiceName: pay.local } }]
              CLIENT_TLS
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: pay }
            spec:
              listeners: [{ portMapping: { port: 8080, protocol: PROTOCOL } LISTENER_TLS }]
              serviceDiscovery: { dns: { hostname: pay.invalid } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: shop, name: pay.local }
            spec: { provider: { virtualNode: { virtualNodeName: pay } } }
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path folder;

    // What the test's resources say of TLS.
    private String listenerTls = "";
    private String clientTls = "";
    private TlsSettings.Provider provider = TlsSettings.Provider.AUTO;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<AutoCloseable> open = new ArrayList<>();

    /** What the caller's mesh said of endpoints: without it a failure cannot be understood. */
    private final Queue<String> events = new ConcurrentLinkedQueue<>();

    /** How often each POST was executed, by the number that its caller gave it. */
    private final Map<String, Integer> posted = new ConcurrentHashMap<>();

    @AfterEach
    void close() throws Exception {
        threads.shutdownNow();
        Collections.reverse(open);
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "tomcat, http, PLAINTEXT",
        "tomcat, http2, PLAINTEXT",
        "jetty, http, PLAINTEXT",
        "jetty, http2, PLAINTEXT",
        "tomcat, http, OPENSSL",
        "tomcat, http2, OPENSSL",
        "jetty, http, OPENSSL",
        "jetty, http2, OPENSSL",
        "tomcat, http, JSSE",
        "jetty, http, JSSE"
    })
    void whatACallerKeptOpenWhileAProcessLeftUnheardCostsNoCall(String container, String protocol, Security security)
            throws Exception {
        secure(security);
        Instance leaving = new Instance(container, protocol, 0);
        Instance staying = new Instance(container, protocol, 0);
        MeshClient client = client(front(protocol, leaving, staying));
        int number = 0;
        while (leaving.served.get() < 2 || staying.served.get() < 2) {
            assertThat(answer(client, "before-" + number++, true)).isIn(leaving.name, staying.name);
        }

        // Nobody calls meanwhile, so nobody hears of it.
        leaving.stop();

        for (int i = 0; i < 4; i++) {
            assertThat(answer(client, "after-" + i, true)).isEqualTo(staying.name);
        }
        assertThat(posted.values()).as("how often each POST was executed").containsOnly(1);
    }

    @ParameterizedTest
    @CsvSource({"tomcat, http", "tomcat, http2", "jetty, http", "jetty, http2"})
    void aProcessThatLeavesFinishesWhatItHasAndItsCallersMoveAway(String container, String protocol) throws Exception {
        Instance leaving = new Instance(container, protocol, 0);
        Instance staying = new Instance(container, protocol, 0);
        Mesh front = front(protocol, leaving, staying);
        MeshClient client = client(front);
        Load load = new Load(client);
        load.awaitCalls(200);
        CountDownLatch slowBegan = new CountDownLatch(1);
        CountDownLatch slowMayEnd = new CountDownLatch(1);
        for (Instance instance : List.of(leaving, staying)) {
            instance.application.on("/slow", (request, response) -> {
                slowBegan.countDown();
                slowMayEnd.await();
                response.getWriter().print(instance.name);
            });
        }
        String slow = whileAt(leaving, staying, client, slowBegan, slowMayEnd, () -> {
            leaving.mesh.drain();
            await().until(() -> state(front, leaving).startsWith("draining"));
            long before = leaving.served.get();
            load.awaitCalls(200);
            assertThat(leaving.served.get() - before)
                    .as("calls to a process that leaves, of 200: those that were on their way")
                    .isLessThanOrEqualTo(CALLERS);
            assertThat(leaving.mesh.awaitDrained(Duration.ofMillis(1))).isFalse();
        });

        assertThat(slow).isEqualTo(leaving.name);
        leaving.stop();
        load.awaitCalls(200);
        load.end();
        load.assertAllWentWell();
    }

    @ParameterizedTest
    @CsvSource({
        "tomcat, http, PLAINTEXT",
        "tomcat, http2, PLAINTEXT",
        "jetty, http, PLAINTEXT",
        "jetty, http2, PLAINTEXT",
        "tomcat, http, OPENSSL",
        "tomcat, http2, OPENSSL",
        "jetty, http, OPENSSL",
        "jetty, http2, OPENSSL"
    })
    void everyProcessRestartsInTurnUnderLoadWithoutAFailedCall(String container, String protocol, Security security)
            throws Exception {
        secure(security);
        Instance first = new Instance(container, protocol, 0);
        Instance second = new Instance(container, protocol, 0);
        Load load = new Load(client(front(protocol, first, second)));
        load.awaitCalls(200);

        for (int round = 0; round < 2; round++) {
            first = first.restarted();
            load.awaitCalls(100);
            second = second.restarted();
            load.awaitCalls(100);
        }

        load.end();
        load.assertAllWentWell();
        assertThat(first.served.get())
                .as("calls to the last process at the first place")
                .isPositive();
    }

    @ParameterizedTest
    @CsvSource({"tomcat, http", "tomcat, http2", "jetty, http", "jetty, http2"})
    void whoHasNotHeardOfItIsTurnedAwayAndServedElsewhere(String container, String protocol) throws Exception {
        Instance leaving = new Instance(container, protocol, 0, Duration.ZERO);
        Instance staying = new Instance(container, protocol, 0);
        leaving.mesh.drain();
        MeshClient client = client(front(protocol, leaving, staying));

        for (int i = 0; i < 20; i++) {
            assertThat(answer(client, "late-" + i, i % 2 == 0)).isEqualTo(staying.name);
        }
        assertThat(leaving.served).hasValue(0);
        leaving.stop();
    }

    private enum Security {
        PLAINTEXT,
        OPENSSL,
        JSSE
    }

    /** Lets both sides demand certificates of one another. */
    private void secure(Security by) throws IOException {
        if (by == Security.PLAINTEXT) {
            return;
        }
        TestAuthority authority = TestAuthority.create("shop.local");
        PemFiles pay = authority.write(folder.resolve("pay"), authority.node("shop", "pay"));
        PemFiles front = authority.write(folder.resolve("front"), authority.node("shop", "front"));
        listenerTls = """
                , tls: { mode: STRICT, certificate: { file: { certificateChain: %s, privateKey: %s } },
                         validation: { trust: { file: { certificateChain: %s } },
                           subjectAlternativeNames: { match: { exact: ["spiffe://shop.local/shop/front"] } } } }
                """.formatted(pay.chain(), pay.key(), pay.trust());
        clientTls = """
                backendDefaults:
                    clientPolicy:
                      tls: { certificate: { file: { certificateChain: %s, privateKey: %s } },
                             validation: { trust: { file: { certificateChain: %s } },
                               subjectAlternativeNames: { match: { exact: ["spiffe://shop.local/shop/pay"] } } } }
                """.formatted(front.chain(), front.key(), front.trust());
        provider = by == Security.JSSE ? TlsSettings.Provider.JSSE : TlsSettings.Provider.OPENSSL;
    }

    private static String answer(MeshClient client, String number, boolean post) throws IOException {
        try (Response response = client.newCall(order(number, post)).execute()) {
            assertThat(response.code()).isEqualTo(200);
            return response.body().string();
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    /** Makes slow calls until one is at that instance, runs the step meanwhile, and returns what the call was answered. */
    private String whileAt(
            Instance wanted, Instance other, MeshClient client, CountDownLatch began, CountDownLatch mayEnd, Step step)
            throws Exception {
        List<Future<String>> answers = new ArrayList<>();
        int before = wanted.slow.get();
        while (wanted.slow.get() == before) {
            int both = wanted.slow.get() + other.slow.get();
            answers.add(threads.submit(() -> {
                Request request =
                        new Request.Builder().url("http://pay.local/slow").build();
                try (Response response = client.newCall(request).execute()) {
                    assertThat(response.header(InboundRequest.DRAINING_HEADER)).isIn(null, "true");
                    return response.code() == 200 ? response.body().string() : "status " + response.code();
                }
            }));
            await().until(() -> wanted.slow.get() + other.slow.get() > both);
        }
        began.await();
        step.run();
        mayEnd.countDown();
        String last = "";
        for (Future<String> answer : answers) {
            last = answer.get(20, TimeUnit.SECONDS);
        }
        return last;
    }

    /**
     * Leaves uncaught exceptions of the container's threads alone. Tomcat's throw one (11.0.22: "Failed to send ping to client") where
     * a caller drops a connection of HTTP/2 that it has just made, as callers do with those to a process that leaves. No call
     * is on it; what fails for a caller is counted by {@link Load}.
     */
    private static ConditionFactory await() {
        return Awaitility.await().atMost(Duration.ofSeconds(30)).dontCatchUncaughtExceptions();
    }

    private static String state(Mesh front, Instance instance) {
        return front
                .explain(ExplainRequest.builder("pay.local")
                        .method("GET")
                        .path("/")
                        .build())
                .targets()
                .get(0)
                .endpoints()
                .stream()
                .filter(endpoint -> endpoint.address().endsWith(":" + instance.port))
                .findFirst()
                .orElseThrow()
                .state();
    }

    private Mesh front(String protocol, Instance... instances) {
        StringBuilder endpoints = new StringBuilder();
        for (Instance instance : instances) {
            endpoints
                    .append("{ address: 127.0.0.1, port: ")
                    .append(instance.port)
                    .append(" }, ");
        }
        Mesh front = mesh("front", protocol, GRACE, """
                ---
                apiVersion: intramesh.io/v1
                kind: Endpoints
                metadata: { mesh: shop, name: pay }
                spec: { virtualNode: pay, endpoints: [%s] }
                """.formatted(endpoints));
        open.add(front);
        long start = System.nanoTime();
        open.add(front.addListener(new MeshListener() {
            @Override
            public void endpointChanged(EndpointEvent event) {
                events.add((System.nanoTime() - start) / 1_000_000 + " ms " + event.kind() + " " + event.endpoint()
                        + " " + event.reason());
            }
        }));
        return front;
    }

    private Mesh mesh(String node, String protocol, Duration grace, String more) {
        String resources = RESOURCES
                .replace("PROTOCOL", protocol)
                .replace("CLIENT_TLS", clientTls)
                .replace("LISTENER_TLS", listenerTls);
        return Mesh.builder()
                .registry(FakeRegistry.of(RawDocument.of("mesh.yaml", resources + more)))
                .virtualNode(node)
                .tls(TlsSettings.builder().provider(provider).build())
                .drainGrace(grace)
                .start();
    }

    private MeshClient client(Mesh mesh) {
        MeshClient client = MeshClient.create(mesh);
        open.add(client);
        return client;
    }

    private static Request order(String number, boolean post) {
        Request.Builder request =
                new Request.Builder().url("http://pay.local/order").header("x-order", number);
        if (post) {
            request.post(RequestBody.create("card", MediaType.get("text/plain")));
        }
        return request.build();
    }

    /** A process of the callee, as far as it can be one here: a mesh, a filter and a container of its own. */
    private final class Instance {
        private final String container;
        private final String protocol;
        private final Mesh mesh;
        private final Container server;
        private final TestApplication application;
        private final AtomicLong served = new AtomicLong();
        private final AtomicInteger slow = new AtomicInteger();
        private final int port;
        private final String name;
        private boolean stopped;

        Instance(String container, String protocol, int port) throws Exception {
            this(container, protocol, port, GRACE);
        }

        Instance(String container, String protocol, int port, Duration grace) throws Exception {
            this.container = container;
            this.protocol = protocol;
            mesh = mesh("pay", protocol, grace, "");
            application = new TestApplication(List.of(MeshFilter.of(mesh), (request, response, chain) -> {
                if (((HttpServletRequest) request).getServletPath().equals("/slow")) {
                    slow.incrementAndGet();
                }
                chain.doFilter(request, response);
            }));
            ServerTls tls = mesh.serverTls(8080);
            server = container.equals("tomcat")
                    ? TomcatContainer.of(Files.createTempDirectory(folder, "tomcat"), port, tls)
                    : JettyEe11Container.of(port, tls);
            server.start(application, "/teapot");
            this.port = server.port();
            name = container + ":" + this.port;
            application.on("/order", (request, response) -> {
                served.incrementAndGet();
                request.getInputStream().readAllBytes();
                if (request.getMethod().equals("POST")) {
                    posted.merge(request.getHeader("x-order"), 1, Integer::sum);
                }
                response.getWriter().print(name);
            });
            open.add(this::end);
        }

        /** Stops it in the order that {@link MeshFilter} asks for. */
        void stop() throws Exception {
            if (!stopped) {
                mesh.drain();
                assertThat(mesh.awaitDrained(LIMIT)).isTrue();
                end();
            }
        }

        /** Ends it as it is, for want of callers. */
        private void end() throws Exception {
            if (!stopped) {
                stopped = true;
                server.stop();
                mesh.close();
            }
        }

        Instance restarted() throws Exception {
            stop();
            return new Instance(container, protocol, port);
        }
    }

    /** Callers that never pause. */
    private final class Load {
        private final MeshClient client;
        private final AtomicLong calls = new AtomicLong();
        private final Queue<String> failures = new ConcurrentLinkedQueue<>();
        private final List<Future<?>> callers = new ArrayList<>();
        private volatile boolean isOver;

        Load(MeshClient client) {
            this.client = client;
            for (int i = 0; i < CALLERS; i++) {
                int caller = i;
                callers.add(threads.submit(() -> run(caller)));
            }
        }

        private void run(int caller) {
            for (int i = 0; !isOver; i++) {
                String number = caller + "-" + i;
                boolean post = i % 2 == 0;
                try (Response response = client.newCall(order(number, post)).execute()) {
                    String answer = response.body().string();
                    if (response.code() != 200) {
                        failures.add((post ? "POST " : "GET ") + response.code() + " " + answer);
                    }
                } catch (IOException e) {
                    failures.add((post ? "POST " : "GET ") + e + ", because of " + e.getCause());
                }
                calls.incrementAndGet();
            }
        }

        void awaitCalls(int more) {
            long goal = calls.get() + more;
            await().until(() -> calls.get() >= goal);
        }

        void end() throws Exception {
            isOver = true;
            for (Future<?> caller : callers) {
                caller.get(20, TimeUnit.SECONDS);
            }
        }

        void assertAllWentWell() {
            assertThat(failures)
                    .as("of %s calls; events %s", calls.get(), events)
                    .isEmpty();
            assertThat(calls.get()).isGreaterThan(200);
            assertThat(posted).as("POSTs, and how often each was executed").isNotEmpty();
            assertThat(posted.values()).containsOnly(1);
        }
    }
}
