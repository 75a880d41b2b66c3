package io.intramesh.servlet;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.intramesh.Mesh;
import io.intramesh.document.RawDocument;
import io.intramesh.internal.issue.IssuedCertificate;
import io.intramesh.model.ListenerTls.Mode;
import io.intramesh.testing.FakeRegistry;
import io.intramesh.tls.PeerIdentity;
import io.intramesh.tls.ServerTls;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.TlsVersion;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a container that serves a listener of the mesh does with connections, over real sockets and real TLS. */
@Timeout(60)
abstract class ListenerContract {
    /** For handshakes that come to their end, though the machine stands still for a while. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** For those that do not; beside them others are to succeed. */
    private static final Duration SHORT = Duration.ofSeconds(4);

    /** First bytes of a TLS record that says to hold 512 bytes of a handshake. */
    private static final byte[] RECORD_BEGIN = {22, 3, 1, 2, 0};

    @TempDir(cleanup = CleanupMode.ALWAYS)
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path folder;

    private final List<OkHttpClient> clients = new ArrayList<>();
    private final List<Socket> sockets = new ArrayList<>();
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private @Nullable Mesh mesh;
    private @Nullable Container container;

    abstract Container container(Path folder, ServerTls tls, Duration handshakeTimeout);

    @AfterEach
    void stop() throws Exception {
        for (Socket socket : sockets) {
            socket.close();
        }
        for (OkHttpClient client : clients) {
            client.connectionPool().evictAll();
            client.dispatcher().executorService().shutdown();
        }
        executor.shutdownNow();
        if (container != null) {
            container.stop();
        }
        if (mesh != null) {
            mesh.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP_1_1, TLS_1_2",
        "HTTP_1_1, TLS_1_3",
        "HTTP_2, TLS_1_2",
        "HTTP_2, TLS_1_3",
    })
    void aRequestOverTlsSaysSoAndWhoItIsFrom(Protocol protocol, TlsVersion version) throws Exception {
        FakeTls tls = start(Mode.STRICT);
        tls.requireClientCertificate();
        IssuedCertificate storefront = tls.issue("spiffe://shop.local/storefront");

        OkHttpClient client = client(tls, storefront, protocol, version);

        assertThat(get(client, "https"))
                .isEqualTo((protocol == Protocol.HTTP_2 ? "HTTP/2.0" : "HTTP/1.1")
                        + " https secure spiffe://shop.local/storefront");
        assertThat(get(client, "https")).as("over the same connection").endsWith("spiffe://shop.local/storefront");
        assertThat(client.connectionPool().connectionCount()).isEqualTo(1);
    }

    @Test
    void aClientWithoutACertificateIsServedWhereNoneIsDemanded() throws Exception {
        FakeTls tls = start(Mode.STRICT);

        assertThat(get(client(tls, null, Protocol.HTTP_2, TlsVersion.TLS_1_3), "https"))
                .isEqualTo("HTTP/2.0 https secure nobody");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLS_1_2", "TLS_1_3"})
    void aClientWithoutACertificateIsRefusedWhereOneIsDemanded(TlsVersion version) throws Exception {
        FakeTls tls = start(Mode.STRICT);
        tls.requireClientCertificate();

        OkHttpClient client = client(tls, null, Protocol.HTTP_1_1, version);

        assertThatThrownBy(() -> get(client, "https")).isInstanceOf(IOException.class);
    }

    @Test
    void strictClosesAPlaintextConnectionWithoutAnAnswer() throws Exception {
        start(Mode.STRICT);

        for (String begin :
                List.of("GET / HTTP/1.1\r\nHost: orders\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "x")) {
            assertThat(answer(begin.getBytes(StandardCharsets.US_ASCII)))
                    .as(begin)
                    .isEmpty();
        }
    }

    @Test
    void permissiveTakesBothOnOnePort() throws Exception {
        FakeTls tls = start(Mode.PERMISSIVE);
        IssuedCertificate storefront = tls.issue("spiffe://shop.local/storefront");
        OkHttpClient plain1 = client(tls, null, Protocol.HTTP_1_1, TlsVersion.TLS_1_3);
        OkHttpClient plain2 = client(tls, null, Protocol.H2_PRIOR_KNOWLEDGE, TlsVersion.TLS_1_3);

        for (int i = 0; i < 3; i++) {
            assertThat(get(plain1, "http")).isEqualTo("HTTP/1.1 http plain nobody");
            assertThat(get(plain2, "http")).isEqualTo("HTTP/2.0 http plain nobody");
            assertThat(get(client(tls, storefront, Protocol.HTTP_2, TlsVersion.TLS_1_3), "https"))
                    .isEqualTo("HTTP/2.0 https secure nobody");
            assertThat(get(client(tls, storefront, Protocol.HTTP_1_1, TlsVersion.TLS_1_2), "https"))
                    .isEqualTo("HTTP/1.1 https secure nobody");
        }
        tls.requireClientCertificate();
        assertThat(get(client(tls, storefront, Protocol.HTTP_2, TlsVersion.TLS_1_3), "https"))
                .isEqualTo("HTTP/2.0 https secure spiffe://shop.local/storefront");
        assertThat(get(plain1, "http")).as("plaintext still passes").isEqualTo("HTTP/1.1 http plain nobody");
    }

    @Test
    void plaintextArrivesWholeHoweverItIsCutUp() throws Exception {
        start(Mode.PERMISSIVE);
        String body = "0123456789".repeat(5_000);
        byte[] request = ("POST /echo HTTP/1.1\r\nHost: orders\r\nContent-Length: " + body.length() + "\r\n\r\n" + body
                        + "GET /?pipelined HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);

        Socket socket = socket();
        socket.setTcpNoDelay(true);
        for (int i = 0; i < 20; i++) {
            socket.getOutputStream().write(request, i, 1);
        }
        socket.getOutputStream().write(request, 20, request.length - 20);

        String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(answers).contains(Integer.toString(body.hashCode())).endsWith("HTTP/1.1 http plain nobody");
    }

    @Test
    void disabledTakesPlaintextOnly() throws Exception {
        FakeTls tls = start(Mode.DISABLED);

        OkHttpClient secure = client(tls, null, Protocol.HTTP_1_1, TlsVersion.TLS_1_3);

        assertThatThrownBy(() -> get(secure, "https")).isInstanceOf(IOException.class);
        assertThat(get(client(tls, null, Protocol.HTTP_1_1, TlsVersion.TLS_1_3), "http"))
                .isEqualTo("HTTP/1.1 http plain nobody");
        assertThat(get(client(tls, null, Protocol.H2_PRIOR_KNOWLEDGE, TlsVersion.TLS_1_3), "http"))
                .isEqualTo("HTTP/2.0 http plain nobody");
    }

    @Test
    void theModeMayChangeAtAnyTime() throws Exception {
        FakeTls tls = start(Mode.DISABLED);
        byte[] plain =
                "GET / HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        assertThat(answer(plain)).startsWith("HTTP/1.1 200");

        tls.mode(Mode.PERMISSIVE);
        assertThat(answer(plain)).startsWith("HTTP/1.1 200");
        assertThat(get(client(tls, null, Protocol.HTTP_2, TlsVersion.TLS_1_3), "https"))
                .startsWith("HTTP/2.0 https");

        tls.mode(Mode.STRICT);
        assertThat(answer(plain)).isEmpty();
        assertThat(get(client(tls, null, Protocol.HTTP_2, TlsVersion.TLS_1_3), "https"))
                .startsWith("HTTP/2.0 https");

        tls.mode(Mode.DISABLED);
        assertThat(answer(plain)).startsWith("HTTP/1.1 200");
        OkHttpClient secure = client(tls, null, Protocol.HTTP_2, TlsVersion.TLS_1_3);
        assertThatThrownBy(() -> get(secure, "https")).isInstanceOf(IOException.class);
    }

    @Test
    void whatAClientWritesOfItsConnectionDoesNotCount() throws Exception {
        start(Mode.PERMISSIVE);

        String answer = answer("""
                GET https://orders/ HTTP/1.1
                Host: orders
                X-Forwarded-Proto: https
                X-Proxied-Https: on
                Proxy-auth-cert: forged
                Connection: close

                """.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));

        assertThat(answer).startsWith("HTTP/1.1 200").endsWith("http plain nobody");
    }

    @Test
    void whatAStreamOfHttp2SaysOfItsSchemeDoesNotCount() throws Exception {
        start(Mode.PERMISSIVE);
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        // SETTINGS, empty; then HEADERS that end stream 1: GET, :scheme https, path /, :authority x (RFC 7541, appendix
        // A).
        request.writeBytes(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
        request.writeBytes(new byte[] {0, 0, 6, 1, 5, 0, 0, 0, 1, (byte) 0x82, (byte) 0x87, (byte) 0x84, 0x41, 1, 'x'});
        // GOAWAY, so that the server ends the connection once it has answered.
        request.writeBytes(new byte[] {0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});

        Socket socket = socket();
        socket.getOutputStream().write(request.toByteArray());
        socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(5));
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(answer);
        } catch (SocketException | SocketTimeoutException over) {
            // Whatever was to come has come.
        }

        // Tomcat refuses the stream, Jetty serves it as what it is.
        assertThat(answer.toString(StandardCharsets.ISO_8859_1))
                .isNotEmpty()
                .doesNotContain("https")
                .doesNotContain("secure");
    }

    @Test
    void aConnectionThatBecameHttp2InPlaintextStaysNobodys() throws Exception {
        FakeTls tls = start(Mode.PERMISSIVE);
        tls.requireClientCertificate();
        // By Upgrade, so that what served HTTP/1.1 on it is free for the next connection.
        HttpClient upgrading = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .executor(executor)
                .build();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port() + "/"))
                .build();
        OkHttpClient storefront =
                client(tls, tls.issue("spiffe://shop.local/storefront"), Protocol.HTTP_1_1, TlsVersion.TLS_1_3);

        for (int i = 0; i < 5; i++) {
            assertThat(upgrading.send(request, BodyHandlers.ofString()).body()).isEqualTo("HTTP/2.0 http plain nobody");
            assertThat(get(storefront, "https")).endsWith("https secure spiffe://shop.local/storefront");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP_1_1", "HTTP_2"})
    void connectionsOfAnOldCertificateAreAskedToEnd(Protocol protocol) throws Exception {
        FakeTls tls = start(Mode.STRICT);
        OkHttpClient client = client(tls, null, protocol, TlsVersion.TLS_1_3);
        String before = get(client, "https");
        assertThat(connectionOf(client)).isEqualTo(connectionOf(client));

        for (int i = 0; i < 3; i++) {
            int old = connectionOf(client);
            tls.rotate();
            assertThat(get(client, "https")).as("over the old connection").isEqualTo(before);

            await().untilAsserted(() -> assertThat(connectionOf(client)).isNotEqualTo(old));
        }
    }

    @Test
    void aHandshakeThatTakesTooLongIsEndedAndHoldsNobodyUp() throws Exception {
        FakeTls tls = start(Mode.PERMISSIVE, SHORT);
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Socket socket = socket();
            socket.getOutputStream().write(RECORD_BEGIN);
            slow.add(socket);
        }
        Socket dripping = slow.get(0);
        Thread drip = new Thread(() -> {
            try {
                while (true) {
                    dripping.getOutputStream().write(1);
                    TimeUnit.MILLISECONDS.sleep(50);
                }
            } catch (IOException | InterruptedException over) {
                // As it should.
            }
        });
        drip.start();

        // Four threads at most serve these; twenty connections in the middle of a handshake do not have them.
        for (int i = 0; i < 5; i++) {
            assertThat(get(client(tls, null, Protocol.HTTP_1_1, TlsVersion.TLS_1_3), "https"))
                    .startsWith("HTTP/1.1 https");
        }

        for (Socket socket : slow) {
            assertThat(end(socket)).as("ended by the server").isTrue();
        }
        drip.interrupt();
        drip.join();
    }

    @Test
    void nonsenseInPlaceOfAHandshakeEndsTheConnection() throws Exception {
        FakeTls tls = start(Mode.STRICT, SHORT);
        byte[] oversized = new byte[20_000];
        // A record longer than any may be, and a handshake message of 16 MB.
        System.arraycopy(
                new byte[] {22, 3, 3, (byte) 0xff, (byte) 0xff, 1, (byte) 0xff, (byte) 0xff, (byte) 0xff},
                0,
                oversized,
                0,
                9);
        byte[] unknown = {22, 3, 3, 0, 4, 99, 0, 0, 0};
        byte[] alert = {22, 3, 3, 0, 0};

        for (byte[] nonsense : List.of(oversized, unknown, alert)) {
            Socket socket = socket();
            try {
                socket.getOutputStream().write(nonsense);
            } catch (SocketException alreadyClosed) {
                // Fine as well.
            }
            assertThat(end(socket)).as("ended by the server").isTrue();
        }
        assertThat(get(client(tls, null, Protocol.HTTP_1_1, TlsVersion.TLS_1_3), "https"))
                .startsWith("HTTP/1.1 https");
    }

    // ---- How

    private FakeTls start(Mode mode) throws Exception {
        return start(mode, PATIENCE);
    }

    private FakeTls start(Mode mode, Duration handshakeTimeout) throws Exception {
        FakeTls tls = new FakeTls(mode);
        FakeRegistry registry = FakeRegistry.create();
        registry.deliver(RawDocument.of("shop.yaml", """
                apiVersion: intramesh.io/v1
                kind: Mesh
                metadata: { name: shop }
                spec: {}
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: orders }
                spec:
                  listeners: [{ portMapping: { port: 8080, protocol: http } }]
                  serviceDiscovery: { dns: { hostname: orders.local } }
                """));
        Mesh started = Mesh.builder().registry(registry).virtualNode("orders").start();
        mesh = started;
        TestApplication app = new TestApplication(List.of(MeshFilter.of(started)));
        app.on("/", (request, response) -> response.getWriter().write(describe(request)));
        app.on("/echo", (request, response) -> {
            String body = new String(request.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            response.getWriter().write(Integer.toString(body.hashCode()));
        });
        app.on(
                "/connection",
                (request, response) -> response.getWriter().write(Integer.toString(request.getRemotePort())));
        Container served = container(folder, tls, handshakeTimeout);
        container = served;
        served.start(app, "/error");
        return tls;
    }

    private static String describe(HttpServletRequest request) {
        Object chain = request.getAttribute("jakarta.servlet.request.X509Certificate");
        String peer = chain instanceof X509Certificate[] certificates
                ? String.valueOf(PeerIdentity.of(List.of(certificates)).spiffeId())
                : "nobody";
        return request.getProtocol() + " " + request.getScheme() + " " + (request.isSecure() ? "secure" : "plain") + " "
                + peer;
    }

    private OkHttpClient client(
            FakeTls tls, @Nullable IssuedCertificate certificate, Protocol protocol, TlsVersion version) {
        ConnectionSpec spec = new ConnectionSpec.Builder(ConnectionSpec.MODERN_TLS)
                .tlsVersions(version)
                .build();
        OkHttpClient client = new OkHttpClient.Builder()
                .sslSocketFactory(tls.client(certificate).getSocketFactory(), tls.trust())
                .hostnameVerifier((host, session) -> true)
                .connectionSpecs(List.of(spec, ConnectionSpec.CLEARTEXT))
                .protocols(
                        protocol == Protocol.HTTP_2 ? List.of(Protocol.HTTP_2, Protocol.HTTP_1_1) : List.of(protocol))
                .connectionPool(new ConnectionPool())
                .retryOnConnectionFailure(false)
                .callTimeout(Duration.ofSeconds(20))
                .build();
        clients.add(client);
        return client;
    }

    private String get(OkHttpClient client, String scheme) throws IOException {
        return get(client, scheme, "/");
    }

    private int connectionOf(OkHttpClient client) throws IOException {
        return Integer.parseInt(get(client, "https", "/connection"));
    }

    private String get(OkHttpClient client, String scheme, String path) throws IOException {
        Request request = new Request.Builder()
                .url(scheme + "://localhost:" + port() + path)
                .build();
        try (Response response = client.newCall(request).execute()) {
            assertThat(response.code()).isEqualTo(200);
            return response.body().string();
        }
    }

    private int port() {
        return requireNonNull(container).port();
    }

    private Socket socket() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
        socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(20));
        sockets.add(socket);
        return socket;
    }

    /** Sends and reads until the server ends the connection. */
    private String answer(byte[] request) throws IOException {
        try (Socket socket = socket()) {
            socket.getOutputStream().write(request);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (SocketException reset) {
            return "";
        }
    }

    /** Reads whatever comes until the server ends the connection; false where it does not. */
    private static boolean end(Socket socket) throws IOException {
        try (InputStream in = socket.getInputStream()) {
            in.readAllBytes();
            return true;
        } catch (SocketException reset) {
            return true;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        }
    }
}
