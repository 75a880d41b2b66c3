package io.intramesh.servlet.jetty;

import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.ServerConnector;

/** All that needs Jetty's HTTP/2, which is an optional dependency. Ask {@link #isPresent} before anything else. */
final class Http2 {
    private static final boolean PRESENT = isThere();

    private Http2() {}

    static boolean isPresent() {
        return PRESENT;
    }

    private static boolean isThere() {
        try {
            Class.forName("org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory", false, loader());
            return true;
        } catch (ClassNotFoundException absent) {
            return false;
        }
    }

    private static ClassLoader loader() {
        return MeshConnectionFactory.class.getClassLoader();
    }

    /** Returns HTTP/2 over TLS and in plaintext: what the connector has of it, else with default settings. */
    static List<ConnectionFactory> factories(ServerConnector connector, HttpConfiguration configuration) {
        List<ConnectionFactory> factories = new ArrayList<>();
        HTTP2CServerConnectionFactory plain = null;
        HTTP2ServerConnectionFactory secure = null;
        for (ConnectionFactory factory : connector.getConnectionFactories()) {
            if (factory instanceof HTTP2CServerConnectionFactory found) {
                plain = found;
            } else if (factory instanceof HTTP2ServerConnectionFactory found) {
                secure = found;
            }
        }
        factories.add(secure == null ? new HTTP2ServerConnectionFactory(configuration) : secure);
        factories.add(plain == null ? new HTTP2CServerConnectionFactory(configuration) : plain);
        return factories;
    }

    /** Sends GOAWAY where the connection speaks HTTP/2; streams under way end. */
    static void goAway(Connection connection) {
        if (connection instanceof HTTP2Connection http2) {
            var unused = http2.getSession().shutdown();
        }
    }
}
