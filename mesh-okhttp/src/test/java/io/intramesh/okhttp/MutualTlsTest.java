package io.intramesh.okhttp;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.intramesh.Mesh;
import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.document.RawDocument;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.internal.issue.IssuedCertificate;
import io.intramesh.testing.FakeRegistry;
import io.intramesh.tls.TlsSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Calls over mutual TLS through a whole mesh: documents, certificates in files, real sockets. Virtual node orders calls pay.local
 * and ship.local, which are the nodes pay and ship.
 */
@NullMarked
class MutualTlsTest {
    private static final String URL = "http://pay.local/charges";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String STRICT =
            "tls: { mode: STRICT, certificate: { file: { certificateChain: /there.pem, privateKey: /there.key } } }";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private final Certificates ours = new Certificates("ours");
    private final FakeRegistry registry = FakeRegistry.create();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final IssuedCertificate pay = ours.of("pay.invalid");

    @BeforeEach
    void ownFiles() throws IOException {
        Certificates.write(folder, "orders", ours.ofSpiffe("spiffe://shop.local/shop/orders"));
        ours.writeTrust(folder.resolve("ca.pem"));
    }

    @AfterEach
    void close() throws Exception {
        Collections.reverse(open);
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http, http, false",
        "http, http2, false",
        "http, grpc, true",
        "https, http, true",
        "https, http2, false",
        "http, http, true"
    })
    void bothSidesProveWhoTheyAre(String scheme, String protocol, boolean isAsync) throws Exception {
        MockWebServer server = server(ours.context(pay), protocol);
        MeshClient client = client(policy("orders", ""), protocol, STRICT, server);

        Request request = request(URL.replace("http:", scheme + ":"), protocol);
        String answer = isAsync
                ? MeshFixture.Outcome.of(client.newCall(request)).answer()
                : MeshFixture.answer(client.newCall(request));

        assertThat(answer).isEqualTo("200 by TLS");
        RecordedRequest seen = MeshFixture.taken(server);
        assertThat(requireNonNull(seen.getHandshake()).peerCertificates().get(0).toString())
                .contains("spiffe://shop.local/shop/orders");
        assertThat(seen.getVersion()).isEqualTo(protocol.equals("http") ? "HTTP/1.1" : "HTTP/2");
        assertThat(seen.getUrl().host()).isEqualTo("pay.local");
        assertThat(seen.getHandshakeServerNames()).containsExactly("pay.invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "http2"})
    void whoIsNotNamedByTheClientPolicyGetsNoRequest(String protocol) throws Exception {
        MockWebServer server = server(ours.context(pay), protocol);
        MeshClient client = client(policy("orders", "spiffe://shop.local/shop/pay"), protocol, STRICT, server);

        MeshCallException refusal = refusal(client, request(URL, protocol));

        assertThat(refusal.reason()).isEqualTo(Reason.PEER_UNTRUSTED);
        assertThat(refusal.mayHaveReachedPeer()).isFalse();
        assertThat(refusal)
                .hasMessageContaining("its certificate is not trusted")
                .hasMessageContaining("subjectAlternativeNames of the client policy");
        assertThat(server.getRequestCount()).isZero();
    }

    @Test
    void oneOfTheListedNamesIsEnoughAndTheDiscoveryNameIsNotAskedFor() throws Exception {
        MockWebServer server = server(ours.context(ours.ofSpiffe("spiffe://shop.local/shop/pay")), "http");
        MeshClient client = client(
                policy("orders", "spiffe://shop.local/shop/other, spiffe://shop.local/shop/pay"),
                "http",
                STRICT,
                server);

        assertThat(MeshFixture.answer(client.newCall(MeshFixture.get(URL)))).isEqualTo("200 by TLS");
    }

    @Test
    void anAuthorityThatThePolicyDoesNotNameVouchesForNobody() throws Exception {
        Certificates others = new Certificates("others");
        MockWebServer server = server(others.context(others.of("pay.invalid")), "http");
        MeshClient client = client(policy("orders", ""), "http", STRICT, server);

        assertThat(refusal(client, MeshFixture.get(URL)).reason()).isEqualTo(Reason.PEER_UNTRUSTED);
        assertThat(server.getRequestCount()).isZero();
    }

    @Test
    void anUntrustedEndpointIsPassedOverForOneThatIsTrusted() throws Exception {
        Certificates others = new Certificates("others");
        MockWebServer stranger = server(others.context(others.of("pay.invalid")), "http");
        MockWebServer good = server(ours.context(pay), "http");
        MeshClient client = client(policy("orders", ""), "http", STRICT, stranger, good);

        for (int i = 0; i < 4; i++) {
            assertThat(MeshFixture.answer(client.newCall(
                            MeshFixture.post("x").newBuilder().url(URL).build())))
                    .isEqualTo("200 by TLS");
        }
        assertThat(stranger.getRequestCount()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {STRICT, ""})
    void nothingLeavesInPlaintextWhateverListensThere(String listener) throws Exception {
        MockWebServer plaintext = server(null, "http");
        MeshClient client = client(policy("orders", ""), "http", listener, plaintext);

        for (int i = 0; i < 3; i++) {
            // It may close the connection before it has said anything that is no TLS.
            assertThat(refusal(client, MeshFixture.get(URL)).reason())
                    .isIn(Reason.PEER_UNTRUSTED, Reason.CONNECTION_FAILED);
        }
        assertThat(MeshFixture.requests(plaintext)).isEmpty();
    }

    @Test
    void withoutItsFilesTheMeshStartsAndRefusesUntilTheyAreThere() throws Exception {
        Files.delete(folder.resolve("ca.pem"));
        MockWebServer server = server(ours.context(pay), "http");
        MeshClient client = client(policy("orders", ""), "http", STRICT, server);

        assertThat(refusal(client, MeshFixture.get(URL)))
                .hasMessageContaining("must be called by TLS, and there is nothing valid to do it with")
                .hasMessageContaining("ca.pem");

        ours.writeTrust(folder.resolve("ca.pem"));
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(MeshFixture.answer(client.newCall(MeshFixture.get(URL))))
                        .isEqualTo("200 by TLS"));
    }

    @Test
    void aRenewedCertificateIsShownOnANewConnection() throws Exception {
        MockWebServer server = server(ours.context(pay), "http");
        MeshClient client = client(policy("orders", ""), "http", STRICT, server);
        MeshFixture.answer(client.newCall(MeshFixture.get(URL)));
        MeshFixture.answer(client.newCall(MeshFixture.get(URL)));
        RecordedRequest first = MeshFixture.taken(server);
        assertThat(MeshFixture.taken(server).getConnectionIndex()).isEqualTo(first.getConnectionIndex());

        IssuedCertificate renewed = ours.ofSpiffe("spiffe://shop.local/shop/orders");
        Certificates.write(folder, "orders", renewed);

        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(MeshFixture.answer(client.newCall(MeshFixture.get(URL)))).isEqualTo("200 by TLS");
            RecordedRequest next = MeshFixture.taken(server);
            assertThat(requireNonNull(next.getHandshake()).peerCertificates().get(0))
                    .isEqualTo(renewed.certificate());
            assertThat(next.getConnectionIndex()).isNotEqualTo(first.getConnectionIndex());
        });
    }

    /** Far more often than anybody would, while two threads call: whatever was renewed when, each call finds something that fits. */
    @ParameterizedTest
    @ValueSource(strings = {"http", "http2"})
    void renewalsOfCertificateAndTrustCostNoCall(String protocol) throws Exception {
        MockWebServer server = server(ours.context(pay), protocol);
        MeshClient client = client(policy("orders", ""), protocol, STRICT, server);
        MeshFixture.answer(client.newCall(MeshFixture.get(URL)));
        Set<Object> shown = ConcurrentHashMap.newKeySet();
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Thread caller = new Thread(() -> {
                while (!stop.get()) {
                    try {
                        MeshFixture.answer(client.newCall(
                                MeshFixture.post("x").newBuilder().url(URL).build()));
                        RecordedRequest seen = server.takeRequest(20, TimeUnit.SECONDS);
                        shown.add(requireNonNull(requireNonNull(seen).getHandshake())
                                .peerCertificates()
                                .get(0));
                    } catch (IOException | InterruptedException | RuntimeException e) {
                        failures.add(e);
                    }
                }
            });
            callers.add(caller);
            caller.start();
        }

        for (int renewals = 0; renewals < 10; renewals++) {
            int before = shown.size();
            Certificates.write(folder, "orders", ours.ofSpiffe("spiffe://shop.local/shop/orders"));
            ours.writeTrust(folder.resolve("ca.pem"));
            await().atMost(PATIENCE).until(() -> shown.size() > before || !failures.isEmpty());
        }
        stop.set(true);
        for (Thread caller : callers) {
            caller.join();
        }

        assertThat(failures).isEmpty();
        assertThat(shown).hasSizeGreaterThan(9);
    }

    @Test
    void eachBackendIsCalledWithTheIdentityAndTrustOfItsOwnPolicy() throws Exception {
        Certificates theirs = new Certificates("theirs");
        Certificates.write(folder, "guest", theirs.of("guest"));
        theirs.writeTrust(folder.resolve("theirs.pem"));
        MockWebServer paying = server(ours.context(pay), "http");
        MockWebServer shipping = server(theirs.context(theirs.of("ship.invalid")), "http2");
        String backends = """
                  backendDefaults: { clientPolicy: %s }
                  backends:
                    - { virtualService: { virtualServiceName: pay.local } }
                    - { virtualService: { virtualServiceName: ship.local, clientPolicy: %s } }
                """.formatted(clientPolicy("orders", "ca", ""), clientPolicy("guest", "theirs", ""));
        registry.deliver(List.of(
                document("mesh", MESH + node("orders", backends)),
                document("pay", callee("pay", "http", STRICT, paying)),
                document("ship", callee("ship", "http2", STRICT, shipping))));
        MeshClient client = client(mesh());

        for (int i = 0; i < 2; i++) {
            assertThat(MeshFixture.answer(client.newCall(MeshFixture.get(URL)))).isEqualTo("200 by TLS");
            assertThat(MeshFixture.answer(client.newCall(MeshFixture.get("http://ship.local/parcels"))))
                    .isEqualTo("200 by TLS");
            assertThat(issuer(MeshFixture.taken(paying))).contains("ours");
            assertThat(issuer(MeshFixture.taken(shipping))).contains("theirs");
        }
    }

    @Test
    void aServerThatDoesNotTakeOurCertificateIsToldApartFromADeadOne() throws Exception {
        Certificates theirs = new Certificates("theirs");
        Certificates.write(folder, "orders", theirs.of("orders"));
        MockWebServer server = server(ours.context(pay), "http");
        MeshClient client = client(policy("orders", ""), "http", STRICT, server);

        MeshCallException refusal =
                refusal(client, MeshFixture.post("x").newBuilder().url(URL).build());

        assertThat(refusal.reason()).isEqualTo(Reason.PEER_UNTRUSTED);
        assertThat(refusal)
                .hasMessageContaining("it refused this node's certificate")
                .hasMessageContaining("trust and subjectAlternativeNames of the listener's validation");
        assertThat(server.getRequestCount()).isZero();
    }

    @Test
    void redirectsAndUrlsThatTheApplicationBuildsAreHeldToBackendsAndTls() throws Exception {
        MockWebServer plaintext = server(null, "http");
        String elsewhere = "http://127.0.0.1:" + plaintext.getPort() + "/";
        MockWebServer server = server(ours.context(pay), "http", request -> switch (request.getTarget()) {
            case "/out" -> MeshFixture.redirect(302, elsewhere);
            case "/undeclared" -> MeshFixture.redirect(307, "http://ship.local/");
            case "/https" -> MeshFixture.redirect(308, "https://pay.local/charges");
            case "/user" -> MeshFixture.redirect(302, "http://pay.local@127.0.0.1:" + plaintext.getPort() + "/");
            default -> MeshFixture.ok("by TLS");
        });
        registry.deliver(List.of(
                document("mesh", MESH + node("orders", policy("orders", "") + PAY_ONLY)),
                document("pay", callee("pay", "http", STRICT, server)),
                document("ship", callee("ship", "http", "", plaintext))));
        MeshClient client = client(mesh());

        assertThat(MeshFixture.answer(client.newCall(MeshFixture.get("http://pay.local/https"))))
                .isEqualTo("200 by TLS");
        for (String url : List.of(
                "http://pay.local/out",
                "http://pay.local/undeclared",
                "http://pay.local/user",
                elsewhere,
                "https://127.0.0.1:" + server.getPort() + "/",
                "http://ship.local/",
                "https://ship.local/",
                "http://pay.local.evil.example/",
                "http://pay.local@127.0.0.1:" + plaintext.getPort() + "/")) {
            assertThat(refusal(client, MeshFixture.get(url)).reason()).as(url).isEqualTo(Reason.EGRESS_DENIED);
        }
        // Other spellings of the same name are the same service, and called as it is.
        for (String url : List.of("http://PAY.local/", "http://pay.local./", "http://pay%2Elocal/")) {
            assertThat(MeshFixture.answer(client.newCall(MeshFixture.get(url))))
                    .as(url)
                    .isEqualTo("200 by TLS");
        }
        assertThat(MeshFixture.requests(plaintext)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "http2"})
    void aHedgeGoesOutEncryptedTooAndWins(String protocol) throws Exception {
        MockWebServer good = server(ours.context(pay), protocol, request -> MeshFixture.ok("good"));
        MockWebServer hanging = server(
                ours.context(pay),
                protocol,
                request -> MeshFixture.ok("late")
                        .newBuilder()
                        .headersDelay(1, TimeUnit.MINUTES)
                        .build());
        List<RawDocument> documents =
                new ArrayList<>(documents(policy("orders", "") + PAY_ONLY, protocol, STRICT, good, hanging));
        documents.add(document("hedge", """
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: hedge }
                spec: { targetRef: { kind: VirtualService, name: pay.local }, hedge: { delay: 30ms } }
                """));
        registry.deliver(documents);
        MeshClient client = client(mesh());

        for (int i = 0; i < 6; i++) {
            assertThat(MeshFixture.answer(client.newCall(MeshFixture.get(URL)))).isEqualTo("200 good");
        }

        for (MockWebServer server : List.of(good, hanging)) {
            RecordedRequest request = MeshFixture.taken(server);
            assertThat(requireNonNull(request.getHandshake())
                            .peerCertificates()
                            .get(0)
                            .toString())
                    .contains("spiffe://shop.local/shop/orders");
        }
    }

    @Test
    void aCopyGoesOutEncryptedToo() throws Exception {
        MockWebServer server = server(ours.context(pay), "http");
        MockWebServer shadow = server(ours.context(ours.of("ship.invalid")), "http");
        registry.deliver(List.of(
                document("mesh", MESH + node("orders", policy("orders", "") + PAY_ONLY)),
                document("pay", callee("pay", "http", STRICT, server)),
                document("ship", callee("ship", "http", STRICT, shadow)),
                document("mirror", """
                        apiVersion: intramesh.io/v1
                        kind: TrafficPolicy
                        metadata: { mesh: shop, name: copies }
                        spec: { targetRef: { kind: VirtualService, name: pay.local }, mirror: { virtualNode: ship, percent: 100 } }
                        """)));
        MeshClient client = client(mesh());

        assertThat(MeshFixture.answer(client.newCall(MeshFixture.get(URL)))).isEqualTo("200 by TLS");

        RecordedRequest copy = MeshFixture.taken(shadow);
        assertThat(copy.getHandshake()).isNotNull();
        assertThat(copy.getUrl().host()).isEqualTo("pay.local-shadow");
    }

    @Test
    void healthChecksGoTheSameWay() throws Exception {
        MockWebServer server = server(ours.context(pay), "http");
        String check =
                STRICT + ", healthCheck: { protocol: http, path: /up, healthyThreshold: 2, unhealthyThreshold: 2,"
                        + " intervalMillis: 5000, timeoutMillis: 30000 }";
        MeshClient client = client(policy("orders", ""), "http", check, server);

        assertThat(MeshFixture.answer(client.newCall(MeshFixture.get(URL)))).isEqualTo("200 by TLS");

        RecordedRequest probe = MeshFixture.taken(server);
        assertThat(probe.getTarget()).isEqualTo("/up");
        assertThat(requireNonNull(probe.getHandshake()).peerCertificates()).isNotEmpty();
    }

    @Test
    void whatIsInForceIsExplained() throws Exception {
        MockWebServer server = server(ours.context(pay), "http");
        registry.deliver(documents(policy("orders", "") + PAY_ONLY, "http", STRICT, server));
        Mesh mesh = mesh();

        Explanation explanation = mesh.explain(ExplainRequest.builder("pay.local")
                .method("GET")
                .scheme("http")
                .path("/")
                .build());

        assertThat(explanation.settings())
                .anySatisfy(setting -> {
                    assertThat(setting.name()).isEqualTo("tls");
                    assertThat(setting.value())
                            .startsWith("TLS; own certificate: file " + folder)
                            .contains("name expected: pay.invalid");
                    assertThat(setting.source()).startsWith("virtualNode 'orders' backendDefaults.clientPolicy");
                })
                .anySatisfy(setting -> {
                    assertThat(setting.name()).isEqualTo("tls in force");
                    assertThat(setting.value()).startsWith("until ");
                });
    }

    // ---- documents

    private static final String PAY_ONLY = "  backends: [{ virtualService: { virtualServiceName: pay.local } }]\n";

    private static final String MESH = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: shop }
            spec: {}
            ---
            """;

    private static String node(String name, String members) {
        return """
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: %s }
                spec:
                %s
                """.formatted(name, members);
    }

    private String policy(String certificate, String names) {
        return "  backendDefaults: { clientPolicy: " + clientPolicy(certificate, "ca", names) + " }\n";
    }

    private String clientPolicy(String certificate, String trust, String names) {
        return "{ tls: { certificate: { file: { certificateChain: %s, privateKey: %s } }, validation: {"
                        .formatted(folder.resolve(certificate + ".pem"), folder.resolve(certificate + ".key"))
                + " trust: { file: { certificateChain: " + folder.resolve(trust + ".pem") + " } }"
                + (names.isEmpty() ? "" : ", subjectAlternativeNames: { match: { exact: [ " + names + " ] } }")
                + " } } }";
    }

    private static String callee(String name, String protocol, String listenerParts, MockWebServer... servers) {
        StringBuilder endpoints = new StringBuilder();
        for (MockWebServer server : servers) {
            endpoints
                    .append("{ address: 127.0.0.1, port: ")
                    .append(server.getPort())
                    .append(" }, ");
        }
        return """
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: %1$s }
                spec:
                  listeners:
                    - { portMapping: { port: 80, protocol: %2$s } %3$s }
                  serviceDiscovery: { dns: { hostname: %1$s.invalid } }
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualService
                metadata: { mesh: shop, name: %1$s.local }
                spec: { provider: { virtualNode: { virtualNodeName: %1$s } } }
                ---
                apiVersion: intramesh.io/v1
                kind: Endpoints
                metadata: { mesh: shop, name: %1$s }
                spec: { virtualNode: %1$s, endpoints: [ %4$s ] }
                """.formatted(name, protocol, listenerParts.isEmpty() ? "" : ", " + listenerParts, endpoints);
    }

    private static RawDocument document(String name, String text) {
        return RawDocument.of(name + ".yaml", text);
    }

    private static List<RawDocument> documents(
            String caller, String protocol, String listener, MockWebServer... servers) {
        return List.of(
                document("mesh", MESH + node("orders", caller)),
                document("pay", callee("pay", protocol, listener, servers)));
    }

    // ---- parts

    private MeshClient client(String policy, String protocol, String listener, MockWebServer... servers) {
        registry.deliver(documents(policy + PAY_ONLY, protocol, listener, servers));
        return client(mesh());
    }

    private MeshClient client(Mesh mesh) {
        MeshClient client = MeshClient.builder(mesh)
                .okHttp(new OkHttpClient.Builder().callTimeout(20, TimeUnit.SECONDS))
                .build();
        open.add(client);
        return client;
    }

    private Mesh mesh() {
        Mesh mesh = Mesh.builder()
                .registry(registry)
                .virtualNode("orders")
                .tls(TlsSettings.builder().reloadInterval(Duration.ofMillis(50)).build())
                .start();
        open.add(mesh);
        return mesh;
    }

    private MockWebServer server(@Nullable SSLContext tls, String protocol) throws IOException {
        return server(tls, protocol, request -> MeshFixture.ok("by TLS"));
    }

    private MockWebServer server(@Nullable SSLContext tls, String protocol, Answers answers) throws IOException {
        MockWebServer server = new MockWebServer();
        if (tls != null) {
            server.useHttps(tls.getSocketFactory());
            server.requireClientAuth();
        }
        server.setProtocols(
                protocol.equals("http") ? List.of(Protocol.HTTP_1_1) : List.of(Protocol.HTTP_2, Protocol.HTTP_1_1));
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return answers.to(request);
            }
        });
        server.start();
        open.add(server);
        return server;
    }

    private interface Answers {
        MockResponse to(RecordedRequest request);
    }

    private static Request request(String url, String protocol) {
        Request get = MeshFixture.get(url);
        return protocol.equals("grpc")
                ? MeshFixture.post("x")
                        .newBuilder()
                        .url(url)
                        .header("Content-Type", "application/grpc")
                        .build()
                : get;
    }

    private static MeshCallException refusal(MeshClient client, Request request) {
        MeshCallException[] thrown = new MeshCallException[1];
        assertThatThrownBy(() -> MeshFixture.answer(client.newCall(request)))
                .isInstanceOfSatisfying(MeshCallException.class, refusal -> thrown[0] = refusal);
        return requireNonNull(thrown[0]);
    }

    private static String issuer(RecordedRequest seen) {
        return seen.getHandshake() == null
                ? "none"
                : ((java.security.cert.X509Certificate)
                                seen.getHandshake().peerCertificates().get(0))
                        .getIssuerX500Principal()
                        .getName();
    }
}
