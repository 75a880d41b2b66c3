package io.intramesh.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.Mesh;
import io.intramesh.document.RawDocument;
import io.intramesh.testing.FakeRegistry;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Attempts to get past a rule that denies {@code /admin}, and past one that allows {@code /public} alone, by another spelling.
 * Sent as they are, byte for byte. A path is refused, by the container or the mesh, or the application sees exactly what the
 * rules saw.
 */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PathBypassContract {
    private static final String MESH = """
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
              serviceDiscovery: { dns: { hostname: orders.invalid } }
            ---
            apiVersion: intramesh.io/v1
            kind: AccessPolicy
            metadata: { mesh: shop, name: orders }
            spec:
              targetRef: { kind: VirtualNode, name: orders }
              rules:
                - { name: no-admin, effect: DENY, paths: [{ prefix: /admin }] }
                - { name: public, effect: ALLOW, paths: [{ prefix: /public }, { exact: /a b }, { prefix: /café }] }
            """;

    private final FakeRegistry registry = FakeRegistry.create();

    /** What the application saw of the last path. */
    private final AtomicReference<@Nullable String> seen = new AtomicReference<>();

    @SuppressWarnings("NullAway.Init") // set by start()
    private Mesh mesh;

    @SuppressWarnings("NullAway.Init") // set by start()
    private Container container;

    abstract Container container(Path folder);

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        registry.deliver(List.of(RawDocument.of("mesh.yaml", MESH)));
        mesh = Mesh.builder()
                .registry(registry)
                .virtualNode("orders")
                .warmUp(Duration.ZERO)
                .start();
        container = container(folder);
        container.start((classes, context) -> register(context), "/error");
    }

    private void register(ServletContext context) {
        FilterRegistration.Dynamic filter = context.addFilter("mesh", MeshFilter.of(mesh));
        filter.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, "/*");
        ServletRegistration.Dynamic servlet = context.addServlet("application", new Application());
        servlet.addMapping("/");
    }

    @AfterAll
    void stop() throws Exception {
        container.stop();
        mesh.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/admin",
                "/admin/",
                "/admin/users",
                "/admin?x=/public",
                "/%61dmin",
                "/%61%64%6d%69%6e",
                "/%61%64%6D%69%6E/users",
                "/administration",
                "//admin",
                "///admin",
                "/public//admin",
                "/./admin",
                "/.//admin",
                "/public/../admin",
                "/public/%2e%2e/admin",
                "/public/%2E%2E/admin",
                "/public/.%2e/admin",
                "/public/%2e./admin",
                "/public/..%2fadmin",
                "/public%2f..%2fadmin",
                "/public%2f%2e%2e%2fadmin",
                "/public/..%5cadmin",
                "/public\\..\\admin",
                "/public/..\\admin",
                "\\admin",
                "/%5cadmin",
                "/%2fadmin",
                "/%2f%2fadmin",
                "/admin;x",
                "/admin;x=1/users",
                "/;/admin",
                "/;x=1/admin",
                "/public/..;/admin",
                "/public/..;x=y/admin",
                "/public/%2e%2e;/admin",
                "/public;/../admin",
                "/public/;/../../admin",
                "/public/%3b/../admin",
                "/admin%3bx",
                "/admin%00",
                "/admin%00.png",
                "/public%00/../admin",
                "/public/../admin%00",
                "/%252e%252e/admin",
                "/public/%252e%252e/admin",
                "/%2561dmin",
                "/public/%25%32%65%25%32%65/admin",
                "/%c0%afadmin",
                "/public/%c0%ae%c0%ae/admin",
                "/public/%c0%ae%c0%ae%c0%afadmin",
                "/public/%e0%80%ae%e0%80%ae/admin",
                "/%uff0fadmin",
                "/%u0061dmin",
                "/adm%69n%0d%0ax",
                "/admin%0a",
                "/admin%20",
                "/admin%09",
                "/admin.",
                "/admin.json",
                "/admin/.",
                "/admin/..;/admin",
                "/admin#/public",
                "/public#/../admin",
                "/public/..#/admin",
                "http://orders.local/admin",
                "http://orders.local//admin",
                "http://orders.local/public/../admin",
                "http://orders.local:8080/%61dmin",
                "http://public/admin",
                "HTTP://orders.local/admin",
                "http:/admin",
                "admin",
                "*",
                "?/admin",
                "/public/\u00e0\u0080\u00ae\u00e0\u0080\u00ae/admin",
                "/\u00c0\u00afadmin",
                "/public/\u0001../admin",
                "/public\u007f/../admin",
                "/public/%ff%fe/../admin",
                "/..",
                "/../admin",
                "/../../admin",
                "/public/../../admin",
                "/public/....//admin",
                "/public/.../../../admin",
                "/public%",
                "/public/%2",
                "/public/%2e%2",
                "/public/%zz/../admin",
            })
    void noSpellingGetsPastTheRules(String target) throws IOException {
        int status = send(target);

        assertThat(status).isIn(400, 403);
        assertThat(seen.get()).as("what the application sees").isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/Admin", "/ADMIN", "/%41dmin", "/adm%C4%B1n", "/x", "/publi%43"})
    void whatIsAnotherPathToTheApplicationIsNoneThatARuleAllows(String target) throws IOException {
        assertThat(send(target)).isEqualTo(403);
        assertThat(seen.get()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "/public, /public",
        "/public/, /public/",
        "/public/x?y=/admin, /public/x",
        "/%70ublic/x, /public/x",
        "/public/a+b, /public/a+b",
        "/public/@me:1, /public/@me:1",
        "/public/%E2%82%AC, /public/€",
        "/public/..x/x.., /public/..x/x..",
        "/a%20b, /a b",
        "/caf%C3%A9/x, /café/x",
        "http://orders.local/public/y, /public/y",
    })
    void whatIsAllowedIsSeenByTheApplicationAsTheRulesSawIt(String target, String meant) throws IOException {
        assertThat(send(target)).isEqualTo(200);
        assertThat(seen.get()).isEqualTo(meant);
    }

    /** Sends a request target as it stands; its characters are bytes. Returns the status. */
    private int send(String target) throws IOException {
        seen.set(null);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), container.port())) {
            socket.setSoTimeout(10_000);
            String request = "GET " + target + " HTTP/1.1\r\nHost: orders.local\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(answer).as("answer to %s", target).startsWith("HTTP/1.1 ");
            return Integer.parseInt(answer.substring(9, 12));
        }
    }

    private final class Application extends HttpServlet {
        private static final long serialVersionUID = 1;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) {
            String info = request.getPathInfo();
            seen.set(request.getServletPath() + (info == null ? "" : info));
        }
    }
}
