package io.intramesh.spring.boot3;

import io.intramesh.servlet.jetty.MeshConnectionFactory;
import io.intramesh.spring.ListenerSetup;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.boot.web.embedded.jetty.JettyServletWebServerFactory;
import org.springframework.util.ClassUtils;

/** Sets up Jetty, which may be absent. */
final class JettySetup {
    private static final boolean PRESENT = ClassUtils.isPresent(
                    "org.springframework.boot.web.embedded.jetty.JettyServletWebServerFactory",
                    JettySetup.class.getClassLoader())
            && ClassUtils.isPresent("org.eclipse.jetty.server.Server", JettySetup.class.getClassLoader());

    private JettySetup() {}

    /** Sets a server up where it is Jetty; returns whether it is. */
    static boolean isDone(Object factory, ListenerSetup setup) {
        return PRESENT && Setup.isDone(factory, setup);
    }

    /** Apart, so that nothing of Jetty is looked for where there is none. */
    private static final class Setup {
        static boolean isDone(Object factory, ListenerSetup setup) {
            if (!(factory instanceof JettyServletWebServerFactory jetty)) {
                return false;
            }
            jetty.addServerCustomizers(server -> customize(server, setup));
            return true;
        }

        private static void customize(Server server, ListenerSetup setup) {
            // The first is that of server.port; others are the application's own.
            Connector[] connectors = server.getConnectors();
            if (connectors.length > 0 && connectors[0] instanceof ServerConnector connector) {
                MeshConnectionFactory.install(connector, setup.tls());
            } else {
                setup.impossible("Jetty was given a connector of its own kind; leave the connector to Spring Boot");
            }
        }
    }
}
