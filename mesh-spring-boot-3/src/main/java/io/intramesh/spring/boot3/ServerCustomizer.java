package io.intramesh.spring.boot3;

import io.intramesh.Mesh;
import io.intramesh.spring.ListenerSetup;
import org.springframework.boot.web.server.AbstractConfigurableWebServerFactory;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;

/** Sets up the server for the mesh's listener on its port, where that declares TLS. */
final class ServerCustomizer implements WebServerFactoryCustomizer<AbstractConfigurableWebServerFactory>, Ordered {
    private final Mesh mesh;

    ServerCustomizer(Mesh mesh) {
        this.mesh = mesh;
    }

    /** Last, when the port and whatever TLS the application has of its own are known. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public void customize(AbstractConfigurableWebServerFactory factory) {
        ListenerSetup setup = ListenerSetup.of(mesh, factory.getPort());
        if (setup == null) {
            return;
        }
        Ssl ssl = factory.getSsl();
        if (ssl != null && ssl.isEnabled()) {
            setup.impossible(
                    "the server has TLS of its own (server.ssl.*); take that off, since the listener brings its"
                            + " certificate, or take the listener's tls off");
            return;
        }
        if (!TomcatSetup.isDone(factory, setup) && !JettySetup.isDone(factory, setup)) {
            setup.impossible("a server of " + factory.getClass().getName()
                    + " cannot be set up for it; use Tomcat or Jetty, or take the listener's tls off");
        }
    }
}
