package io.intramesh.spring;

import io.intramesh.Mesh;
import java.util.List;
import java.util.function.BiPredicate;
import org.springframework.boot.web.server.AbstractConfigurableWebServerFactory;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;

/**
 * Sets up the server for the mesh's listener on its port, where that declares TLS. For the modules of the lines of Spring Boot,
 * which know the servers.
 */
public final class ServerCustomizer
        implements WebServerFactoryCustomizer<AbstractConfigurableWebServerFactory>, Ordered {
    private final Mesh mesh;
    private final List<BiPredicate<Object, ListenerSetup>> servers;

    /**
     * @param servers each takes a server's factory and sets it up if it is of its kind, and tells whether it is
     */
    public ServerCustomizer(Mesh mesh, List<BiPredicate<Object, ListenerSetup>> servers) {
        this.mesh = mesh;
        this.servers = List.copyOf(servers);
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
        if (servers.stream().noneMatch(server -> server.test(factory, setup))) {
            setup.impossible("a server of " + factory.getClass().getName()
                    + " cannot be set up for it; use Tomcat or Jetty, or take the listener's tls off");
        }
    }
}
