package io.intramesh.spring.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.MeshConfigException;
import io.intramesh.internal.issue.CertificateAuthority;
import io.intramesh.internal.issue.CertificateSpec;
import io.intramesh.internal.issue.IssuedCertificate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** A real application of one line of Spring Boot whose listener declares TLS, unchanged but for the mesh's properties. */
@Timeout(120)
public abstract class MeshTlsApplicationContract {
    private static final char[] NO_SECRET = "none".toCharArray();

    private final CertificateAuthority authority = CertificateAuthority.create("shop.local", InstantSource.system());
    private Path folder;
    private @Nullable ConfigurableApplicationContext application;

    /** Returns what makes the application's server the one under test. */
    protected abstract Class<?> server();

    @BeforeEach
    void issue(@TempDir Path own) throws IOException {
        folder = own;
        IssuedCertificate payments = issue("payments");
        Files.writeString(own.resolve("payments.pem"), payments.chainPem());
        Files.writeString(own.resolve("payments.key"), payments.keyPem());
        Files.writeString(own.resolve("trust.pem"), authority.trustPem());
    }

    @AfterEach
    void stop() {
        if (application != null) {
            application.close();
        }
    }

    @Test
    void itIsCalledOverMutualTlsAndRefusesTheRest() throws Exception {
        declare("STRICT");
        int port = start();

        for (HttpClient.Version version : HttpClient.Version.values()) {
            HttpResponse<String> answer = get(client(issue("storefront"), version), "https", port);
            assertThat(answer.body()).isEqualTo("charge 7 https spiffe://shop.local/storefront");
            assertThat(answer.version()).isEqualTo(version);
        }
        HttpClient nobody = client(null, HttpClient.Version.HTTP_1_1);
        assertThatThrownBy(() -> get(nobody, "https", port)).isInstanceOf(IOException.class);
        assertThat(plaintext(port)).isEmpty();
    }

    @Test
    void itFollowsItsListener() throws Exception {
        declare("PERMISSIVE");
        int port = start();
        assertThat(plaintext(port)).startsWith("HTTP/1.1 200").endsWith("charge 7 http nobody");
        HttpClient storefront = client(issue("storefront"), HttpClient.Version.HTTP_1_1);
        assertThat(get(storefront, "https", port).body()).isEqualTo("charge 7 https spiffe://shop.local/storefront");

        declare("STRICT");

        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> plaintext(port).isEmpty());
        assertThat(get(storefront, "https", port).statusCode()).isEqualTo(200);
    }

    @Test
    void anApplicationWithTlsOfItsOwnDoesNotStartWhereTheListenerTakesTlsOnly() throws Exception {
        declare("STRICT");
        Path store = folder.resolve("own.p12");
        try (var out = Files.newOutputStream(store)) {
            keys(issue("payments")).store(out, NO_SECRET);
        }

        assertThatThrownBy(() -> start(
                        "server.ssl.key-store=" + store, "server.ssl.key-store-password=" + String.valueOf(NO_SECRET)))
                .hasRootCauseInstanceOf(MeshConfigException.class)
                .rootCause()
                .hasMessageContaining("tls mode STRICT, but the server has TLS of its own");
    }

    private void declare(String mode) throws IOException {
        String documents = """
                apiVersion: intramesh.io/v1
                kind: Mesh
                metadata: { name: shop }
                spec: {}
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: payments }
                spec:
                  listeners:
                    - portMapping: { port: 8443, protocol: http }
                      tls:
                        mode: %s
                        certificate: { file: { certificateChain: %2$s/payments.pem, privateKey: %2$s/payments.key } }
                        validation: { trust: { file: { certificateChain: %2$s/trust.pem } } }
                  serviceDiscovery: { dns: { hostname: localhost } }
                """.formatted(mode, folder);
        Path registry = Files.createDirectories(folder.resolve("registry"));
        Path draft = Files.writeString(folder.resolve("draft"), documents);
        Files.move(draft, registry.resolve("shop.yaml"), StandardCopyOption.REPLACE_EXISTING);
    }

    private int start(String... properties) {
        Map<String, Object> all = new HashMap<>(Map.of(
                "intramesh.registry", folder.resolve("registry").toString(),
                "intramesh.virtual-node", "payments",
                "intramesh.shutdown.grace", "0s",
                "server.port", "0",
                "spring.main.banner-mode", "off"));
        for (String property : properties) {
            int equals = property.indexOf('=');
            all.put(property.substring(0, equals), property.substring(equals + 1));
        }
        ConfigurableApplicationContext started = new SpringApplicationBuilder(Payments.class, server())
                .web(WebApplicationType.SERVLET)
                .registerShutdownHook(false)
                .properties(all)
                .run();
        application = started;
        assertThat(started.getEnvironment().getProperty("local.server.port")).isNotNull();
        return started.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    private static HttpResponse<String> get(HttpClient client, String scheme, int port)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(scheme + "://localhost:" + port + "/peers/7"))
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Asks in plaintext; empty where the connection ends without an answer. */
    private static String plaintext(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                InputStream in = socket.getInputStream()) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write("GET /peers/7 HTTP/1.1\r\nHost: payments\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            in.transferTo(answer);
            return answer.toString(StandardCharsets.UTF_8);
        } catch (SocketException reset) {
            return "";
        }
    }

    private IssuedCertificate issue(String node) {
        return authority.issue(CertificateSpec.builder()
                .uris(URI.create("spiffe://shop.local/" + node))
                .dnsNames("localhost")
                .build());
    }

    private HttpClient client(@Nullable IssuedCertificate certificate, HttpClient.Version version)
            throws GeneralSecurityException, IOException {
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(certificate == null ? null : keys(certificate), NO_SECRET);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("root", authority.root());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).version(version).build();
    }

    private static KeyStore keys(IssuedCertificate certificate) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "own", certificate.key(), NO_SECRET, certificate.chain().toArray(X509Certificate[]::new));
        return store;
    }
}
