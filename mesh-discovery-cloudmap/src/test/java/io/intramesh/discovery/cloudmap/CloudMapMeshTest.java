package io.intramesh.discovery.cloudmap;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.intramesh.Mesh;
import io.intramesh.MeshCallException;
import io.intramesh.MeshConfigException;
import io.intramesh.Reason;
import io.intramesh.discovery.cloudmap.FakeCloudMap.Mood;
import io.intramesh.document.Problem;
import io.intramesh.document.RawDocument;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.okhttp.MeshClient;
import io.intramesh.testing.FakeRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** A real client that calls real servers which only Cloud Map knows, as an application has it: the jar and its settings. */
@Timeout(120)
final class CloudMapMeshTest {
    private static final String DOCUMENTS = """
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
            kind: VirtualRouter
            metadata: { mesh: shop, name: payments }
            spec: { listeners: [{ portMapping: { port: 8080, protocol: http } }] }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: shop, name: payments.local }
            spec: { provider: { virtualRouter: { virtualRouterName: payments } } }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: shop, virtualRouter: payments, name: all }
            spec:
              httpRoute:
                match: { prefix: / }
                action:
                  weightedTargets:
                    - { virtualNode: payments-v1, weight: %d }
                    - { virtualNode: payments-v2, weight: %d }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: payments-v1 }
            spec:
              listeners: [{ portMapping: { port: 8080, protocol: http } }]
              serviceDiscovery:
                awsCloudMap:
                  namespaceName: prod.local
                  serviceName: payments
                  attributes: [{ key: version, value: v1 }]
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: payments-v2 }
            spec:
              listeners: [{ portMapping: { port: 8080, protocol: http } }]
              serviceDiscovery:
                awsCloudMap:
                  namespaceName: prod.local
                  serviceName: payments
                  attributes: [{ key: version, value: v2 }]
            """;

    private final FakeCloudMap cloudMap = FakeCloudMap.start();
    private final FakeRegistry registry = FakeRegistry.create();
    private final Map<String, String> settings = new HashMap<>(Map.of(
            "discovery.cloud-map.region",
            FakeCloudMap.REGION,
            "discovery.cloud-map.endpoint",
            cloudMap.url().toString(),
            "discovery.cloud-map.interval",
            "1s"));
    private final List<AutoCloseable> open = new ArrayList<>();

    CloudMapMeshTest() throws IOException {}

    @BeforeEach
    void credentialsOfTheDefaultChain() {
        System.setProperty("aws.accessKeyId", FakeCloudMap.KEY);
        System.setProperty("aws.secretAccessKey", "secret");
        weights(100, 0);
    }

    @AfterEach
    void close() throws Exception {
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
        Collections.reverse(open);
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
        cloudMap.close();
    }

    @Test
    void aCalleeThatOnlyCloudMapKnowsIsCalledAndNobodyNeedsToDecide() throws Exception {
        callee("a", "v1");
        Mesh mesh = mesh();

        assertThat(call(client(mesh))).isEqualTo("a");

        assertThat(mesh.state().problems()).extracting(Problem::message).noneMatch(note -> note.contains("decision"));
        assertThat(mesh.explain(request()).toString())
                .contains("endpoints of payments-v1 = 1 found   (cloud-map, by serviceDiscovery.awsCloudMap"
                        + " prod.local/payments (version=v1))")
                .contains("in eu-test-1a   healthy");
    }

    @Test
    void nodesThatShareAServiceAreToldApartByAttributes() throws Exception {
        callee("blue", "v1");
        callee("green", "v2");
        MeshClient client = client(mesh());
        assertThat(answers(client, 20)).containsExactly("blue");

        weights(0, 100);

        await().untilAsserted(() -> assertThat(call(client)).isEqualTo("green"));
        assertThat(answers(client, 20)).containsExactly("green");
    }

    @Test
    void instancesComeAndGoAndNoCallFails() throws Exception {
        callee("a", "v1");
        MeshClient client = client(mesh());
        assertThat(call(client)).isEqualTo("a");
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger calls = new AtomicInteger();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        Thread steady = new Thread(() -> {
            while (!stop.get()) {
                try {
                    call(client);
                    calls.incrementAndGet();
                } catch (IOException | RuntimeException e) {
                    failures.add(e);
                }
            }
        });
        steady.start();

        for (int round = 0; round < 2; round++) {
            String next = "next" + round;
            callee(next, "v1");
            await().until(() -> answers(client, 10).contains(next));
            cloudMap.deregister("prod.local", "payments", round == 0 ? "a" : "next0");
            await().until(() -> answers(client, 10).equals(Set.of(next)));
        }
        stop.set(true);
        steady.join();

        assertThat(failures).isEmpty();
        assertThat(calls).hasPositiveValue();
    }

    @Test
    void theApiGoesAwayAndTheCallsGoOn() throws Exception {
        callee("a", "v1");
        Mesh mesh = mesh();
        MeshClient client = client(mesh);
        assertThat(call(client)).isEqualTo("a");

        cloudMap.goAway();
        await().until(() -> mesh.explain(request()).toString().contains("cannot be reached"));
        assertThat(answers(client, 50)).containsExactly("a");
        assertThat(mesh.explain(request()).toString()).contains("the endpoints found before stay in use");

        callee("b", "v1");
        cloudMap.comeBack();
        await().atMost(Duration.ofSeconds(30)).until(() -> answers(client, 10).equals(Set.of("a", "b")));
        assertThat(mesh.explain(request()).toString()).doesNotContain("cannot be reached");
    }

    @Test
    void anApiThatThrottlesForLongIsWarnedAboutOnce() throws Exception {
        callee("a", "v1");
        Mesh mesh = mesh();
        MeshClient client = client(mesh);
        assertThat(call(client)).isEqualTo("a");
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger("io.intramesh");
        logged.start();
        logger.addAppender(logged);
        try {
            cloudMap.is(Mood.THROTTLES);
            long before = cloudMap.asked().size();
            await().atMost(Duration.ofSeconds(30)).until(() -> cloudMap.asked().size() >= before + 3);
            assertThat(call(client)).isEqualTo("a");
        } finally {
            logger.detachAppender(logged);
        }

        assertThat(List.copyOf(logged.list))
                .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        "endpoints not found virtualNodes=[payments-v1] count=1 problem=\"virtualNode 'payments-v1':"
                                + " serviceDiscovery.awsCloudMap prod.local/payments: Cloud Map has too many questions from this"
                                + " account; raise intramesh.discovery.cloud-map.interval, or the account's quota for"
                                + " DiscoverInstances; the endpoints found before stay in use\"");
    }

    @Test
    void wrongCredentialsAreNamedInTheRefusalOfTheCall() throws Exception {
        System.setProperty("aws.accessKeyId", "AKIDOTHER");
        callee("a", "v1");
        MeshClient client = client(mesh());

        assertThatThrownBy(() -> call(client)).isInstanceOfSatisfying(MeshCallException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.NO_HEALTHY_ENDPOINT);
            assertThat(e).hasMessageContaining("does not accept these AWS credentials (UnrecognizedClientException)");
        });

        assertThat(cloudMap.asked()).isNotEmpty();
    }

    @Test
    void aCloudMapThatIsSilentHoldsUpNeitherTheStartNorTheEnd() throws Exception {
        cloudMap.is(Mood.HANGS);
        settings.put("discovery.cloud-map.timeout", "10m");
        Mesh mesh = Mesh.builder()
                .registry(registry)
                .virtualNode("orders")
                .warmUp(Duration.ofMillis(200))
                .installedSourceSettings(settings::get)
                .start();
        await().until(() -> !cloudMap.asked().isEmpty());
        assertThat(Threads.ofTheMesh()).containsOnlyOnce("intramesh-cloud-map");

        long begin = System.nanoTime();
        mesh.close();

        // Far less than the ten minutes for which the API may be waited for.
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
        await().untilAsserted(() -> assertThat(Threads.ofTheMesh()).isEmpty());
    }

    @Test
    void oneThreadServesAllNodesAndEndsWithTheMesh() throws Exception {
        callee("a", "v1");
        callee("b", "v2");
        weights(50, 50);
        Mesh mesh = mesh();
        assertThat(answers(client(mesh), 50)).containsExactlyInAnyOrder("a", "b");
        assertThat(Threads.ofTheMesh()).containsExactly("intramesh-cloud-map");

        mesh.close();

        assertThat(Threads.ofTheMesh()).isEmpty();
    }

    @Test
    void switchedOffThereIsANoteAgainThatNamesTheModule() {
        settings.put("discovery.cloud-map.enabled", "false");

        Mesh mesh = mesh();

        assertThat(mesh.state().problems())
                .extracting(Problem::message)
                .anyMatch(note -> note.contains("needs a decision") && note.contains("mesh-discovery-cloudmap"));
    }

    @Test
    void aWrongSettingStopsTheStartAndIsNamed() {
        settings.put("discovery.cloud-map.interval", "often");

        assertThatThrownBy(this::mesh)
                .isInstanceOf(MeshConfigException.class)
                .hasMessageContaining(
                        "intramesh.discovery.cloud-map.interval: 'often' (expected: such as 500ms, 10s or 1m)");
    }

    private void weights(int first, int second) {
        registry.deliver(RawDocument.of("shop.yaml", DOCUMENTS.formatted(first, second)));
    }

    private MockWebServer callee(String answer, String version) throws IOException {
        MockWebServer server = new MockWebServer();
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse.Builder().body(answer).build();
            }
        });
        server.start();
        open.add(server);
        Map<String, String> attributes = new TreeMap<>();
        attributes.put("AWS_INSTANCE_IPV4", "127.0.0.1");
        attributes.put("AWS_INSTANCE_PORT", "" + server.getPort());
        attributes.put("AVAILABILITY_ZONE", FakeCloudMap.REGION + "a");
        attributes.put("version", version);
        cloudMap.register("prod.local", "payments", answer, attributes);
        return server;
    }

    private Mesh mesh() {
        Mesh mesh = Mesh.builder()
                .registry(registry)
                .virtualNode("orders")
                .installedSourceSettings(settings::get)
                .start();
        open.add(mesh);
        return mesh;
    }

    private MeshClient client(Mesh mesh) {
        MeshClient client = MeshClient.create(mesh);
        open.add(client);
        return client;
    }

    private static ExplainRequest request() {
        return ExplainRequest.builder("payments.local").path("/charges").build();
    }

    private static Set<String> answers(MeshClient client, int calls) throws IOException {
        Set<String> answers = new HashSet<>();
        for (int i = 0; i < calls; i++) {
            answers.add(call(client));
        }
        return answers;
    }

    private static String call(MeshClient client) throws IOException {
        Request request =
                new Request.Builder().url("http://payments.local/charges").build();
        try (Response response = client.newCall(request).execute()) {
            return requireNonNull(response.body()).string();
        }
    }
}
