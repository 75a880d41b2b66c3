package io.intramesh.internal.tls.engine;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** Makes encrypted sockets over connected ones. Safe for use by several threads. */
public final class EngineSslSocketFactory extends SSLSocketFactory {
    private final TlsRole role;
    private final EpochSource source;
    private final ScratchPool scratches;
    private final @Nullable String serverName;

    /**
     * Makes a factory.
     *
     * @param serverName the SNI of every connection; null names the host that is connected to, where it is no address
     */
    public EngineSslSocketFactory(
            TlsRole role, EpochSource source, ScratchPool scratches, @Nullable String serverName) {
        this.role = requireNonNull(role, "role");
        this.source = requireNonNull(source, "source");
        this.scratches = requireNonNull(scratches, "scratches");
        this.serverName = serverName;
    }

    @Override
    public Socket createSocket(Socket socket, @Nullable String host, int port, boolean autoClose) throws IOException {
        if (!socket.isConnected()) {
            throw new IOException("socket: not connected (expected: a connected socket to layer over)");
        }
        // Small records wait for nothing: with Nagle's algorithm a new connection took 40 ms more.
        socket.setTcpNoDelay(true);
        String name = serverName == null ? ServerNames.ofHost(host) : serverName;
        EpochEngine engine = new EpochEngine(source, scratches, role, host, port, role == TlsRole.CLIENT ? name : null);
        return new EngineSslSocket(socket, engine, scratches, autoClose);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return layered(new Socket(host, port), host, port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return layered(new Socket(host, port, localHost, localPort), host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return layered(new Socket(host, port), host.getHostAddress(), port);
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        return layered(new Socket(address, port, localAddress, localPort), address.getHostAddress(), port);
    }

    private Socket layered(Socket socket, String host, int port) throws IOException {
        try {
            return createSocket(socket, host, port, true);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return EpochEngine.suites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return EpochEngine.suites();
    }
}
