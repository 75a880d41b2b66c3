package io.intramesh.spring.boot3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.Mesh;
import io.intramesh.MeshConfigException;
import io.intramesh.document.RawDocument;
import io.intramesh.spring.ServerCustomizer;
import io.intramesh.testing.FakeRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.servlet.ServletContextInitializer;
import org.springframework.boot.web.servlet.server.AbstractServletWebServerFactory;

/** What needs no running server. */
class ServerCustomizerTest {
    private final FakeRegistry registry = FakeRegistry.create();

    @Test
    void aServerOfAnotherKindIsNoneForAListenerThatTakesTlsOnly() {
        try (Mesh mesh = mesh("STRICT")) {
            ServerCustomizer customizer = customizer(mesh);

            assertThatThrownBy(() -> customizer.customize(new OtherServer()))
                    .isInstanceOf(MeshConfigException.class)
                    .hasMessageStartingWith(
                            "virtualNode 'orders' listener on port 8080: tls mode STRICT, but a server of ")
                    .hasMessageEndingWith(
                            "cannot be set up for it; use Tomcat or Jetty, or take the listener's tls off");
        }
    }

    @Test
    void whereTheListenerTakesPlaintextTooTheServerIsLeftAsItIs() {
        try (Mesh mesh = mesh("PERMISSIVE")) {
            ServerCustomizer customizer = customizer(mesh);
            TomcatServletWebServerFactory own = new TomcatServletWebServerFactory();
            own.setSsl(new Ssl());

            customizer.customize(new OtherServer());
            customizer.customize(own);

            assertThat(own.getTomcatConnectorCustomizers()).isEmpty();
        }
    }

    @Test
    void aListenerWithoutTlsChangesNothing() {
        deliver("");
        try (Mesh mesh = Mesh.builder().registry(registry).virtualNode("orders").start()) {
            TomcatServletWebServerFactory tomcat = new TomcatServletWebServerFactory();

            customizer(mesh).customize(tomcat);
            customizer(mesh).customize(new OtherServer());

            assertThat(tomcat.getTomcatConnectorCustomizers()).isEmpty();
        }
    }

    private Mesh mesh(String mode) {
        deliver("tls: { mode: " + mode
                + ", certificate: { file: { certificateChain: /none.pem, privateKey: /none.key } } }");
        return Mesh.builder().registry(registry).virtualNode("orders").start();
    }

    private void deliver(String tls) {
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
                  listeners:
                    - portMapping: { port: 8080, protocol: http }
                      %s
                  serviceDiscovery: { dns: { hostname: orders.local } }
                """.formatted(tls)));
    }

    private static final class OtherServer extends AbstractServletWebServerFactory {
        @Override
        public WebServer getWebServer(ServletContextInitializer... initializers) {
            throw new UnsupportedOperationException();
        }
    }

    private static ServerCustomizer customizer(Mesh mesh) {
        return new ServerCustomizer(mesh, List.of(TomcatSetup::isDone, JettySetup::isDone));
    }
}
