package io.intramesh.okhttp;

import io.intramesh.call.Endpoint;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes sockets that connect to one endpoint, whatever port the URL names: so the request may keep the URL, and with it the
 * Host header, cookies and cache keys of the virtual service. Under TLS they are encrypted when they are connected.
 */
final class EndpointSocketFactory extends SocketFactory {
    private final Endpoint endpoint;
    private final @Nullable EndpointConnections encrypted;
    private final UnaryOperator<Socket> layer;

    private EndpointSocketFactory(
            Endpoint endpoint, @Nullable EndpointConnections encrypted, UnaryOperator<Socket> layer) {
        this.endpoint = endpoint;
        this.encrypted = encrypted;
        this.layer = layer;
    }

    static EndpointSocketFactory plaintext(Endpoint endpoint) {
        return new EndpointSocketFactory(endpoint, null, raw -> raw);
    }

    /**
     * @param http2 what the connections must speak
     */
    static EndpointSocketFactory encrypting(Endpoint endpoint, EndpointConnections connections, boolean http2) {
        return new EndpointSocketFactory(endpoint, null, raw -> new TlsSocket(connections, http2, raw));
    }

    /** Returns a factory of connections that somebody else encrypts, and that end with the others. */
    static EndpointSocketFactory toEncrypt(Endpoint endpoint, EndpointConnections connections) {
        return new EndpointSocketFactory(endpoint, connections, raw -> raw);
    }

    @Override
    public Socket createSocket() throws IOException {
        return layer.apply(new EndpointSocket(endpoint, encrypted));
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port), null);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return connected(new InetSocketAddress(host, port), new InetSocketAddress(localHost, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port), null);
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        return connected(new InetSocketAddress(address, port), new InetSocketAddress(localAddress, localPort));
    }

    private Socket connected(InetSocketAddress remote, @Nullable InetSocketAddress local) throws IOException {
        Socket socket = createSocket();
        try {
            if (local != null) {
                socket.bind(local);
            }
            socket.connect(remote);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static final class EndpointSocket extends Socket {
        private final Endpoint endpoint;
        private final @Nullable EndpointConnections connections;

        private EndpointSocket(Endpoint endpoint, @Nullable EndpointConnections connections) {
            this.endpoint = endpoint;
            this.connections = connections;
        }

        @Override
        public void connect(SocketAddress address, int timeout) throws IOException {
            // OkHttp leaves Nagle's algorithm on, which costs a small request up to 40 ms on a new connection.
            setTcpNoDelay(true);
            super.connect(new InetSocketAddress(target(address), endpoint.port()), timeout);
            if (connections != null) {
                connections.opened(this);
                if (isClosed()) {
                    connections.closed(this);
                }
            }
        }

        @Override
        public synchronized void close() throws IOException {
            if (connections != null) {
                connections.closed(this);
            }
            super.close();
        }

        /** OkHttp asks no Dns about a host that is an IP address, as a virtual service's name may be. */
        private InetAddress target(SocketAddress asked) throws ConnectException {
            List<InetAddress> known = endpoint.addresses();
            if (known.isEmpty()) {
                throw new ConnectException("endpoint " + endpoint + " has no address");
            }
            InetAddress address = ((InetSocketAddress) asked).getAddress();
            return known.contains(address) ? address : known.get(0);
        }
    }
}
