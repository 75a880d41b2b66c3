package io.intramesh.okhttp;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import okio.AsyncTimeout;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is encrypted, and its peer known, before anybody can write to it: connecting takes the handshake in, within one
 * time limit. To OkHttp it is like any other, so that http URLs stay what the application wrote, with their cookies and cache
 * keys; there is no way through it that leads to the network in plaintext.
 */
final class TlsSocket extends Socket {
    /** What the peer said before it closed has arrived by the time that a write fails; this is for a busy machine. */
    private static final int ALERT_MILLIS = 100;

    private final EndpointConnections connections;
    private final boolean http2;

    /** Carries the encrypted bytes. */
    private final Socket raw;

    // Shared with threads that close it.
    private volatile @Nullable SSLSocket secured;

    private volatile boolean hasRead;

    /** Until the first read has come to something: data, the end, or a failure. */
    private final CountDownLatch firstRead = new CountDownLatch(1);

    /** What ended the connection before anything else came over it. Written before {@link #firstRead} ends. */
    private volatile @Nullable SSLException refusal;

    TlsSocket(EndpointConnections connections, boolean http2, Socket raw) {
        this.connections = connections;
        this.http2 = http2;
        this.raw = raw;
    }

    @Override
    public void connect(SocketAddress endpoint) throws IOException {
        connect(endpoint, 0);
    }

    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
        Limit limit = new Limit();
        limit.timeout(timeout, TimeUnit.MILLISECONDS);
        limit.enter();
        boolean isUp = false;
        try {
            raw.connect(endpoint, timeout);
            secured = connections.secured(raw, http2);
            isUp = true;
        } catch (IOException e) {
            if (limit.exit()) {
                SocketTimeoutException late = late(timeout);
                late.initCause(e);
                throw late;
            }
            throw e;
        } finally {
            if (!isUp) {
                raw.close();
            }
        }
        if (limit.exit()) {
            close();
            throw late(timeout);
        }
        connections.opened(this);
        if (raw.isClosed()) {
            connections.closed(this);
        }
    }

    private static SocketTimeoutException late(int timeout) {
        return new SocketTimeoutException("no connection with TLS within " + timeout + " ms");
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new Reading(secured().getInputStream());
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return new Writing(secured().getOutputStream());
    }

    @Override
    public synchronized void close() throws IOException {
        connections.closed(this);
        SSLSocket up = secured;
        if (up == null) {
            // Not up yet: what shakes hands fails.
            raw.close();
        } else {
            up.close();
        }
    }

    /**
     * Returns the alert by which the peer ended the connection before it said anything else: then it has not looked at anything
     * that was sent. Null where it did not.
     */
    @Nullable
    SSLException refusal() {
        return refusal;
    }

    private SSLSocket secured() throws SocketException {
        SSLSocket up = secured;
        if (up == null) {
            throw new SocketException("not connected");
        }
        return up;
    }

    // ---- what OkHttp asks and sets beside

    @Override
    public void bind(SocketAddress bindpoint) throws IOException {
        raw.bind(bindpoint);
    }

    @Override
    public void shutdownInput() throws IOException {
        secured().shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        secured().shutdownOutput();
    }

    @Override
    public boolean isInputShutdown() {
        SSLSocket up = secured;
        return up != null && up.isInputShutdown();
    }

    @Override
    public boolean isOutputShutdown() {
        SSLSocket up = secured;
        return up != null && up.isOutputShutdown();
    }

    @Override
    public boolean isConnected() {
        return raw.isConnected();
    }

    @Override
    public boolean isBound() {
        return raw.isBound();
    }

    @Override
    public boolean isClosed() {
        SSLSocket up = secured;
        return raw.isClosed() || (up != null && up.isClosed());
    }

    @Override
    public synchronized void setSoTimeout(int timeout) throws SocketException {
        SSLSocket up = secured;
        if (up == null) {
            raw.setSoTimeout(timeout);
        } else {
            up.setSoTimeout(timeout);
        }
    }

    @Override
    public synchronized int getSoTimeout() throws SocketException {
        return raw.getSoTimeout();
    }

    @Override
    public void setTcpNoDelay(boolean on) throws SocketException {
        raw.setTcpNoDelay(on);
    }

    @Override
    public boolean getTcpNoDelay() throws SocketException {
        return raw.getTcpNoDelay();
    }

    @Override
    public void setKeepAlive(boolean on) throws SocketException {
        raw.setKeepAlive(on);
    }

    @Override
    public boolean getKeepAlive() throws SocketException {
        return raw.getKeepAlive();
    }

    @Override
    public @Nullable InetAddress getInetAddress() {
        return raw.getInetAddress();
    }

    @Override
    public int getPort() {
        return raw.getPort();
    }

    @Override
    public InetAddress getLocalAddress() {
        return raw.getLocalAddress();
    }

    @Override
    public int getLocalPort() {
        return raw.getLocalPort();
    }

    @Override
    public @Nullable SocketAddress getRemoteSocketAddress() {
        return raw.getRemoteSocketAddress();
    }

    @Override
    public @Nullable SocketAddress getLocalSocketAddress() {
        return raw.getLocalSocketAddress();
    }

    /** There is none: it would lead past the encryption. */
    @Override
    public @Nullable SocketChannel getChannel() {
        return null;
    }

    @Override
    public void sendUrgentData(int data) throws IOException {
        throw new SocketException("not with TLS");
    }

    @Override
    public String toString() {
        return "TLS over " + raw;
    }

    /** Ends a handshake that takes too long, however often a byte of it comes. */
    private final class Limit extends AsyncTimeout {
        @Override
        protected void timedOut() {
            try {
                raw.close();
            } catch (IOException e) {
                MeshClient.log.debug("connection not closed", e);
            }
        }
    }

    /** Notes that somebody reads, who finds whatever the peer says at the end. */
    private final class Reading extends FilterInputStream {
        private Reading(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            if (firstRead.getCount() == 0) {
                return in.read();
            }
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (firstRead.getCount() == 0) {
                return in.read(buffer, offset, length);
            }
            hasRead = true;
            boolean isOver = true;
            try {
                return in.read(buffer, offset, length);
            } catch (SocketTimeoutException nothingYet) {
                isOver = false;
                throw nothingYet;
            } catch (SSLException e) {
                refusal = e;
                throw e;
            } finally {
                if (isOver) {
                    firstRead.countDown();
                }
            }
        }
    }

    /**
     * With TLS 1.3 a peer refuses our certificate when the handshake is over for us, and closes: what is written then fails for no
     * reason that it says, while the peer's alert waits to be read. HTTP/2 writes first and would never read it.
     */
    private final class Writing extends FilterOutputStream {
        private Writing(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int value) throws IOException {
            try {
                out.write(value);
            } catch (IOException e) {
                throw withAlert(e);
            }
        }

        @Override
        public void write(byte[] buffer, int offset, int length) throws IOException {
            try {
                out.write(buffer, offset, length);
            } catch (IOException e) {
                throw withAlert(e);
            }
        }

        private IOException withAlert(IOException failure) {
            if (hasRead) {
                awaitFirstRead();
                SSLException alert = refusal;
                if (alert != null) {
                    failure.addSuppressed(alert);
                }
                return failure;
            }
            try {
                raw.setSoTimeout(ALERT_MILLIS);
                // Whatever it is, nobody is left to answer it: the connection has failed.
                int unused = secured().getInputStream().read();
            } catch (IOException alert) {
                failure.addSuppressed(alert);
            }
            return failure;
        }

        /** HTTP/2 has a thread that reads, and it may not have come to the alert yet. */
        private void awaitFirstRead() {
            try {
                boolean unused = firstRead.await(ALERT_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
