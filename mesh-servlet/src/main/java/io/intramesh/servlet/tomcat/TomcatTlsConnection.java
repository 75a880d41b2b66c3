package io.intramesh.servlet.tomcat;

import io.intramesh.servlet.internal.TlsConnection;
import io.intramesh.tls.ServerTls;
import javax.net.ssl.SSLSession;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/** A TLS connection to Tomcat. */
final class TomcatTlsConnection extends TlsConnection {
    private volatile @Nullable InternalHttpUpgradeHandler http2;

    TomcatTlsConnection(ServerTls.Lease lease, SSLSession session) {
        super(lease, session);
    }

    /** Returns what is known of a connection, or null where it is not encrypted. */
    static @Nullable TomcatTlsConnection of(SocketWrapperBase<?> socket) {
        return socket.getSocket() instanceof MeshNioChannel channel ? channel.connection() : null;
    }

    /** Notes that the connection speaks HTTP/2. */
    void http2(InternalHttpUpgradeHandler handler) {
        http2 = handler;
    }

    @Override
    protected void sayGoAway() {
        InternalHttpUpgradeHandler handler = http2;
        if (handler != null) {
            // What Tomcat does with every connection when its connector pauses: GOAWAY, and what is under way ends.
            handler.pause();
        }
    }
}
