package io.intramesh.okhttp;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.call.Endpoint;
import io.intramesh.call.HealthProber.Outcome.Kind;
import io.intramesh.internal.issue.IssuedCertificate;
import io.intramesh.model.HealthCheck;
import io.intramesh.model.Protocol;
import io.intramesh.tls.ClientTls;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.ConnectionPool;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attempts that are to be encrypted, over real sockets; what they are encrypted with is the test's. */
@NullMarked
class TlsTest extends MeshFixture {
    private static final String HTTPS_URL = URL.replace("http:", "https:");

    private final Certificates ours = new Certificates("ours");
    private final IssuedCertificate me = ours.of("orders");
    private final IssuedCertificate payments = ours.of("payments");

    @ParameterizedTest
    @CsvSource({"http, HTTP", "http, HTTP2", "https, HTTP", "https, HTTP2"})
    void anAttemptIsEncryptedAndLooksToBothSidesAsTheApplicationWroteIt(String scheme, Protocol protocol)
            throws Exception {
        MockWebServer server = secured(protocol, true, ok("encrypted"));
        mesh.tls = ours.security(me, "payments");
        List<HttpUrl> cookiesOf = new CopyOnWriteArrayList<>();
        List<HttpUrl> onTheWire = new CopyOnWriteArrayList<>();
        OkHttpClient.Builder okHttp = new OkHttpClient.Builder()
                .cookieJar(jar(cookiesOf))
                .addNetworkInterceptor(chain -> {
                    onTheWire.add(chain.request().url());
                    return chain.proceed(chain.request());
                });

        HttpUrl url = HttpUrl.get(URL).newBuilder().scheme(scheme).build();
        try (Response response =
                client(okHttp).newCall(new Request.Builder().url(url).build()).execute()) {
            assertThat(response.body().string()).isEqualTo("encrypted");
            assertThat(response.request().url()).isEqualTo(url);
            assertThat(response.handshake() != null).isEqualTo(scheme.equals("https"));
        }

        RecordedRequest seen = taken(server);
        assertThat(seen.getTarget()).isEqualTo("/charges?id=7");
        if (protocol == Protocol.HTTP) {
            assertThat(seen.getHeaders().values("Host")).containsExactly("payments.shop.local");
        }
        assertThat(seen.getUrl().host()).isEqualTo("payments.shop.local");
        assertThat(requireNonNull(seen.getHandshake()).peerCertificates()).contains(me.certificate());
        assertThat(seen.getVersion()).isEqualTo(protocol == Protocol.HTTP ? "HTTP/1.1" : "HTTP/2");
        assertThat(cookiesOf).containsOnly(url);
        // HTTP/2 says it; HTTP/1.1 does not, and need not be told.
        assertThat(onTheWire).extracting(HttpUrl::isHttps).containsExactly(protocol == Protocol.HTTP2 || url.isHttps());
    }

    @Test
    void aSecondCallTakesTheConnectionOfTheFirst() throws Exception {
        MockWebServer server = secured(Protocol.HTTP, true, ok("1"), ok("2"), ok("3"));
        mesh.tls = ours.security(me, "payments");
        MeshClient client = client();

        answer(client.newCall(get()));
        answer(client.newCall(get()));
        mesh.idle = Duration.ofSeconds(30);
        answer(client.newCall(get()));

        assertThat(List.of(taken(server), taken(server), taken(server)))
                .extracting(RecordedRequest::getConnectionIndex)
                .containsExactly(0, 0, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {URL, "https://payments.shop.local/charges"})
    void whatWasMadeUnderOneSecurityServesNoOther(String url) throws Exception {
        IssuedCertificate renewed = ours.of("orders");
        MockWebServer server = secured(Protocol.HTTP, true, ok("1"), ok("2"), ok("3"));
        MeshClient client = client();
        ClientTls first = ours.security(me, "payments");

        mesh.tls = first;
        answer(client.newCall(get(url)));
        mesh.tls = ours.security(renewed, "payments");
        answer(client.newCall(get(url)));
        mesh.tls = first;
        answer(client.newCall(get(url)));

        List<RecordedRequest> seen = List.of(taken(server), taken(server), taken(server));
        assertThat(seen).extracting(RecordedRequest::getConnectionIndex).containsExactly(0, 1, 0);
        assertThat(seen.get(1).getHandshake().peerCertificates()).contains(renewed.certificate());
    }

    @Test
    void aPlaintextConnectionServesNoCallThatIsToBeEncrypted() throws Exception {
        MockWebServer server = endpoint(ok("plain"), ok("never"));
        MeshClient client = client();
        assertThat(answer(client.newCall(get()))).isEqualTo("200 plain");

        mesh.tls = ours.security(me, "payments");

        assertThatThrownBy(() -> client.newCall(get()).execute()).hasMessageContaining("failed");
        assertThat(mesh.reports).endsWith("1 failed not reached");
        assertThat(requests(server)).containsExactly("GET /charges?id=7 HTTP/1.1");
    }

    @Test
    void whatLeavesIsAHandshakeAndNothingElse() throws Exception {
        CompletableFuture<byte[]> received = new CompletableFuture<>();
        try (ServerSocket listening = new ServerSocket(0)) {
            daemon(() -> {
                try (Socket socket = listening.accept()) {
                    byte[] first = new byte[8192];
                    int length = socket.getInputStream().read(first);
                    received.complete(Arrays.copyOf(first, Math.max(0, length)));
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                }
            });
            mesh.add(listening.getLocalPort());
            mesh.tls = ours.security(me, "payments");

            assertThatThrownBy(() -> client().newCall(post("secret")).execute()).hasMessageContaining("failed");
        }

        byte[] sent = received.get(5, TimeUnit.SECONDS);
        assertThat(sent[0]).as("a TLS record of a handshake").isEqualTo((byte) 22);
        assertThat(new String(sent, StandardCharsets.ISO_8859_1))
                .doesNotContain("secret")
                .doesNotContain("charges");
        assertThat(mesh.reports).containsExactly("1 failed not reached");
    }

    @ParameterizedTest
    @CsvSource({"http, stranger", "http, name", "http, expired", "https, stranger", "https, name", "https, expired"})
    void aPeerThatIsNotTrustedGetsNoRequest(String scheme, String fault) throws Exception {
        MockWebServer server = new MockWebServer();
        Certificates others = new Certificates("others");
        server.useHttps((fault.equals("stranger")
                        ? others.context(others.of("payments"))
                        : ours.context(fault.equals("name") ? ours.of("other") : ours.expired("payments")))
                .getSocketFactory());
        started(server, ok("never"));
        mesh.tls = ours.security(me, "payments");

        assertThatThrownBy(() -> client().newCall(get(scheme.equals("http") ? URL : HTTPS_URL))
                        .execute())
                .hasMessageContaining("failed");

        assertThat(server.getRequestCount()).isZero();
        assertThat(mesh.reports).containsExactly("1 failed not reached");
    }

    @ParameterizedTest
    @CsvSource({"HTTP, true", "HTTP, false", "HTTP2, true", "HTTP2, false"})
    void aServerThatMissesOurCertificateHasNotLookedAtTheRequest(Protocol protocol, boolean isAsync) throws Exception {
        MockWebServer server = secured(protocol, true, ok("never"));
        mesh.tls = ours.security(null, "payments");
        MeshClient client = client();

        assertThatThrownBy(() -> {
                    if (isAsync) {
                        Outcome.of(client.newCall(post("x"))).answer();
                    } else {
                        answer(client.newCall(post("x")));
                    }
                })
                .hasStackTraceContaining("failed");

        assertThat(server.getRequestCount()).isZero();
        assertThat(mesh.reports).last().isEqualTo("1 failed not reached");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "https"})
    void aListenerOfHttp2IsNotCalledByAnythingElse(String scheme) throws Exception {
        MockWebServer server = secured(Protocol.HTTP, false, ok("never"), ok("never"));
        mesh.protocol = Protocol.HTTP2;
        mesh.tls = ours.security(me, "payments");
        MeshClient client = client();

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> client.newCall(get(scheme.equals("http") ? URL : HTTPS_URL))
                            .execute())
                    .hasRootCauseInstanceOf(IOException.class)
                    .hasStackTraceContaining("speaks HTTP/2");
        }

        assertThat(server.getRequestCount()).isZero();
        assertThat(mesh.reports).containsExactly("1 failed not reached", "1 failed not reached");
    }

    @ParameterizedTest
    @ValueSource(strings = {"silent", "dripping"})
    void aHandshakeThatDoesNotComeToItsEndIsGivenUp(String peer) throws Exception {
        try (ServerSocket listening = new ServerSocket(0)) {
            daemon(() -> {
                try (Socket socket = listening.accept()) {
                    InputStream in = socket.getInputStream();
                    byte[] record = {22, 3, 3, 64, 0, 2};
                    for (int i = 0; peer.equals("silent") || i < record.length + 1000; i++) {
                        // Reads, so that there is always a byte every 20 ms and never a whole message.
                        socket.setSoTimeout(20);
                        try {
                            if (in.read() == -1) {
                                return;
                            }
                        } catch (java.net.SocketTimeoutException nothing) {
                            if (peer.equals("dripping")) {
                                socket.getOutputStream().write(i < record.length ? record[i] : 0);
                            }
                        }
                    }
                }
            });
            mesh.add(listening.getLocalPort());
            mesh.tls = ours.security(me, "payments");
            MeshClient client = client(new OkHttpClient.Builder().connectTimeout(Duration.ofMillis(400)));
            long begin = System.nanoTime();

            assertThatThrownBy(() -> client.newCall(get()).execute()).hasMessageContaining("failed");

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
            assertThat(mesh.reports).containsExactly("1 failed not reached");
        }
    }

    @Test
    void aCallThatIsCancelledWhileItShakesHandsEnds() throws Exception {
        CompletableFuture<Socket> accepted = new CompletableFuture<>();
        try (ServerSocket listening = new ServerSocket(0)) {
            daemon(() -> accepted.complete(listening.accept()));
            mesh.add(listening.getLocalPort());
            mesh.tls = ours.security(me, "payments");
            okhttp3.Call call = client().newCall(get());
            Outcome outcome = Outcome.of(call);
            Socket peer = accepted.get(5, TimeUnit.SECONDS);
            assertThat(peer.getInputStream().read()).isEqualTo(22);

            call.cancel();

            assertThat(outcome.failure()).isInstanceOf(IOException.class);
            peer.close();
        }
    }

    @Test
    void aBodyThatWasReadAndCannotBeReadAgainIsReportedAsRefusedNotAsNeverSent() throws Exception {
        secured(Protocol.HTTP, true, ok("never"));
        mesh.tls = ours.security(null, "payments");
        RequestBody body = new RequestBody() {
            @Override
            public okhttp3.@Nullable MediaType contentType() {
                return null;
            }

            @Override
            public boolean isOneShot() {
                return true;
            }

            @Override
            public void writeTo(BufferedSink sink) throws IOException {
                sink.writeUtf8("once");
            }
        };

        assertThatThrownBy(() -> client().newCall(
                                new Request.Builder().url(URL).post(body).build())
                        .execute())
                .isInstanceOf(IOException.class);

        // The mesh sends what was never sent again, and what was refused only where the body can be had a second time.
        assertThat(mesh.refusals).singleElement().asString().startsWith("the peer refused our certificate");
    }

    @Test
    void connectionsAgeAndEndWithTheCertificate() throws Exception {
        MockWebServer server = secured(
                Protocol.HTTP,
                true,
                ok("1"),
                ok("2"),
                new MockResponse.Builder()
                        .body("slow")
                        .throttleBody(1, 1, TimeUnit.HOURS)
                        .build());
        Certificates.Security security = ours.security(me, "payments");
        security.end = Instant.parse("2026-11-21T13:00:00Z");
        Clock clock = new Clock();
        OkHttpClient template = new OkHttpClient.Builder()
                .connectionPool(new ConnectionPool(5, 1, TimeUnit.MINUTES))
                .retryOnConnectionFailure(false)
                .build();
        EndpointClients clients =
                new EndpointClients(template, ClientTimeouts.of(template), mesh.endpoints.get(0), clock);
        OkHttpClient young = clients.client(security, false, Protocol.HTTP, 0);
        answer(young.newCall(get()));
        assertThat(clients.client(security, false, Protocol.HTTP, 0)).isSameAs(young);
        assertThat(clock.after)
                .singleElement()
                .satisfies(life -> assertThat(life)
                        .isBetween(EndpointClients.MAX_AGE.multipliedBy(9).dividedBy(10), EndpointClients.MAX_AGE));

        clock.pass(Duration.ofMinutes(10));
        OkHttpClient next = clients.client(security, false, Protocol.HTTP, 0);
        answer(next.newCall(get()));

        assertThat(next).isNotSameAs(young);
        assertThat(taken(server).getConnectionIndex()).isZero();
        assertThat(taken(server).getConnectionIndex()).isEqualTo(1);

        Response unfinished = next.newCall(get()).execute();
        assertThat(unfinished.body().source().readUtf8(1)).isEqualTo("s");
        clock.pass(Duration.ofMinutes(10));
        clock.pass(Duration.ofMinutes(40));
        assertThatThrownBy(() -> unfinished.body().string()).isInstanceOf(IOException.class);
        unfinished.close();
        template.connectionPool().evictAll();
        template.dispatcher().executorService().shutdown();
    }

    @ParameterizedTest
    @CsvSource({"HTTP", "HTTP2", "TCP"})
    void healthChecksAreEncryptedToo(Protocol protocol) throws Exception {
        MockWebServer server =
                secured(protocol == Protocol.HTTP2 ? Protocol.HTTP2 : Protocol.HTTP, true, ok("up"), ok("up"));
        Clock clock = new Clock();
        OkHttpClient template = new OkHttpClient();
        Endpoint endpoint = mesh.endpoints.get(0);
        EndpointClients clients = new EndpointClients(template, ClientTimeouts.of(template), endpoint, clock);
        OkHttpProber prober =
                new OkHttpProber(of -> clients, template.dispatcher().executorService());
        HealthCheck check = new HealthCheck(
                protocol,
                protocol == Protocol.TCP ? null : "/up",
                null,
                2,
                2,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5));

        assertThat(outcome(prober, endpoint, check, ours.security(me, "payments"))
                        .kind())
                .isEqualTo(Kind.PASSED);
        if (protocol != Protocol.TCP) {
            assertThat(requireNonNull(taken(server).getHandshake()).peerCertificates())
                    .contains(me.certificate());
        }
        assertThat(outcome(prober, endpoint, check, ours.security(me, "other")).kind())
                .isEqualTo(Kind.NO_ANSWER);
        template.connectionPool().evictAll();
        template.dispatcher().executorService().shutdown();
    }

    private static io.intramesh.call.HealthProber.Outcome outcome(
            OkHttpProber prober, Endpoint endpoint, HealthCheck check, ClientTls tls) throws Exception {
        CompletableFuture<io.intramesh.call.HealthProber.Outcome> done = new CompletableFuture<>();
        prober.probe(endpoint, check, tls, done::complete);
        return done.get(10, TimeUnit.SECONDS);
    }

    /** Returns an endpoint that proves to be payments. */
    private MockWebServer secured(Protocol protocol, boolean asksClients, MockResponse... responses)
            throws IOException {
        MockWebServer server = new MockWebServer();
        server.useHttps(ours.context(payments).getSocketFactory());
        if (asksClients) {
            server.requireClientAuth();
        }
        server.setProtocols(
                protocol == Protocol.HTTP
                        ? List.of(okhttp3.Protocol.HTTP_1_1)
                        : List.of(okhttp3.Protocol.HTTP_2, okhttp3.Protocol.HTTP_1_1));
        mesh.protocol = protocol;
        started(server, responses);
        return server;
    }

    private static void daemon(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (Exception e) {
                // The other side went away, as it should.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private interface Task {
        void run() throws Exception;
    }

    private static CookieJar jar(List<HttpUrl> asked) {
        return new CookieJar() {
            @Override
            public List<Cookie> loadForRequest(HttpUrl url) {
                asked.add(url);
                return List.of();
            }

            @Override
            public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {
                asked.add(url);
            }
        };
    }

    /** Time that the test lets pass. */
    private static final class Clock implements EndpointClients.Ageing {
        final List<Duration> after = new ArrayList<>();
        private final List<Runnable> tasks = new ArrayList<>();
        private final List<Instant> due = new ArrayList<>();
        private Instant now = Instant.parse("2026-11-21T12:00:00Z");

        @Override
        public void later(Runnable task, Duration pause) {
            after.add(pause);
            tasks.add(task);
            due.add(now.plus(pause));
        }

        @Override
        public Instant now() {
            return now;
        }

        @Override
        public long nanoTime() {
            return TimeUnit.SECONDS.toNanos(now.getEpochSecond());
        }

        void pass(Duration time) {
            now = now.plus(time);
            for (int i = 0; i < tasks.size(); i++) {
                if (!due.get(i).isAfter(now)) {
                    Runnable task = tasks.remove(i);
                    due.remove(i--);
                    task.run();
                }
            }
        }
    }
}
