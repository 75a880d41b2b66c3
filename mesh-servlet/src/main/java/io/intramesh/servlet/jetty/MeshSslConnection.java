package io.intramesh.servlet.jetty;

import io.intramesh.servlet.internal.TlsConnection;
import io.intramesh.tls.ServerTls;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Connector;
import org.jspecify.annotations.Nullable;

/** An encrypted connection that knows under what it was made. */
final class MeshSslConnection extends SslConnection {
    private final ServerTls.Lease lease;
    private volatile @Nullable Known known;

    MeshSslConnection(Connector connector, EndPoint endPoint, SSLEngine engine, ServerTls.Lease lease) {
        // BoringSSL reads and writes native memory; heap buffers would be copied for it.
        super(connector.getByteBufferPool(), connector.getExecutor(), null, endPoint, engine, true, true);
        this.lease = lease;
    }

    /** Returns what is known of the connection behind an end point, or null where that is not encrypted by us. */
    static @Nullable TlsConnection of(@Nullable EndPoint endPoint) {
        return endPoint instanceof SslEndPoint secure && secure.getSslConnection() instanceof MeshSslConnection ours
                ? ours.known()
                : null;
    }

    /** Asked with the first request on, when the handshake is over. Two requests at once may both find out; they agree. */
    private TlsConnection known() {
        Known found = known;
        if (found == null) {
            found = new Known();
            known = found;
        }
        return found;
    }

    private final class Known extends TlsConnection {
        Known() {
            super(lease, getSSLEngine().getSession());
        }

        @Override
        protected void sayGoAway() {
            Connection connection = getSslEndPoint().getConnection();
            if (Http2.isPresent()) {
                Http2.goAway(connection);
            }
        }
    }
}
