package io.intramesh.servlet;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.intramesh.AccessEvent;
import io.intramesh.Mesh;
import io.intramesh.MeshListener;
import io.intramesh.Reason;
import io.intramesh.document.RawDocument;
import io.intramesh.testing.FakeRegistry;
import io.intramesh.testing.tls.Flaw;
import io.intramesh.testing.tls.PemFiles;
import io.intramesh.testing.tls.TestAuthority;
import io.intramesh.testing.tls.TestCertificate;
import io.intramesh.tls.PeerIdentity;
import io.intramesh.tls.ServerTls;
import io.intramesh.tls.TlsSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** A whole mesh in front of an application: certificates from files, by each library that does TLS. */
@Timeout(120)
abstract class ZeroTrustContract {
    private final TestAuthority authority = TestAuthority.create("shop.local");
    private final TestCertificate storefront = authority.node("shop", "storefront");
    private final FakeRegistry registry = FakeRegistry.create();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<OkHttpClient> clients = new ArrayList<>();

    @TempDir(cleanup = CleanupMode.ALWAYS)
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path folder;

    private String mode = "STRICT";
    private @Nullable PemFiles files;
    private @Nullable Mesh mesh;
    private @Nullable Container container;

    abstract Container container(Path folder, ServerTls tls);

    @AfterEach
    void stop() throws Exception {
        threads.shutdownNow();
        for (OkHttpClient client : clients) {
            client.connectionPool().evictAll();
            client.dispatcher().executorService().shutdown();
        }
        if (container != null) {
            container.stop();
        }
        if (mesh != null) {
            mesh.close();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TlsSettings.Provider.class,
            names = {"OPENSSL", "JSSE"})
    void onlyWhoIsTrustedAndNamedGetsIn(TlsSettings.Provider provider) throws Exception {
        start(provider);

        for (Protocol protocol : List.of(Protocol.HTTP_1_1, Protocol.HTTP_2)) {
            assertThat(get(client(storefront, protocol))).isEqualTo("200 spiffe://shop.local/shop/storefront");
        }
        OkHttpClient unnamed = client(authority.node("shop", "reports"), Protocol.HTTP_2);
        assertThatThrownBy(() -> get(unnamed), "trusted, but not named").isInstanceOf(IOException.class);
        for (Flaw flaw : Flaw.values()) {
            // The next test is about what is revoked.
            if (!flaw.isFineFor(Flaw.Side.CLIENT) && flaw != Flaw.REVOKED) {
                OkHttpClient attacker = client(authority.flawed(flaw, "shop", "storefront"), Protocol.HTTP_1_1);
                assertThatThrownBy(() -> get(attacker), flaw.name()).isInstanceOf(IOException.class);
            }
        }
        assertThat(get(client(storefront, Protocol.HTTP_2))).startsWith("200");
    }

    @ParameterizedTest
    @EnumSource(
            value = TlsSettings.Provider.class,
            names = {"OPENSSL", "JSSE"})
    void whoIsRevokedIsRefusedOnAnOpenConnectionToo(TlsSettings.Provider provider) throws Exception {
        start(provider);
        OkHttpClient http1 = client(storefront, Protocol.HTTP_1_1);
        OkHttpClient http2 = client(storefront, Protocol.HTTP_2);
        assertThat(get(http1)).startsWith("200");
        assertThat(get(http2)).startsWith("200");
        AtomicInteger refused = new AtomicInteger();

        authority.revoke(storefront);
        authority.write(folder, authority.node("shop", "orders"));

        for (OkHttpClient client : List.of(http1, http2)) {
            await().until(() -> {
                try {
                    String answer = get(client);
                    if (answer.startsWith("403 PEER_UNTRUSTED")) {
                        refused.incrementAndGet();
                        return true;
                    }
                    return false;
                } catch (IOException noHandshakeAnyMore) {
                    return true;
                }
            });
            assertThatThrownBy(() -> get(client(storefront, Protocol.HTTP_1_1))).isInstanceOf(IOException.class);
        }
        assertThat(refused).as("on the connections that were open").hasValue(2);
    }

    @ParameterizedTest
    @EnumSource(
            value = TlsSettings.Provider.class,
            names = {"OPENSSL", "JSSE"})
    void rotationLosesNoRequest(TlsSettings.Provider provider) throws Exception {
        start(provider);
        Set<BigInteger> shown = ConcurrentHashMap.newKeySet();
        AtomicBoolean isOver = new AtomicBoolean();
        List<Callable<Integer>> callers = new ArrayList<>();
        for (Protocol protocol : List.of(Protocol.HTTP_1_1, Protocol.HTTP_2)) {
            for (int i = 0; i < 2; i++) {
                OkHttpClient client = client(storefront, protocol);
                callers.add(() -> {
                    int calls = 0;
                    while (!isOver.get()) {
                        try (Response response = client.newCall(request()).execute()) {
                            assertThat(response.code()).isEqualTo(200);
                            response.body().string();
                            X509Certificate server = (X509Certificate) requireNonNull(response.handshake())
                                    .peerCertificates()
                                    .get(0);
                            shown.add(server.getSerialNumber());
                        }
                        calls++;
                    }
                    return calls;
                });
            }
        }
        List<Future<Integer>> calling = new ArrayList<>();
        callers.forEach(caller -> calling.add(threads.submit(caller)));

        for (int i = 0; i < 4; i++) {
            TestCertificate renewed = authority.node("shop", "orders");
            authority.write(folder, renewed);
            await().until(() -> shown.contains(renewed.certificate().getSerialNumber()));
        }
        isOver.set(true);

        for (Future<Integer> caller : calling) {
            assertThat(caller.get()).isPositive();
        }
    }

    @Test
    void anOpenPlaintextConnectionIsRefusedOnceTheListenerTakesTlsOnly() throws Exception {
        mode = "PERMISSIVE";
        start(TlsSettings.Provider.AUTO);
        byte[] request = "GET / HTTP/1.1\r\nHost: orders\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), requireNonNull(container).port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request);
            BufferedReader answers =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            assertThat(answers.readLine()).startsWith("HTTP/1.1 200");
            long revision = requireNonNull(mesh).state().revision();

            mode = "STRICT";
            List<AccessEvent> denied = new CopyOnWriteArrayList<>();
            AutoCloseable listening = requireNonNull(mesh).addListener(new MeshListener() {
                @Override
                public void accessDenied(AccessEvent event) {
                    denied.add(event);
                }
            });
            declare();
            await().until(() -> requireNonNull(mesh).state().revision() > revision);
            socket.getOutputStream().write(request);

            // What is left of the first answer, then the refusal, then the end.
            assertThat(answers.lines().toList())
                    .anyMatch(line -> line.contains("HTTP/1.1 403"))
                    .anyMatch("x-mesh-refusal: PEER_UNTRUSTED"::equalsIgnoreCase)
                    .anyMatch("Connection: close"::equalsIgnoreCase);
            listening.close();
            assertThat(denied)
                    .singleElement()
                    .satisfies(event -> assertThat(event.reason()).isEqualTo(Reason.PEER_UNTRUSTED));
        }
    }

    private void start(TlsSettings.Provider provider) throws Exception {
        // Attackers are refused on purpose.
        ((Logger) LoggerFactory.getLogger("io.intramesh.internal.pipeline.InboundTlsStage")).setLevel(Level.ERROR);
        files = authority.write(folder, authority.node("shop", "orders"));
        declare();
        Mesh started = Mesh.builder()
                .registry(registry)
                .virtualNode("orders")
                .tls(TlsSettings.builder()
                        .provider(provider)
                        .reloadInterval(Duration.ofMillis(20))
                        .build())
                .start();
        mesh = started;
        TestApplication app = new TestApplication(List.of(MeshFilter.of(started)));
        app.on("/", (request, response) -> {
            Object chain = request.getAttribute("jakarta.servlet.request.X509Certificate");
            response.getWriter()
                    .write(
                            chain instanceof X509Certificate[] certificates
                                    ? String.valueOf(PeerIdentity.of(List.of(certificates))
                                            .spiffeId())
                                    : "nobody");
        });
        Container served = container(folder, started.serverTls(8443));
        container = served;
        served.start(app, "/error");
    }

    private void declare() {
        PemFiles written = requireNonNull(files);
        registry.deliver(
                RawDocument.of("shop.yaml", """
                apiVersion: intramesh.io/v1
                kind: Mesh
                metadata: { name: shop }
                spec: {}
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: orders }
                spec:
                  listeners:
                    - portMapping: { port: 8443, protocol: http }
                      tls:
                        mode: %s
                        certificate: { file: { certificateChain: %s, privateKey: %s } }
                        validation:
                          trust: { file: { certificateChain: %s } }
                          subjectAlternativeNames: { match: { exact: ["spiffe://shop.local/shop/storefront"] } }
                  serviceDiscovery: { dns: { hostname: orders.local } }
                """.formatted(mode, written.chain(), written.key(), written.trust())));
    }

    private OkHttpClient client(TestCertificate certificate, Protocol protocol) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authority.trustStore());
        OkHttpClient client = new OkHttpClient.Builder()
                .sslSocketFactory(certificate.jdkContext(authority).getSocketFactory(), (X509TrustManager)
                        trust.getTrustManagers()[0])
                .hostnameVerifier((host, session) -> true)
                .protocols(
                        protocol == Protocol.HTTP_2 ? List.of(Protocol.HTTP_2, Protocol.HTTP_1_1) : List.of(protocol))
                .connectionPool(new ConnectionPool())
                .retryOnConnectionFailure(false)
                .callTimeout(Duration.ofSeconds(20))
                .build();
        clients.add(client);
        return client;
    }

    private Request request() {
        return new Request.Builder()
                .url("https://localhost:" + requireNonNull(container).port() + "/")
                .build();
    }

    /** Returns the status, and who the application sees, or why it was refused. */
    private String get(OkHttpClient client) throws IOException {
        try (Response response = client.newCall(request()).execute()) {
            String refusal = response.header("x-mesh-refusal");
            return response.code() + " " + (refusal == null ? response.body().string() : refusal);
        }
    }
}
