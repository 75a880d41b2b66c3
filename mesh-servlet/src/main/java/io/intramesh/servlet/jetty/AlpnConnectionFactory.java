package io.intramesh.servlet.jetty;

import java.util.List;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.NegotiatingServerConnection;
import org.eclipse.jetty.server.NegotiatingServerConnectionFactory;

/**
 * Goes on with the protocol that the engine negotiated, HTTP/1.1 where it negotiated none. Jetty's own asks processors that know
 * the engines of the JDK by their package; these here are other engines, and all it takes is
 * {@link SSLEngine#getApplicationProtocol}.
 */
final class AlpnConnectionFactory extends NegotiatingServerConnectionFactory {

    AlpnConnectionFactory(List<String> protocols) {
        super("mesh-alpn", protocols.toArray(String[]::new));
        setDefaultProtocol(MeshConnectionFactory.HTTP_1);
    }

    @Override
    protected AbstractConnection newServerConnection(
            Connector connector, EndPoint endPoint, SSLEngine engine, List<String> protocols, String defaultProtocol) {
        AlpnConnection connection = new AlpnConnection(connector, endPoint, engine, protocols, defaultProtocol);
        ((SslConnection.SslEndPoint) endPoint).getSslConnection().addHandshakeListener(connection);
        return connection;
    }

    private static final class AlpnConnection extends NegotiatingServerConnection implements SslHandshakeListener {
        AlpnConnection(
                Connector connector,
                EndPoint endPoint,
                SSLEngine engine,
                List<String> protocols,
                String defaultProtocol) {
            super(connector, endPoint, engine, protocols, defaultProtocol);
        }

        @Override
        public void handshakeSucceeded(Event event) {
            String negotiated = getSSLEngine().getApplicationProtocol();
            setProtocol(negotiated == null || negotiated.isEmpty() ? getDefaultProtocol() : negotiated);
        }
    }
}
