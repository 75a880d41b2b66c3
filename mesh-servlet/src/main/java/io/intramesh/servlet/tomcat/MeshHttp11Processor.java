package io.intramesh.servlet.tomcat;

import jakarta.servlet.ServletConnection;
import java.io.IOException;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketWrapperBase;

/** Serves HTTP/1.1, one connection after the other, and knows of each whether it is encrypted. */
final class MeshHttp11Processor extends Http11Processor {
    private final ConnectionAdapter connections;

    MeshHttp11Processor(AbstractHttp11Protocol<?> protocol, ConnectionAdapter adapter) {
        super(protocol, adapter);
        this.connections = adapter;
    }

    @Override
    public SocketState service(SocketWrapperBase<?> socket) throws IOException {
        connections.connection(TomcatTlsConnection.of(socket));
        return super.service(socket);
    }

    @Override
    protected ServletConnection getServletConnection() {
        ServletConnection connection = super.getServletConnection();
        return connections.isEncrypted() ? new Encrypted(connection) : connection;
    }

    /** Tomcat asks the connector, which does not know. */
    private record Encrypted(ServletConnection connection) implements ServletConnection {
        @Override
        public String getConnectionId() {
            return connection.getConnectionId();
        }

        @Override
        public String getProtocol() {
            return connection.getProtocol();
        }

        @Override
        public String getProtocolConnectionId() {
            return connection.getProtocolConnectionId();
        }

        @Override
        public boolean isSecure() {
            return true;
        }
    }
}
