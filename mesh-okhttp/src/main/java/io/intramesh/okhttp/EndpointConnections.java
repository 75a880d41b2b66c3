package io.intramesh.okhttp;

import static java.util.Objects.requireNonNull;

import io.intramesh.call.Endpoint;
import io.intramesh.tls.ClientTls;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.SocketFactory;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import okhttp3.ConnectionSpec;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one endpoint that are secured alike: in plaintext, or under one {@link ClientTls}. OkHttp's pool tells them
 * from all others by {@link #dns}, whose identity it compares; the socket factory, which it does not compare, would not do.
 */
final class EndpointConnections {
    /** What TLS speaks is decided by who made the sockets; OkHttp's own lists would only narrow it. */
    static final ConnectionSpec AS_MADE = new ConnectionSpec.Builder(ConnectionSpec.MODERN_TLS)
            .allEnabledTlsVersions()
            .allEnabledCipherSuites()
            .build();

    private static final String HTTP_2 = "h2";
    private static final String HTTP_1_1 = "http/1.1";

    private final Endpoint endpoint;
    private final @Nullable ClientTls tls;
    private final EndpointDns dns;
    private final SocketFactory sockets;
    private final SocketFactory http2Sockets;

    /** Those in use or idle under TLS, which end with the certificate. Any thread. */
    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();

    /**
     * @param tls null for plaintext
     */
    EndpointConnections(Endpoint endpoint, @Nullable ClientTls tls) {
        this.endpoint = endpoint;
        this.tls = tls;
        dns = new EndpointDns(endpoint);
        sockets = tls == null
                ? EndpointSocketFactory.plaintext(endpoint)
                : EndpointSocketFactory.encrypting(endpoint, this, false);
        http2Sockets = tls == null ? sockets : EndpointSocketFactory.encrypting(endpoint, this, true);
    }

    @Nullable
    ClientTls tls() {
        return tls;
    }

    EndpointDns dns() {
        return dns;
    }

    /** Returns what makes the connections for http URLs, which OkHttp takes to be plaintext: they are encrypted underneath. */
    SocketFactory sockets(boolean http2) {
        return http2 ? http2Sockets : sockets;
    }

    /** Returns what makes the connections for https URLs, which OkHttp encrypts by {@link #layers}. */
    SocketFactory socketsToEncrypt() {
        return EndpointSocketFactory.toEncrypt(endpoint, this);
    }

    /**
     * Returns what encrypts connections for https URLs. OkHttp sets what application protocols they offer, and looks by the host
     * name verifier who answers.
     */
    SSLSocketFactory layers() {
        return new Layers();
    }

    /** Encrypts a connection: shakes hands, and looks who answers and what it speaks. */
    SSLSocket secured(Socket connected, boolean http2) throws IOException {
        ClientTls security = requireNonNull(tls, "tls");
        SSLSocket socket = layered(connected);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {http2 ? HTTP_2 : HTTP_1_1});
        socket.setSSLParameters(parameters);
        try {
            socket.startHandshake();
        } catch (SSLException e) {
            throw http2 && TlsFailures.isForWantOfHttp2(e) ? TlsFailures.notHttp2(endpoint, null) : e;
        }
        if (!security.hostnameVerifier().verify(endpoint.name(), socket.getSession())) {
            throw TlsFailures.notVerified(endpoint, security, socket.getSession());
        }
        String agreed = socket.getApplicationProtocol();
        if (http2 && !HTTP_2.equals(agreed)) {
            throw TlsFailures.notHttp2(endpoint, agreed);
        }
        return socket;
    }

    /** A connection under TLS is made. */
    void opened(Closeable connection) {
        open.add(connection);
    }

    void closed(Closeable connection) {
        open.remove(connection);
    }

    boolean isAnyOpen() {
        return !open.isEmpty();
    }

    /** Ends every connection, in use or not. */
    void closeAll() {
        for (Closeable connection : open) {
            try {
                connection.close();
            } catch (IOException e) {
                MeshClient.log.debug("connection not closed endpoint={}", endpoint, e);
            }
        }
    }

    /** By the endpoint's own address, so that sessions are resumed where they were begun. */
    private SSLSocket layered(Socket connected) throws IOException {
        ClientTls security = requireNonNull(tls, "tls");
        InetAddress address = connected.getInetAddress();
        return (SSLSocket) security.socketFactory()
                .createSocket(
                        connected, address == null ? endpoint.name() : address.getHostAddress(), endpoint.port(), true);
    }

    @Override
    public String toString() {
        return endpoint + (tls == null ? " in plaintext" : " by TLS until " + tls.notAfter());
    }

    /** Encrypts what OkHttp connected. */
    private final class Layers extends SSLSocketFactory {
        @Override
        public Socket createSocket(Socket connected, String host, int port, boolean autoClose) throws IOException {
            return layered(connected);
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw notConnected();
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
            throw notConnected();
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw notConnected();
        }

        @Override
        public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
            throw notConnected();
        }

        @Override
        public String[] getDefaultCipherSuites() {
            return requireNonNull(tls, "tls").socketFactory().getDefaultCipherSuites();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return requireNonNull(tls, "tls").socketFactory().getSupportedCipherSuites();
        }

        private UnsupportedOperationException notConnected() {
            return new UnsupportedOperationException(
                    "connections to " + endpoint + " are encrypted once they are made");
        }
    }
}
