package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.intramesh.AccessSettings;
import io.intramesh.Mesh;
import io.intramesh.call.InboundRequest;
import io.intramesh.call.MeshRequest;
import io.intramesh.registry.FileRegistry;
import io.intramesh.testing.tls.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a mesh writes down, read back: the policy that comes of it, and the mesh that holds to it. */
final class AuditRoundTripTest {
    private static final String EVERYTHING_IS_RECORDED = """
            apiVersion: intramesh.io/v1
            kind: AccessPolicy
            metadata: { mesh: shop, name: first-look }
            spec:
              targetRef: { kind: Mesh, name: shop }
              mode: SHADOW
              audit: ALL
              defaultDeny: true
            """;

    private static final String NO_ADMIN = """
            apiVersion: intramesh.io/v1
            kind: AccessPolicy
            metadata: { mesh: shop, name: no-admin }
            spec:
              targetRef: { kind: VirtualNode, name: payments-v1 }
              defaultDeny: false
              rules:
                - { name: nobody-administers, effect: DENY, paths: [{ prefix: /admin }] }
            """;

    private final Logger audit = (Logger) LoggerFactory.getLogger("io.intramesh.audit");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final TestAuthority authority = TestAuthority.create("shop.local");
    private final List<X509Certificate> storefront =
            authority.node("shop", "storefront").chain();
    private final List<X509Certificate> stock = authority.node("shop", "stock").chain();

    @TempDir
    private Path folder;

    private Path conf;

    @BeforeEach
    void collectTheAuditLog() throws IOException {
        lines.start();
        audit.setAdditive(false);
        audit.setLevel(Level.INFO);
        audit.addAppender(lines);
        conf = Files.createDirectory(folder.resolve("conf"));
        Shop.in(conf);
        Files.writeString(conf.resolve("first-look.yaml"), EVERYTHING_IS_RECORDED);
        Files.writeString(conf.resolve("no-admin.yaml"), NO_ADMIN);
    }

    @AfterEach
    void leaveTheAuditLog() {
        audit.detachAppender(lines);
        audit.setAdditive(true);
    }

    @Test
    void whatWasSeenIsAllowedFromThenOnAndNothingElseIs() throws Exception {
        List<Call> seen = List.of(
                new Call(storefront, "POST", "/pay"),
                new Call(storefront, "GET", "/receipts/4711"),
                new Call(storefront, "GET", "/caf%C3%A9/menu"),
                new Call(stock, "GET", "/prices/tea"));
        Call admin = new Call(storefront, "GET", "/admin/users");
        Call odd = new Call(storefront, "GET", "/pay/%2e%2e/admin");
        try (Mesh mesh = payments()) {
            for (Call call : seen) {
                assertThat(call.isLetIn(mesh)).as("%s", call).isTrue();
            }
            assertThat(admin.isLetIn(mesh)).isFalse();
            odd.isLetIn(mesh);
            new Call(List.of(), "GET", "/open").isLetIn(mesh);
        }
        Path log = Files.write(folder.resolve("audit.log"), lines());
        Path suggested = folder.resolve("suggested.yaml");

        Run run =
                Run.mesh("policy", "suggest", "--config", conf.toString(), log.toString(), "-o", suggested.toString());

        assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
        assertThat(run.err())
                .contains("/admin/users: denied by rule 'nobody-administers' of 'no-admin'")
                .contains("nobody GET /open: a caller that proved no identity");
        Files.delete(conf.resolve("first-look.yaml"));
        Files.delete(conf.resolve("no-admin.yaml"));
        Files.move(suggested, conf.resolve("suggested.yaml"));
        try (Mesh mesh = payments()) {
            for (Call call : seen) {
                assertThat(call.isLetIn(mesh)).as("%s", call).isTrue();
            }
            assertThat(new Call(storefront, "GET", "/receipts/4712").isLetIn(mesh))
                    .isTrue();
            for (Call never : List.of(
                    admin,
                    odd,
                    new Call(storefront, "GET", "/pay"),
                    new Call(storefront, "POST", "/pay/now"),
                    new Call(storefront, "POST", "/receipts/4711"),
                    new Call(storefront, "GET", "/receipts/4711/lines"),
                    new Call(storefront, "GET", "/receipts/"),
                    new Call(storefront, "GET", "/prices/tea"),
                    new Call(stock, "GET", "/prices/coffee"),
                    new Call(List.of(), "POST", "/pay"),
                    new Call(authority.node("other", "storefront").chain(), "POST", "/pay"))) {
                assertThat(never.isLetIn(mesh)).as("%s", never).isFalse();
            }
        }
    }

    private Mesh payments() throws Exception {
        return Mesh.builder()
                .registry(FileRegistry.of(conf))
                .mesh("shop")
                .virtualNode("payments-v1")
                .access(new AccessSettings(false, Set.of("shop.local"), AccessSettings.DEFAULT_SPIFFE_PATH))
                .start();
    }

    private List<String> lines() {
        List<String> all = new ArrayList<>();
        lines.list.forEach(event -> all.add("12:00:00.000 " + event.getLevel() + "  " + event.getLoggerName() + " - "
                + event.getFormattedMessage()));
        return all;
    }

    /** A request as payments gets it. */
    private record Call(List<X509Certificate> caller, String method, String path) {
        boolean isLetIn(Mesh mesh) throws InterruptedException {
            InboundRequest request = mesh.inbound().begin(new Arrived(method, path), 8081, caller);
            request.awaitAdmission();
            boolean isLetIn = request.refusal() == null;
            request.ended(200, null);
            return isLetIn;
        }

        @Override
        public String toString() {
            return (caller.isEmpty() ? "nobody" : caller.get(0).getSubjectX500Principal()) + " " + method + " " + path;
        }
    }

    private record Arrived(String method, String path) implements MeshRequest {
        @Override
        public String scheme() {
            return "https";
        }

        @Override
        public String host() {
            return "payments.local";
        }

        @Override
        public int port() {
            return -1;
        }

        @Override
        public @Nullable String query() {
            return null;
        }

        @Override
        public @Nullable String header(String name) {
            return null;
        }
    }
}
