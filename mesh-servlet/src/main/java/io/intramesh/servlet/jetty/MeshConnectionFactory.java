package io.intramesh.servlet.jetty;

import static java.util.Objects.requireNonNull;

import io.intramesh.model.ListenerTls;
import io.intramesh.tls.ServerTls;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.DetectorConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;

/**
 * Jetty's HTTP/1.1 and HTTP/2 for a listener of the mesh. Each connection is encrypted or not as the listener says when it is
 * made: STRICT takes TLS only and closes what begins otherwise, without an answer; PERMISSIVE takes both; DISABLED takes
 * plaintext only. A change of the mode, the certificate or the trust needs no restart.
 *
 * <pre>{@code
 * Server server = new Server();
 * ServerConnector connector = MeshConnectionFactory.connector(server, mesh.serverTls(8443));
 * connector.setPort(8443);
 * server.addConnector(connector);
 * }</pre>
 *
 * <p>HTTP/2, where {@code jetty-http2-server} is there, is chosen by ALPN over TLS, and by prior knowledge or upgrade in
 * plaintext. What a request says of its connection ({@code isSecure}, scheme, {@code jakarta.servlet.request.X509Certificate})
 * is true for that connection. Customizers that believe headers, such as {@code ForwardedRequestCustomizer}, come after and may
 * change the first two, but nothing of what the mesh goes by.
 *
 * <p>A connection has {@link #DEFAULT_HANDSHAKE_TIMEOUT} for its handshake, from the first byte on, and the connector's idle
 * timeout for that first byte. It holds no thread meanwhile.
 */
public final class MeshConnectionFactory extends DetectorConnectionFactory {
    /** How long a handshake may take, when nothing else is said: 10 s, as Netty's SslHandler. */
    public static final Duration DEFAULT_HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    static final String H2 = "h2";
    static final String HTTP_1 = "http/1.1";

    private final ServerTls tls;
    private final HttpConnectionFactory http;

    private MeshConnectionFactory(ServerTls tls, HttpConnectionFactory http, TlsConnectionFactory secure) {
        super(secure);
        this.tls = tls;
        this.http = http;
    }

    /** Returns a connector that serves that listener, with Jetty's default settings for HTTP. */
    public static ServerConnector connector(Server server, ServerTls tls) {
        ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(new HttpConfiguration()));
        install(connector, tls);
        return connector;
    }

    /**
     * Makes a connector serve that listener. It keeps its settings for HTTP, which all protocols on it share. Before the
     * connector starts.
     *
     * @throws IllegalStateException when the connector has TLS of its own, or does not speak HTTP/1.1
     */
    public static void install(ServerConnector connector, ServerTls tls) {
        install(connector, tls, DEFAULT_HANDSHAKE_TIMEOUT);
    }

    /** As {@link #install(ServerConnector, ServerTls)}, with another limit for handshakes, of 1 ms or more. */
    public static void install(ServerConnector connector, ServerTls tls, Duration handshakeTimeout) {
        requireNonNull(tls, "tls");
        long timeoutMillis = handshakeTimeout.toMillis();
        if (timeoutMillis <= 0) {
            throw new IllegalArgumentException("handshakeTimeout: " + timeoutMillis + " ms (expected: 1 or more)");
        }
        if (connector.getConnectionFactory(SslConnectionFactory.class) != null) {
            throw new IllegalStateException(
                    "connector: has TLS of its own (expected: none); the mesh's listener brings the"
                            + " TLS of this connector, so take off the connector's own");
        }
        HttpConnectionFactory http = connector.getConnectionFactory(HttpConnectionFactory.class);
        if (http == null) {
            throw new IllegalStateException("connector: does not speak HTTP/1.1 (expected: an HttpConnectionFactory)");
        }
        HttpConfiguration configuration = http.getHttpConfiguration();
        // First, so that all others build on what is true.
        configuration.getCustomizers().add(0, new ConnectionCustomizer());
        List<String> protocols = Http2.isPresent() ? List.of(H2, HTTP_1) : List.of(HTTP_1);
        AlpnConnectionFactory alpn = new AlpnConnectionFactory(protocols);
        MeshConnectionFactory mesh =
                new MeshConnectionFactory(tls, http, new TlsConnectionFactory(tls, alpn, protocols, timeoutMillis));
        List<ConnectionFactory> factories = new ArrayList<>();
        factories.add(mesh);
        factories.add(http);
        if (Http2.isPresent()) {
            factories.addAll(Http2.factories(connector, configuration));
        }
        connector.setConnectionFactories(factories);
        connector.setDefaultProtocol(mesh.getProtocol());
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint) {
        return tls.mode() == ListenerTls.Mode.DISABLED
                ? http.newConnection(connector, endPoint)
                : super.newConnection(connector, endPoint);
    }

    /** Called for a connection that does not begin as TLS does. */
    @Override
    protected void nextProtocol(Connector connector, EndPoint endPoint, ByteBuffer received) {
        if (tls.mode() == ListenerTls.Mode.STRICT) {
            endPoint.close();
        } else {
            upgradeToConnectionFactory(http, connector, endPoint);
        }
    }
}
