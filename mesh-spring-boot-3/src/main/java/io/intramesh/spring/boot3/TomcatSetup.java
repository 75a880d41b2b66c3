package io.intramesh.spring.boot3;

import io.intramesh.servlet.tomcat.MeshHttp11Protocol;
import io.intramesh.spring.ListenerSetup;
import org.apache.catalina.connector.Connector;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.util.ClassUtils;

/** Sets up Tomcat, which may be absent. */
final class TomcatSetup {
    private static final boolean PRESENT = ClassUtils.isPresent(
                    "org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory",
                    TomcatSetup.class.getClassLoader())
            && ClassUtils.isPresent("org.apache.catalina.connector.Connector", TomcatSetup.class.getClassLoader());

    private TomcatSetup() {}

    /** Sets a server up where it is Tomcat; returns whether it is. */
    static boolean isDone(Object factory, ListenerSetup setup) {
        return PRESENT && Setup.isDone(factory, setup);
    }

    /** Apart, so that nothing of Tomcat is looked for where there is none. */
    private static final class Setup {
        static boolean isDone(Object factory, ListenerSetup setup) {
            if (!(factory instanceof TomcatServletWebServerFactory tomcat)) {
                return false;
            }
            tomcat.setProtocol(MeshHttp11Protocol.class.getName());
            tomcat.addConnectorCustomizers(connector -> customize(connector, setup));
            return true;
        }

        private static void customize(Connector connector, ListenerSetup setup) {
            if (connector.getProtocolHandler() instanceof MeshHttp11Protocol protocol) {
                protocol.serverTls(setup.tls());
            } else {
                setup.impossible("Tomcat was given the protocol "
                        + connector.getProtocolHandler().getClass().getName()
                        + "; leave the choice of the protocol out");
            }
        }
    }
}
