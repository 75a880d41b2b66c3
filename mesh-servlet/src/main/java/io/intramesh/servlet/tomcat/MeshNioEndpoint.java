package io.intramesh.servlet.tomcat;

import static java.util.Objects.requireNonNull;

import io.intramesh.tls.ServerTls;
import java.nio.channels.SocketChannel;
import org.apache.tomcat.util.collections.SynchronizedStack;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.jspecify.annotations.Nullable;

/** Gives every connection that is accepted a {@link MeshNioChannel}. */
final class MeshNioEndpoint extends NioEndpoint {
    /** Tomcat's own number of channels to keep, before it took to counting memory. */
    private static final int CHANNELS_KEPT = 500;

    private volatile @Nullable ServerTls tls;
    private volatile int handshakeTimeoutMillis = MeshHttp11Protocol.DEFAULT_HANDSHAKE_TIMEOUT_MILLIS;

    MeshNioEndpoint() {
        // BoringSSL reads and writes native memory; heap buffers would be copied for it.
        getSocketProperties().setDirectBuffer(true);
        getSocketProperties().setDirectSslBuffer(true);
    }

    void serverTls(ServerTls value) {
        tls = value;
    }

    void handshakeTimeout(int millis) {
        handshakeTimeoutMillis = millis;
    }

    int handshakeTimeout() {
        return handshakeTimeoutMillis;
    }

    boolean hasServerTls() {
        return tls != null;
    }

    @Override
    public void bind() throws Exception {
        if (getSocketProperties().getActualBufferPool(0) == 0) {
            getSocketProperties().setBufferPool(CHANNELS_KEPT);
        }
        super.bind();
    }

    /**
     * Puts a channel of ours where Tomcat looks for a used one: Tomcat 10.1 has no method that makes channels. Only the one
     * acceptor thread takes channels out; those that others put back are ours, too.
     */
    @Override
    protected boolean setSocketOptions(SocketChannel socket) {
        SynchronizedStack<NioChannel> channels = getNioChannels();
        if (channels == null) {
            // Stopping. Without it Tomcat 10.1 would serve plaintext, whatever the listener says.
            return false;
        }
        NioChannel channel = channels.pop();
        if (channel == null) {
            channel = createChannel(new SocketBufferHandler(
                    getSocketProperties().getAppReadBufSize(),
                    getSocketProperties().getAppWriteBufSize(),
                    getSocketProperties().getDirectBuffer()));
        }
        if (!channels.push(channel)) {
            // Others filled it up meanwhile.
            channel.free();
        }
        return super.setSocketOptions(socket);
    }

    @Override
    protected NioChannel createChannel(SocketBufferHandler buffers) {
        return new MeshNioChannel(buffers, this, requireNonNull(tls, "tls"));
    }
}
