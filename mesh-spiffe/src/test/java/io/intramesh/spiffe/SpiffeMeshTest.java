package io.intramesh.spiffe;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.intramesh.Mesh;
import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.document.RawDocument;
import io.intramesh.okhttp.MeshClient;
import io.intramesh.servlet.MeshFilter;
import io.intramesh.servlet.tomcat.MeshHttp11Protocol;
import io.intramesh.testing.FakeRegistry;
import io.intramesh.testing.tls.TestAuthority;
import io.intramesh.tls.PeerIdentity;
import io.intramesh.tls.TlsSettings;
import io.spiffe.workloadapi.grpc.Workload.X509SVID;
import io.spiffe.workloadapi.grpc.Workload.X509SVIDResponse;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import okhttp3.Request;
import okhttp3.Response;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two meshes, each with an agent of its own, over mutual TLS: orders (trust domain a) calls pay (trust domain b, federated). No
 * file holds a certificate; resources name SDS secrets as App Mesh's walkthroughs do.
 */
@NullMarked
@Timeout(120)
final class SpiffeMeshTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String ORDERS = "spiffe://a.example/shop/orders";
    private static final String PAY = "spiffe://b.example/shop/pay";
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
              backendDefaults:
                clientPolicy:
                  tls:
                    enforce: true
                    certificate: { sds: { secretName: "spiffe://a.example/shop/orders" } }
                    validation:
                      trust: { sds: { secretName: ALL } }
                      subjectAlternativeNames: { match: { exact: [ "spiffe://b.example/shop/pay" ] } }
              backends: [{ virtualService: { virtualServiceName: pay.local } }]
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: pay }
            spec:
              listeners:
                - portMapping: { port: 8443, protocol: http }
                  tls:
                    mode: STRICT
                    certificate: { sds: { secretName: "spiffe://b.example/shop/pay" } }
                    validation:
                      trust: { sds: { secretName: "spiffe://a.example" } }
                      subjectAlternativeNames: { match: { exact: [ "spiffe://a.example/shop/orders" ] } }
              serviceDiscovery: { dns: { hostname: pay.invalid } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: shop, name: pay.local }
            spec: { provider: { virtualNode: { virtualNodeName: pay } } }
            """;

    /** Kept here, since java.util.logging forgets the level of a logger that nobody holds. */
    private static final Logger TOMCAT_LOG = Logger.getLogger("org.apache");

    private final TestAuthority a = TestAuthority.create("a.example");
    private final TestAuthority b = TestAuthority.create("b.example");
    private final List<AutoCloseable> open = new ArrayList<>();
    private final Set<String> serials = ConcurrentHashMap.newKeySet();

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private FakeAgent agentOfOrders;

    @SuppressWarnings("NullAway.Init") // set before each test
    private FakeAgent agentOfPay;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Mesh pay;

    @SuppressWarnings("NullAway.Init") // set before each test
    private MeshClient client;

    @BeforeEach
    void start() throws Exception {
        TOMCAT_LOG.setLevel(Level.OFF);
        agentOfOrders = opened(FakeAgent.at(folder.resolve("a.sock")));
        agentOfPay = opened(FakeAgent.at(folder.resolve("b.sock")));
        agentOfOrders.say(ofOrders(a));
        agentOfPay.say(ofPay(b));
        pay = mesh("pay", agentOfPay, "");
        int port = serve();
        Mesh orders = mesh("orders", agentOfOrders, """
                ---
                apiVersion: intramesh.io/v1
                kind: Endpoints
                metadata: { mesh: shop, name: pay }
                spec: { virtualNode: pay, endpoints: [{ address: 127.0.0.1, port: %d }] }
                """.formatted(port));
        client = opened(MeshClient.create(orders));
    }

    @AfterEach
    void close() throws Exception {
        Collections.reverse(open);
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    /** The identity of orders by that authority; its trust domain federates with b. */
    private X509SVIDResponse ofOrders(TestAuthority issuer) {
        return answer(FakeAgent.svid(a, ORDERS, "", FakeAgent.certificate(issuer, ORDERS)), b);
    }

    private X509SVIDResponse ofPay(TestAuthority issuer) {
        return answer(FakeAgent.svid(b, PAY, "", FakeAgent.certificate(issuer, PAY)), a);
    }

    private static X509SVIDResponse answer(X509SVID own, TestAuthority federated) {
        return FakeAgent.answer(own)
                .putFederatedBundles("spiffe://" + federated.trustDomain(), FakeAgent.der(List.of(federated.root())))
                .build();
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        open.add(closeable);
        return closeable;
    }

    private Mesh mesh(String node, FakeAgent agent, String more) {
        SpiffeSource source =
                opened(SpiffeSource.builder().socket(agent.address()).open());
        // Looks are so rare that whatever changes does so because the agent pushed it.
        TlsSettings tls = TlsSettings.builder()
                .secretSource(source)
                .reloadInterval(Duration.ofHours(1))
                .build();
        return opened(Mesh.builder()
                .registry(FakeRegistry.of(RawDocument.of("shop.yaml", RESOURCES + more)))
                .virtualNode(node)
                .tls(tls)
                .start());
    }

    private int serve() throws Exception {
        Tomcat tomcat = new Tomcat();
        Connector connector = new Connector(MeshHttp11Protocol.of(requireNonNull(pay.serverTls(8443))));
        connector.setPort(0);
        connector.setThrowOnFailure(true);
        connector.setProperty("address", "127.0.0.1");
        Path base = Files.createTempDirectory(folder, "tomcat");
        tomcat.setBaseDir(base.toString());
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", base.toString());
        context.addServletContainerInitializer(
                (classes, servlets) -> {
                    servlets.addFilter("mesh", MeshFilter.of(pay))
                            .addMappingForUrlPatterns(EnumSet.allOf(DispatcherType.class), true, "/*");
                    servlets.addServlet("who", who()).addMapping("/*");
                },
                null);
        tomcat.start();
        open.add(() -> {
            tomcat.stop();
            tomcat.destroy();
        });
        return connector.getLocalPort();
    }

    /** Answers with the caller's SPIFFE ID. */
    private Servlet who() {
        return new HttpServlet() {
            private static final long serialVersionUID = 1L;

            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
                X509Certificate[] chain =
                        (X509Certificate[]) request.getAttribute("jakarta.servlet.request.X509Certificate");
                serials.add(chain[0].getSerialNumber().toString(16));
                response.getWriter().print(PeerIdentity.of(chain[0]).spiffeId());
            }
        };
    }

    private String call() throws IOException {
        Request request = new Request.Builder().url("http://pay.local/").build();
        try (Response response = client.newCall(request).execute()) {
            return response.code() + " " + response.body().string();
        }
    }

    private boolean works() {
        try {
            return call().equals("200 " + ORDERS);
        } catch (IOException e) {
            return false;
        }
    }

    private MeshCallException refusal() {
        return catchThrowableOfType(MeshCallException.class, this::call);
    }

    @Test
    void meshesOfTwoTrustDomainsCallEachOtherByWhatTheirAgentsSay() throws Exception {
        assertThat(call()).isEqualTo("200 " + ORDERS);
    }

    @Test
    void callsGoOnWhileBothAgentsRotate() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger calls = new AtomicInteger();
        List<String> failures = Collections.synchronizedList(new ArrayList<>());
        ExecutorService callers = Executors.newFixedThreadPool(2);
        open.add(callers::shutdownNow);
        List<Future<?>> running = new ArrayList<>();
        for (int caller = 0; caller < 2; caller++) {
            running.add(callers.submit(() -> {
                while (!over.get()) {
                    try {
                        String answer = call();
                        if (!answer.equals("200 " + ORDERS)) {
                            failures.add(answer);
                        }
                    } catch (IOException e) {
                        failures.add(e + ", because of " + e.getCause());
                    }
                    calls.incrementAndGet();
                }
            }));
        }

        int rotations = 10;
        for (int i = 0; i < rotations; i++) {
            int seen = serials.size();
            int made = calls.get();
            agentOfOrders.say(ofOrders(a));
            agentOfPay.say(ofPay(b));
            await().atMost(LIMIT).until(() -> serials.size() > seen && calls.get() > made + 20);
        }
        over.set(true);
        for (Future<?> caller : running) {
            caller.get(20, TimeUnit.SECONDS);
        }

        assertThat(failures).as("of %s calls", calls).isEmpty();
        assertThat(serials).hasSizeGreaterThan(rotations);
    }

    @Test
    void aCalleeWhoseSvidAnotherDomainSignedIsRefused() {
        assertThat(works()).isTrue();

        // Named spiffe://b.example/shop/pay, and vouched for by a, whom orders knows, too.
        agentOfPay.say(ofPay(a));

        await().atMost(LIMIT).until(() -> !pay.tls().isEmpty() && !works());
        MeshCallException refused = refusal();
        assertThat(refused.reason()).isEqualTo(Reason.PEER_UNTRUSTED);
        assertThat(refused.mayHaveReachedPeer()).isFalse();
    }

    @Test
    void aCallerWhoseSvidAnotherDomainSignedIsRefused() {
        assertThat(works()).isTrue();

        agentOfOrders.say(ofOrders(b));
        await().atMost(LIMIT).until(() -> !works());
        assertThat(serials).hasSize(1);

        agentOfOrders.say(ofOrders(a));
        await().atMost(LIMIT).until(this::works);
    }

    @Test
    void aFederationThatIsEndedEndsCallsOnOpenConnectionsToo() {
        assertThat(works()).isTrue();

        agentOfPay.say(FakeAgent.answer(FakeAgent.svid(b, PAY, "")).build());

        await().atMost(LIMIT).until(() -> !works());
        agentOfPay.say(ofPay(b));
        await().atMost(LIMIT).until(this::works);
    }

    @Test
    void whoIsStruckOffTheRegisterCallsNobody() {
        assertThat(works()).isTrue();

        agentOfOrders.deny();

        await().atMost(LIMIT).until(() -> !works());
        MeshCallException refused = refusal();
        assertThat(refused.reason()).isEqualTo(Reason.PEER_UNTRUSTED);
        assertThat(refused).hasMessageContaining("PERMISSION_DENIED").hasMessageContaining("register it");
    }

    @Test
    void callsOutliveTheAgentsAndTakeWhatTheySayWhenTheyAreBack() throws Exception {
        assertThat(works()).isTrue();

        agentOfOrders.stop();
        agentOfPay.stop();
        assertThat(works()).isTrue();

        agentOfOrders.start();
        agentOfPay.start();
        agentOfOrders.say(ofOrders(a));
        await().atMost(LIMIT).until(() -> works() && serials.size() == 2);
    }
}
