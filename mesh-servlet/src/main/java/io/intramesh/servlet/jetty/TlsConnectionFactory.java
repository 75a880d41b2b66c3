package io.intramesh.servlet.jetty;

import io.intramesh.tls.ServerTls;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.util.thread.Scheduler;

/** Recognizes TLS, and makes encrypted connections with the listener's engines. */
final class TlsConnectionFactory extends AbstractConnectionFactory implements ConnectionFactory.Detecting {
    /** Type of the record that every TLS connection begins with (RFC 8446, section 5.1). No method of HTTP begins so. */
    private static final int HANDSHAKE_RECORD = 22;

    private final ServerTls tls;
    private final AlpnConnectionFactory next;
    private final String[] protocols;
    private final long timeoutMillis;

    TlsConnectionFactory(ServerTls tls, AlpnConnectionFactory next, List<String> protocols, long timeoutMillis) {
        super("mesh-tls");
        this.timeoutMillis = timeoutMillis;
        this.tls = tls;
        this.next = next;
        this.protocols = protocols.toArray(String[]::new);
    }

    @Override
    public Detection detect(ByteBuffer received) {
        if (!received.hasRemaining()) {
            return Detection.NEED_MORE_BYTES;
        }
        return received.get(received.position()) == HANDSHAKE_RECORD ? Detection.RECOGNIZED : Detection.NOT_RECOGNIZED;
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint) {
        // Before the engine: a connection that seems older than it is ends a little early; the other way it would stay.
        ServerTls.Lease lease = tls.lease();
        SSLEngine engine = tls.context().createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        engine.setSSLParameters(parameters);
        MeshSslConnection secure = new MeshSslConnection(connector, endPoint, engine, lease);
        secure.setRenegotiationAllowed(false);
        secure.addHandshakeListener(new TimeLimit(connector, endPoint, timeoutMillis));
        configure(secure, connector, endPoint);
        EndPoint decrypted = secure.getSslEndPoint();
        decrypted.setConnection(next.newConnection(connector, decrypted));
        return secure;
    }

    /** Closes a connection whose handshake takes too long, even where a byte comes now and then. */
    private static final class TimeLimit implements SslHandshakeListener {
        private final Scheduler.Task end;

        TimeLimit(Connector connector, EndPoint endPoint, long millis) {
            end = connector
                    .getScheduler()
                    .schedule(
                            () -> endPoint.close(
                                    new TimeoutException("TLS handshake not over after " + millis + " ms")),
                            millis,
                            TimeUnit.MILLISECONDS);
        }

        @Override
        public void handshakeSucceeded(Event event) {
            end.cancel();
        }

        @Override
        public void handshakeFailed(Event event, Throwable failure) {
            end.cancel();
        }
    }
}
