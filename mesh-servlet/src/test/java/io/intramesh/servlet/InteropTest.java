package io.intramesh.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.Mesh;
import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.document.RawDocument;
import io.intramesh.okhttp.MeshClient;
import io.intramesh.testing.FakeRegistry;
import io.intramesh.testing.tls.PemFiles;
import io.intramesh.testing.tls.TestAuthority;
import io.intramesh.tls.PeerIdentity;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * TLS with programs that we did not write, in both directions, with and without client certificates. Where the machine lacks one of
 * them, its tests are skipped and say so.
 */
@Timeout(60)
final class InteropTest {
    private static final String FRONT = "spiffe://shop.local/shop/front";

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path folder;

    private final TestAuthority authority = TestAuthority.create("shop.local");
    private final List<AutoCloseable> open = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // set before each test
    private Peers peers;

    @SuppressWarnings("NullAway.Init") // set before each test
    private PemFiles pay;

    @SuppressWarnings("NullAway.Init") // set before each test
    private PemFiles front;

    @BeforeEach
    void issue() throws IOException {
        pay = authority.write(folder.resolve("pay"), authority.node("shop", "pay"));
        front = authority.write(folder.resolve("front"), authority.node("shop", "front"));
        peers = new Peers(folder);
        open.add(peers);
    }

    @AfterEach
    void close() throws Exception {
        Collections.reverse(open);
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    // ---- they call us

    @ParameterizedTest
    @CsvSource({"tomcat, -tls1_2", "tomcat, -tls1_3", "jetty, -tls1_2", "jetty, -tls1_3"})
    void opensslCallsUs(String container, String version) throws Exception {
        Peers.require("openssl");
        int port = serve(container);
        String request = "GET /who HTTP/1.1\r\nHost: pay.local\r\nConnection: close\r\n\r\n";
        String[] anybody = {
            "openssl",
            "s_client",
            "-connect",
            "127.0.0.1:" + port,
            version,
            "-ign_eof",
            "-servername",
            "pay.local",
            "-CAfile",
            pay.trust().toString(),
            "-verify_return_error"
        };

        String known = peers.run(request, with(anybody, "-cert", front.chain(), "-key", front.key()));
        String unknown = peers.run(request, anybody);

        assertThat(known).contains("HTTP/1.1 200").contains("HTTP/1.1 " + FRONT).contains("Verify return code: 0 (ok)");
        assertThat(unknown)
                .doesNotContain("HTTP/1.1 200")
                .containsPattern("alert (certificate required|handshake failure|bad certificate)");
    }

    @ParameterizedTest
    @CsvSource({
        "tomcat, --http1.1, 1.2", "tomcat, --http1.1, 1.3", "tomcat, --http2, 1.2", "tomcat, --http2, 1.3",
        "jetty, --http1.1, 1.2", "jetty, --http1.1, 1.3", "jetty, --http2, 1.2", "jetty, --http2, 1.3"
    })
    void curlCallsUs(String container, String protocol, String version) throws Exception {
        Peers.require("curl");
        int port = serve(container);
        String[] anybody = {
            "curl",
            "--silent",
            "--show-error",
            protocol,
            "--tlsv" + version,
            "--tls-max",
            version,
            "--cacert",
            pay.trust().toString(),
            "--connect-to",
            "pay.local:443:127.0.0.1:" + port,
            "https://pay.local/who"
        };

        String known = peers.run("", with(anybody, "--cert", front.chain(), "--key", front.key()));
        String unknown = peers.run("", anybody);

        assertThat(known)
                .contains((protocol.equals("--http2") ? "HTTP/2.0 " : "HTTP/1.1 ") + FRONT)
                .endsWith("exit 0");
        assertThat(unknown).doesNotContain("HTTP/").doesNotContain("exit 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tomcat", "jetty"})
    void nginxCallsUs(String container) throws Exception {
        Peers.require("nginx");
        int port = serve(container);
        int proxy = nginx("""
                server {
                    listen 127.0.0.1:PROXY;
                    location / {
                        proxy_pass https://127.0.0.1:%d;
                        proxy_http_version 1.1;
                        proxy_ssl_certificate %s;
                        proxy_ssl_certificate_key %s;
                        proxy_ssl_trusted_certificate %s;
                        proxy_ssl_verify on;
                        proxy_ssl_name pay.local;
                        proxy_ssl_server_name on;
                        proxy_ssl_protocols TLSv1.2 TLSv1.3;
                    }
                }
                """.formatted(port, front.chain(), front.key(), front.trust()));

        assertThat(plain(proxy)).isEqualTo("HTTP/1.1 " + FRONT);
        assertThat(plain(proxy)).isEqualTo("HTTP/1.1 " + FRONT);
    }

    @ParameterizedTest
    @CsvSource({"tomcat, h2", "tomcat, http/1.1", "jetty, h2", "jetty, http/1.1"})
    void haproxyCallsUs(String container, String alpn) throws Exception {
        Peers.require("haproxy");
        int port = serve(container);
        int proxy = haproxy("""
                listen proxy
                    bind 127.0.0.1:PROXY
                    server pay 127.0.0.1:%d ssl crt %s ca-file %s verify required verifyhost pay.local alpn %s
                """.formatted(port, joined(front), front.trust(), alpn));

        assertThat(plain(proxy)).isEqualTo((alpn.equals("h2") ? "HTTP/2.0 " : "HTTP/1.1 ") + FRONT);
    }

    // ---- we call them

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void weCallOpenssl(String version) throws Exception {
        Peers.require("openssl");
        int port = Peers.freePort();
        peers.serve(
                port,
                "openssl",
                "s_server",
                "-accept",
                "127.0.0.1:" + port,
                version,
                "-www",
                "-cert",
                pay.chain().toString(),
                "-key",
                pay.key().toString(),
                "-CAfile",
                pay.trust().toString(),
                "-Verify",
                "2",
                "-verify_return_error");

        assertThat(call(client(port, "http", true)))
                .contains("Verify return code: 0 (ok)")
                .contains("Subject: CN=front");
        assertRefused(port, "http");
    }

    @ParameterizedTest
    @CsvSource({"http, TLSv1.2", "http, TLSv1.3", "http2, TLSv1.2", "http2, TLSv1.3"})
    void weCallNginx(String protocol, String version) throws Exception {
        Peers.require("nginx");
        int port = nginx("""
                server {
                    listen 127.0.0.1:PROXY ssl http2;
                    ssl_certificate %s;
                    ssl_certificate_key %s;
                    ssl_client_certificate %s;
                    ssl_verify_client on;
                    ssl_protocols %s;
                    location / { return 200 "$server_protocol $ssl_protocol $ssl_client_verify $ssl_client_s_dn"; }
                }
                """.formatted(pay.chain(), pay.key(), pay.trust(), version));

        assertThat(call(client(port, protocol, true)))
                .isEqualTo((protocol.equals("http2") ? "HTTP/2.0 " : "HTTP/1.1 ") + version + " SUCCESS CN=front");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "http2"})
    void weCallHaproxy(String protocol) throws Exception {
        Peers.require("haproxy");
        int port = haproxy("""
                frontend pay
                    bind 127.0.0.1:PROXY ssl crt %s ca-file %s verify required alpn h2,http/1.1
                    http-request return status 200 content-type text/plain lf-string "%%HV %%[ssl_fc_protocol] %%[ssl_c_s_dn(cn)]"
                """.formatted(joined(pay), pay.trust()));

        assertThat(call(client(port, protocol, true)))
                .isEqualTo((protocol.equals("http2") ? "HTTP/2.0" : "HTTP/1.1") + " TLSv1.3 front");
        assertRefused(port, protocol);
    }

    // ---- how

    private int serve(String container) throws Exception {
        Mesh mesh = Mesh.builder()
                .registry(FakeRegistry.of(
                        RawDocument.of("mesh.yaml", node("pay", "listeners: [" + listener("http") + "]"))))
                .virtualNode("pay")
                .start();
        open.add(mesh);
        TestApplication application = new TestApplication(List.of(MeshFilter.of(mesh)));
        application.on("/who", (request, response) -> response.getWriter().print(who(request)));
        Duration limit = Duration.ofSeconds(10);
        Container server = container.equals("tomcat")
                ? TomcatContainer.of(Files.createTempDirectory(folder, "tomcat"), mesh.serverTls(8443), limit)
                : JettyEe11Container.of(mesh.serverTls(8443), limit);
        server.start(application, "/teapot");
        open.add(server::stop);
        return server.port();
    }

    private static String who(HttpServletRequest request) {
        return request.getAttribute("jakarta.servlet.request.X509Certificate") instanceof X509Certificate[] chain
                ? request.getProtocol() + " " + PeerIdentity.of(List.of(chain)).spiffeId()
                : "nobody";
    }

    private MeshClient client(int port, String protocol, boolean withCertificate) {
        String certificate = withCertificate ? certificate(front) + "," : "";
        Mesh mesh = Mesh.builder()
                .registry(FakeRegistry.of(RawDocument.of(
                        "mesh.yaml",
                        node("pay", "listeners: [" + listener(protocol) + "]")
                                + node("front", """
                        backends:
                        - virtualService:
                            virtualServiceName: pay.local
                            clientPolicy:
                              tls: { enforce: true, %s validation: { trust: { file: { certificateChain: %s } }, subjectAlternativeNames: { match: { exact: [spiffe://shop.local/shop/pay] } } } }
                        """.formatted(certificate, front.trust())
                                        .indent(2)
                                        .strip())
                                + """
                        ---
                        apiVersion: intramesh.io/v1
                        kind: VirtualService
                        metadata: { mesh: shop, name: pay.local }
                        spec: { provider: { virtualNode: { virtualNodeName: pay } } }
                        ---
                        apiVersion: intramesh.io/v1
                        kind: Endpoints
                        metadata: { mesh: shop, name: pay }
                        spec: { virtualNode: pay, endpoints: [{ address: 127.0.0.1, port: %d }] }
                        """.formatted(port))))
                .virtualNode("front")
                .start();
        open.add(mesh);
        MeshClient client = MeshClient.create(mesh);
        open.add(client);
        return client;
    }

    private String listener(String protocol) {
        return "{ portMapping: { port: 8443, protocol: %s }, tls: { mode: STRICT, %s, validation: { trust: { file: { certificateChain: %s } } } } }"
                .formatted(protocol, certificate(pay), pay.trust());
    }

    private static String certificate(PemFiles files) {
        return "certificate: { file: { certificateChain: %s, privateKey: %s } }".formatted(files.chain(), files.key());
    }

    private static String node(String name, String spec) {
        return """
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: %s }
                spec:
                  serviceDiscovery: { dns: { hostname: %s.local } }
                  %s
                """.formatted(name, name, spec);
    }

    /** Shows no certificate to a peer that demands one. */
    private void assertRefused(int port, String protocol) {
        MeshClient client = client(port, protocol, false);
        assertThatThrownBy(() -> call(client))
                .isInstanceOfSatisfying(
                        MeshCallException.class,
                        refusal -> assertThat(refusal.reason())
                                .as("%s, because of %s", refusal.getMessage(), refusal.getCause())
                                .isEqualTo(Reason.PEER_UNTRUSTED));
    }

    private static String call(MeshClient client) throws IOException {
        Request request = new Request.Builder().url("http://pay.local/who").build();
        try (Response response = client.newCall(request).execute()) {
            assertThat(response.code()).isEqualTo(200);
            return response.body().string();
        }
    }

    private String plain(int port) throws Exception {
        Peers.require("curl");
        String answer = peers.run("", "curl", "--silent", "--show-error", "http://127.0.0.1:" + port + "/who");
        assertThat(answer).endsWith("\nexit 0");
        return answer.substring(0, answer.indexOf("\nexit 0"));
    }

    private int nginx(String server) throws IOException {
        int port = Peers.freePort();
        Path home = Files.createDirectories(folder.resolve("nginx"));
        Files.writeString(home.resolve("nginx.conf"), """
                daemon off;
                master_process off;
                pid nginx.pid;
                error_log stderr;
                events {}
                http {
                    access_log off;
                    client_body_temp_path body;
                    proxy_temp_path proxy;
                    fastcgi_temp_path fastcgi;
                    uwsgi_temp_path uwsgi;
                    scgi_temp_path scgi;
                    default_type text/plain;
                %s
                }
                """.formatted(server.replace("PROXY", Integer.toString(port))));
        peers.serve(
                port,
                "nginx",
                "-p",
                home.toString(),
                "-c",
                home.resolve("nginx.conf").toString(),
                "-e",
                "stderr");
        return port;
    }

    private int haproxy(String section) throws IOException {
        int port = Peers.freePort();
        Path config = folder.resolve("haproxy.cfg");
        Files.writeString(config, """
                defaults
                    mode http
                    timeout connect 5s
                    timeout client 10s
                    timeout server 10s
                """ + section.replace("PROXY", Integer.toString(port)));
        peers.serve(port, "haproxy", "-db", "-f", config.toString());
        return port;
    }

    /** HAProxy wants certificates and key in one file. */
    private Path joined(PemFiles files) throws IOException {
        return Files.writeString(
                Files.createTempFile(folder, "joined", ".pem"),
                Files.readString(files.chain()) + Files.readString(files.key()));
    }

    private static String[] with(String[] command, Object... more) {
        List<String> all = new ArrayList<>(List.of(command));
        for (Object argument : more) {
            all.add(argument.toString());
        }
        return all.toArray(String[]::new);
    }
}
