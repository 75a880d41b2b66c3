package io.intramesh.servlet.tomcat;

import io.intramesh.model.ListenerTls;
import io.intramesh.tls.ServerTls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.apache.tomcat.util.buf.ByteBufferUtils;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SecureNioChannel;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.jsse.JSSESupport;
import org.jspecify.annotations.Nullable;

/**
 * A connection that becomes plain or secure by its first byte and the mode of the listener at that moment. Once plain, it is
 * what {@code NioChannel} is; once secure, what its superclass is, but for the engine, which comes from the listener and not
 * from Tomcat's own configuration of TLS.
 *
 * <p>The choice is made where Tomcat shakes hands: on a worker, when bytes are there, and without waiting for any.
 */
final class MeshNioChannel extends SecureNioChannel {
    /** Type of the record that every TLS connection begins with (RFC 8446, section 5.1). No method of HTTP begins so. */
    private static final int HANDSHAKE_RECORD = 22;

    /** Order of preference, as everywhere. */
    private static final String[] PROTOCOLS = {"h2", "http/1.1"};

    private enum State {
        UNDECIDED,
        PLAIN,
        SECURE
    }

    private final MeshNioEndpoint endpoint;
    private final ServerTls tls;

    // Each connection is worked on by one thread at a time, which Tomcat sees to.
    private State state = State.UNDECIDED;
    private long limitMillis;
    private long beganNanos;
    private ServerTls.@Nullable Lease lease;
    private @Nullable TomcatTlsConnection connection;
    private @Nullable SSLSupport support;

    MeshNioChannel(SocketBufferHandler buffers, MeshNioEndpoint endpoint, ServerTls tls) {
        super(buffers, endpoint);
        this.endpoint = endpoint;
        this.tls = tls;
    }

    /** Returns what is known of this connection, or null where it is not encrypted, or its handshake not yet over. */
    @Nullable
    TomcatTlsConnection connection() {
        return connection;
    }

    @Override
    public void reset(@Nullable SocketChannel channel, NioEndpoint.@Nullable NioSocketWrapper wrapper)
            throws IOException {
        super.reset(channel, wrapper);
        if (channel != null) {
            state = tls.mode() == ListenerTls.Mode.DISABLED ? State.PLAIN : State.UNDECIDED;
            // Nothing was read yet.
            netInBuffer.limit(0);
            lease = null;
            connection = null;
            support = null;
        }
    }

    @Override
    public boolean isHandshakeComplete() {
        return state == State.PLAIN || super.isHandshakeComplete();
    }

    @Override
    public int handshake(boolean read, boolean write) throws IOException {
        if (state == State.UNDECIDED) {
            int interest = decide();
            if (interest != 0) {
                return interest;
            }
        }
        if (state == State.PLAIN) {
            return 0;
        }
        if (!handshakeComplete && System.nanoTime() - beganNanos > TimeUnit.MILLISECONDS.toNanos(limitMillis)) {
            // Tomcat's poller looks for connections that are late when it wakes, and passes over those that woke it:
            // one
            // that sends a byte now and then would never end.
            return -1;
        }
        int interest = super.handshake(read, write);
        if (interest == 0 && connection == null && lease != null) {
            connection = new TomcatTlsConnection(lease, sslEngine.getSession());
            endTimeLimit();
        }
        return interest;
    }

    /** Returns 0 once it is decided, -1 to close, or what to wait for. */
    private int decide() throws IOException {
        // One byte is enough, and leaves the rest where plain reading looks for it.
        netInBuffer.clear().limit(1);
        int count = sc.read(netInBuffer);
        if (count < 0) {
            return -1;
        }
        if (count == 0) {
            return SelectionKey.OP_READ;
        }
        ListenerTls.Mode mode = tls.mode();
        if (netInBuffer.get(0) == HANDSHAKE_RECORD && mode != ListenerTls.Mode.DISABLED) {
            netInBuffer.limit(netInBuffer.capacity());
            beginTimeLimit();
            beginHandshake();
            state = State.SECURE;
            return 0;
        }
        if (mode == ListenerTls.Mode.STRICT) {
            return -1;
        }
        netInBuffer.flip();
        state = State.PLAIN;
        return 0;
    }

    private void beginHandshake() throws IOException {
        lease = tls.lease();
        try {
            SSLEngine engine = tls.context().createSSLEngine();
            engine.setUseClientMode(false);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setApplicationProtocols(PROTOCOLS);
            engine.setSSLParameters(parameters);
            SSLSession session = engine.getSession();
            getBufHandler().expand(session.getApplicationBufferSize());
            netInBuffer = ByteBufferUtils.expand(netInBuffer, session.getPacketBufferSize());
            netOutBuffer = ByteBufferUtils.expand(netOutBuffer, session.getPacketBufferSize());
            netOutBuffer.position(0).limit(0);
            engine.beginHandshake();
            sslEngine = engine;
            handshakeStatus = engine.getHandshakeStatus();
            // Spares the superclass to look for a host name, by which it would choose among certificates.
            sniComplete = true;
        } catch (IllegalStateException | UnsupportedOperationException noCertificate) {
            // An IOException is a failed handshake to Tomcat; anything else it would log with a stack trace, each time.
            throw new SSLException("no TLS at hand for this listener", noCertificate);
        }
    }

    /** Tomcat counts from the connection's last read of a request, of which there was none: from its begin. */
    private void beginTimeLimit() {
        long usual = endpoint.getConnectionTimeout();
        limitMillis = usual > 0 ? Math.min(endpoint.handshakeTimeout(), usual) : endpoint.handshakeTimeout();
        beganNanos = System.nanoTime();
        socketWrapper.setReadTimeout(limitMillis);
        socketWrapper.setWriteTimeout(limitMillis);
    }

    private void endTimeLimit() {
        socketWrapper.setReadTimeout(endpoint.getConnectionTimeout());
        socketWrapper.setWriteTimeout(endpoint.getConnectionTimeout());
        socketWrapper.updateLastRead();
        socketWrapper.updateLastWrite();
    }

    @Override
    public @Nullable SSLSupport getSSLSupport() {
        if (connection == null) {
            return null;
        }
        if (support == null) {
            support = new JSSESupport(sslEngine.getSession(), null);
        }
        return support;
    }

    // ---- What a plain channel does

    @Override
    public int read(ByteBuffer destination) throws IOException {
        if (state != State.PLAIN) {
            return super.read(destination);
        }
        int first = takeFirst(destination);
        int rest = sc.read(destination);
        return first == 0 ? rest : first + Math.max(0, rest);
    }

    @Override
    public long read(ByteBuffer[] destinations, int offset, int length) throws IOException {
        if (state != State.PLAIN) {
            return super.read(destinations, offset, length);
        }
        int first = 0;
        for (int i = offset; i < offset + length && first == 0; i++) {
            first = takeFirst(destinations[i]);
        }
        long rest = sc.read(destinations, offset, length);
        return first == 0 ? rest : first + Math.max(0, rest);
    }

    /** Hands over the byte that was read to decide. */
    private int takeFirst(ByteBuffer destination) {
        if (!netInBuffer.hasRemaining() || !destination.hasRemaining()) {
            return 0;
        }
        destination.put(netInBuffer.get());
        return 1;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        if (state != State.PLAIN) {
            return super.write(source);
        }
        checkInterruptStatus();
        return source.hasRemaining() ? sc.write(source) : 0;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        if (state == State.PLAIN) {
            checkInterruptStatus();
            return sc.write(sources, offset, length);
        }
        if (isNothingLeft(sources, offset, length) && getOutboundRemaining() == 0) {
            // Tomcat writes each frame of HTTP/2 until nothing more is taken: the engine need not be asked for that.
            return 0;
        }
        return super.write(sources, offset, length);
    }

    private static boolean isNothingLeft(ByteBuffer[] sources, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (sources[i].hasRemaining()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int getOutboundRemaining() {
        return state == State.PLAIN ? 0 : super.getOutboundRemaining();
    }

    @Override
    public boolean flushOutbound() throws IOException {
        return state != State.PLAIN && super.flushOutbound();
    }

    @Override
    public void close() throws IOException {
        if (state == State.PLAIN) {
            sc.close();
        } else {
            super.close();
        }
    }

    @Override
    public void close(boolean force) throws IOException {
        if (state == State.PLAIN) {
            sc.close();
        } else {
            super.close(force);
        }
    }
}
