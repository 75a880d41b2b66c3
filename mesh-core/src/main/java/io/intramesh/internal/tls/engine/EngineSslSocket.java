package io.intramesh.internal.tls.engine;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.HandshakeCompletedEvent;
import javax.net.ssl.HandshakeCompletedListener;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * An encrypted socket: an engine between a plain socket's streams and ours.
 *
 * <p>One thread may read while another writes; each direction has a lock, and the handshake holds both. {@link #close} waits
 * for neither: closing the plain socket ends whoever waits in it. A read that times out keeps what it has of a record. The
 * end of the plain stream without a {@code close_notify} reads as the end: HTTP's own framing tells a cut answer.
 *
 * <p>Buffers are borrowed while something is in them, and given back only under their direction's lock: what one connection uses
 * never becomes another's. A connection that waits holds a small array, if a thread has read from it.
 */
final class EngineSslSocket extends SSLSocket {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** Received at once until that much came at once: enough for calls without a body to speak of. */
    private static final int FEW = 4 * 1024;

    private final Socket raw;
    private final EpochEngine engine;
    private final ScratchPool scratches;
    private final boolean autoClose;
    private final InputStream input = new Input();
    private final OutputStream output = new Output();
    private final List<HandshakeCompletedListener> listeners = new CopyOnWriteArrayList<>();

    private final ReentrantLock reading = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();

    // Guarded by reading. What is borrowed holds what arrived and nobody has read, ready to be read from.
    private @Nullable Scratch arrived;
    private byte @Nullable [] received;
    private boolean inputEnded;

    private final AtomicBoolean closing = new AtomicBoolean();
    private volatile boolean closed;
    private volatile boolean handshaken;
    private volatile boolean inputShut;
    private volatile boolean outputShut;

    EngineSslSocket(Socket raw, EpochEngine engine, ScratchPool scratches, boolean autoClose) {
        this.raw = raw;
        this.engine = engine;
        this.scratches = scratches;
        this.autoClose = autoClose;
    }

    // ---- Handshake

    @Override
    public void startHandshake() throws IOException {
        if (handshaken) {
            return;
        }
        reading.lock();
        try {
            writing.lock();
            try {
                if (!handshaken) {
                    requireOpen();
                    shakeHands();
                    handshaken = true;
                }
            } catch (IOException | RuntimeException e) {
                sendAlert();
                close();
                throw e;
            } finally {
                writing.unlock();
            }
        } finally {
            giveBackIfRead();
            reading.unlock();
        }
        for (HandshakeCompletedListener listener : listeners) {
            listener.handshakeCompleted(new HandshakeCompletedEvent(this, engine.getSession()));
        }
    }

    private void shakeHands() throws IOException {
        engine.beginHandshake();
        HandshakeStatus status = engine.getHandshakeStatus();
        while (status != HandshakeStatus.FINISHED && status != HandshakeStatus.NOT_HANDSHAKING) {
            status = switch (status) {
                case NEED_TASK -> runTasks();
                case NEED_WRAP -> wrapAndSend(NOTHING).getHandshakeStatus();
                default -> unwrapForHandshake();
            };
        }
    }

    private HandshakeStatus runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
        return engine.getHandshakeStatus();
    }

    private HandshakeStatus unwrapForHandshake() throws IOException {
        SSLEngineResult result = null;
        Scratch from = arrived;
        if (from != null && from.records().hasRemaining()) {
            result = unwrap(from);
            if (result.getStatus() == Status.CLOSED) {
                throw new SSLHandshakeException("the peer closed the connection during the handshake");
            }
        }
        if (result == null || result.getStatus() == Status.BUFFER_UNDERFLOW) {
            if (!fill()) {
                SSLException ended = new SSLHandshakeException("the peer ended the connection during the handshake");
                // Tells a peer that went away from one that objects.
                ended.initCause(new EOFException());
                throw ended;
            }
            return engine.getHandshakeStatus();
        }
        return result.getHandshakeStatus();
    }

    /** Tells the peer why, as far as the engine has something to tell. */
    private void sendAlert() {
        try {
            for (int records = 0; records < 2 && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP; records++) {
                wrapAndSend(NOTHING);
            }
        } catch (IOException | RuntimeException beyondHelp) {
            // The handshake has failed; what made it fail is thrown.
        }
    }

    // ---- In

    private int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        startHandshake();
        if (length == 0) {
            return 0;
        }
        reading.lock();
        try {
            while (true) {
                requireOpen();
                Scratch from = arrived;
                if (from != null && from.plain.hasRemaining()) {
                    int count = Math.min(length, from.plain.remaining());
                    from.plain.get(target, offset, count);
                    return count;
                }
                if (inputEnded || inputShut) {
                    return -1;
                }
                readRecord();
            }
        } finally {
            giveBackIfRead();
            reading.unlock();
        }
    }

    /** Gets a step nearer to plaintext, or sees the end. */
    private void readRecord() throws IOException {
        Scratch from = arrived;
        if (from == null || !from.records().hasRemaining()) {
            inputEnded = !fill();
            return;
        }
        SSLEngineResult result = unwrap(from);
        switch (result.getStatus()) {
            case BUFFER_UNDERFLOW -> inputEnded = !fill();
            case CLOSED -> inputEnded = true;
            default -> answer(result);
        }
    }

    private SSLEngineResult unwrap(Scratch from) throws SSLException {
        from.plain.clear();
        try {
            SSLEngineResult result = engine.unwrap(from.records(), from.plain);
            if (result.getStatus() == Status.BUFFER_OVERFLOW) {
                throw new SSLException("a record is longer than TLS allows");
            }
            return result;
        } finally {
            from.plain.flip();
        }
    }

    /** Does what the engine asks for after a record: an alert or a key update wants to be sent. */
    private void answer(SSLEngineResult result) throws IOException {
        HandshakeStatus status = result.getHandshakeStatus();
        if (status == HandshakeStatus.NEED_TASK) {
            status = runTasks();
        }
        if (status != HandshakeStatus.NEED_WRAP) {
            return;
        }
        if (result.bytesConsumed() > 0 || result.bytesProduced() > 0) {
            // Whoever writes just now sends it along; to wait for him could be to wait for a peer that waits for us.
            if (writing.tryLock()) {
                try {
                    sendAnswers();
                } finally {
                    writing.unlock();
                }
            }
            return;
        }
        // Nothing else can be done before it is sent.
        writing.lock();
        try {
            sendAnswers();
        } finally {
            writing.unlock();
        }
    }

    private void sendAnswers() throws IOException {
        requireOpen();
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            if (wrapAndSend(NOTHING).getStatus() == Status.CLOSED) {
                return;
            }
        }
    }

    /** Reads what is there of the stream, at least a byte; returns false at its end. */
    private boolean fill() throws IOException {
        int room = TlsLimits.MAX_RECORD;
        Scratch to = arrived;
        if (to != null) {
            room -= to.records().remaining();
            if (room == 0) {
                throw new SSLException("a record is longer than TLS allows");
            }
        }
        byte[] bytes = received;
        if (bytes == null) {
            bytes = new byte[FEW];
            received = bytes;
        }
        int count = raw.getInputStream().read(bytes, 0, Math.min(bytes.length, room));
        if (count < 0) {
            return false;
        }
        if (to == null) {
            to = scratches.take();
            arrived = to;
        }
        to.records().compact().put(bytes, 0, count).flip();
        if (count == FEW && bytes.length == FEW) {
            received = new byte[TlsLimits.MAX_RECORD];
        }
        return true;
    }

    private void giveBackIfRead() {
        Scratch from = arrived;
        if (from != null
                && (closed || !(from.plain.hasRemaining() || from.records().hasRemaining()))) {
            arrived = null;
            scratches.give(from);
        }
    }

    private int available() {
        // Never waits for a reader: what it holds is not available.
        if (!reading.tryLock()) {
            return 0;
        }
        try {
            Scratch from = arrived;
            return from == null ? 0 : from.plain.remaining();
        } finally {
            reading.unlock();
        }
    }

    // ---- Out

    private void write(byte[] source, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        startHandshake();
        writing.lock();
        try {
            // Not before it is our turn: whoever waits to write holds nothing.
            Scratch scratch = scratches.take();
            try {
                writeFragments(source, offset, length, scratch);
            } finally {
                scratches.give(scratch);
            }
        } finally {
            writing.unlock();
        }
    }

    private void writeFragments(byte[] source, int offset, int length, Scratch scratch) throws IOException {
        int end = offset + length;
        for (int at = offset; at < end; at += TlsLimits.FRAGMENT) {
            requireOpen();
            if (outputShut) {
                throw new SocketException("output is shut down");
            }
            writeFragment(source, at, Math.min(TlsLimits.FRAGMENT, end - at), scratch);
        }
    }

    private void writeFragment(byte[] source, int offset, int length, Scratch scratch) throws IOException {
        ByteBuffer plain = scratch.plain;
        plain.clear().put(source, offset, length).flip();
        while (plain.hasRemaining()) {
            SSLEngineResult result = wrapAndSend(plain, scratch);
            if (result.getStatus() == Status.CLOSED) {
                throw new SocketException("the connection is closed");
            }
            if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                runTasks();
            } else if (result.bytesConsumed() == 0 && result.bytesProduced() == 0) {
                throw new SSLException("the engine takes no data: " + result.getHandshakeStatus());
            }
        }
    }

    private SSLEngineResult wrapAndSend(ByteBuffer plain) throws IOException {
        Scratch scratch = scratches.take();
        try {
            return wrapAndSend(plain, scratch);
        } finally {
            scratches.give(scratch);
        }
    }

    /** Encrypts at most a record and sends it. */
    private SSLEngineResult wrapAndSend(ByteBuffer plain, Scratch scratch) throws IOException {
        ByteBuffer out = scratch.records().clear();
        SSLEngineResult result = engine.wrap(plain, out);
        if (result.getStatus() == Status.BUFFER_OVERFLOW) {
            throw new SSLException("a record is longer than TLS allows");
        }
        int count = out.flip().remaining();
        if (count > 0) {
            byte[] bounce = scratch.bounce();
            out.get(bounce, 0, count);
            raw.getOutputStream().write(bounce, 0, count);
        }
        return result;
    }

    // ---- End

    private void requireOpen() throws SocketException {
        if (closed) {
            throw new SocketException("Socket closed");
        }
    }

    /** Synchronized as in the JDK, which keeps out a second closer only: nobody else takes that lock. */
    @Override
    public synchronized void close() throws IOException {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        sayGoodbye();
        closed = true;
        try {
            if (autoClose) {
                raw.close();
            }
        } finally {
            engine.release();
            giveBackWhatNobodyReads();
        }
    }

    /** Only where nobody writes: who does may wait for a peer that does not read, and close must not wait for that. */
    private void sayGoodbye() {
        if (!handshaken || outputShut || !writing.tryLock()) {
            return;
        }
        try {
            sendClose();
        } catch (IOException | RuntimeException lost) {
            // The peer sees the end of the connection instead.
        } finally {
            writing.unlock();
        }
    }

    private void sendClose() throws IOException {
        engine.closeOutbound();
        while (!engine.isOutboundDone()) {
            SSLEngineResult result = wrapAndSend(NOTHING);
            if (result.getStatus() == Status.CLOSED || result.bytesProduced() == 0) {
                return;
            }
        }
    }

    private void giveBackWhatNobodyReads() {
        if (reading.tryLock()) {
            try {
                giveBackIfRead();
            } finally {
                reading.unlock();
            }
        }
    }

    @Override
    public void shutdownInput() {
        inputShut = true;
    }

    @Override
    public void shutdownOutput() throws IOException {
        if (outputShut) {
            return;
        }
        startHandshake();
        writing.lock();
        try {
            requireOpen();
            outputShut = true;
            sendClose();
        } finally {
            writing.unlock();
        }
    }

    @Override
    public boolean isInputShutdown() {
        return inputShut || raw.isInputShutdown();
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShut || raw.isOutputShutdown();
    }

    @Override
    public boolean isClosed() {
        return closed || raw.isClosed();
    }

    // ---- What was agreed on

    @Override
    public SSLSession getSession() {
        try {
            startHandshake();
        } catch (IOException failed) {
            // As the contract says: then a session that is not valid.
        }
        return engine.getSession();
    }

    @Override
    public @Nullable SSLSession getHandshakeSession() {
        return engine.getHandshakeSession();
    }

    @Override
    public @Nullable String getApplicationProtocol() {
        return engine.getApplicationProtocol();
    }

    @Override
    public @Nullable String getHandshakeApplicationProtocol() {
        return engine.getHandshakeApplicationProtocol();
    }

    @Override
    public void addHandshakeCompletedListener(HandshakeCompletedListener listener) {
        listeners.add(Objects.requireNonNull(listener, "listener"));
    }

    @Override
    public void removeHandshakeCompletedListener(HandshakeCompletedListener listener) {
        listeners.remove(listener);
    }

    // ---- What can be set

    @Override
    public SSLParameters getSSLParameters() {
        return engine.getSSLParameters();
    }

    @Override
    public void setSSLParameters(SSLParameters parameters) {
        engine.setSSLParameters(parameters);
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return engine.getSupportedCipherSuites();
    }

    @Override
    public String[] getEnabledCipherSuites() {
        return engine.getEnabledCipherSuites();
    }

    @Override
    public void setEnabledCipherSuites(String[] suites) {
        engine.setEnabledCipherSuites(suites);
    }

    @Override
    public String[] getSupportedProtocols() {
        return engine.getSupportedProtocols();
    }

    @Override
    public String[] getEnabledProtocols() {
        return engine.getEnabledProtocols();
    }

    @Override
    public void setEnabledProtocols(String[] protocols) {
        engine.setEnabledProtocols(protocols);
    }

    @Override
    public void setUseClientMode(boolean mode) {
        engine.setUseClientMode(mode);
    }

    @Override
    public boolean getUseClientMode() {
        return engine.getUseClientMode();
    }

    @Override
    public void setNeedClientAuth(boolean need) {
        engine.setNeedClientAuth(need);
    }

    @Override
    public boolean getNeedClientAuth() {
        return engine.getNeedClientAuth();
    }

    @Override
    public void setWantClientAuth(boolean want) {
        engine.setWantClientAuth(want);
    }

    @Override
    public boolean getWantClientAuth() {
        return engine.getWantClientAuth();
    }

    @Override
    public void setEnableSessionCreation(boolean flag) {
        engine.setEnableSessionCreation(flag);
    }

    @Override
    public boolean getEnableSessionCreation() {
        return engine.getEnableSessionCreation();
    }

    // ---- The plain socket's

    @Override
    public InputStream getInputStream() {
        return input;
    }

    @Override
    public OutputStream getOutputStream() {
        return output;
    }

    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
        throw new SocketException("already connected");
    }

    @Override
    public InetAddress getInetAddress() {
        return raw.getInetAddress();
    }

    @Override
    public InetAddress getLocalAddress() {
        return raw.getLocalAddress();
    }

    @Override
    public int getPort() {
        return raw.getPort();
    }

    @Override
    public int getLocalPort() {
        return raw.getLocalPort();
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
        return raw.getRemoteSocketAddress();
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        return raw.getLocalSocketAddress();
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
    public void setTcpNoDelay(boolean on) throws SocketException {
        raw.setTcpNoDelay(on);
    }

    @Override
    public boolean getTcpNoDelay() throws SocketException {
        return raw.getTcpNoDelay();
    }

    @Override
    public void setSoLinger(boolean on, int linger) throws SocketException {
        raw.setSoLinger(on, linger);
    }

    @Override
    public int getSoLinger() throws SocketException {
        return raw.getSoLinger();
    }

    @Override
    public synchronized void setSoTimeout(int timeout) throws SocketException {
        raw.setSoTimeout(timeout);
    }

    @Override
    public synchronized int getSoTimeout() throws SocketException {
        return raw.getSoTimeout();
    }

    @Override
    public synchronized void setSendBufferSize(int size) throws SocketException {
        raw.setSendBufferSize(size);
    }

    @Override
    public synchronized int getSendBufferSize() throws SocketException {
        return raw.getSendBufferSize();
    }

    @Override
    public synchronized void setReceiveBufferSize(int size) throws SocketException {
        raw.setReceiveBufferSize(size);
    }

    @Override
    public synchronized int getReceiveBufferSize() throws SocketException {
        return raw.getReceiveBufferSize();
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
    public void setTrafficClass(int trafficClass) throws SocketException {
        raw.setTrafficClass(trafficClass);
    }

    @Override
    public int getTrafficClass() throws SocketException {
        return raw.getTrafficClass();
    }

    @Override
    public void setReuseAddress(boolean on) throws SocketException {
        raw.setReuseAddress(on);
    }

    @Override
    public boolean getReuseAddress() throws SocketException {
        return raw.getReuseAddress();
    }

    @Override
    public <T> Socket setOption(SocketOption<T> name, @Nullable T value) throws IOException {
        raw.setOption(name, value);
        return this;
    }

    @Override
    public <T> @Nullable T getOption(SocketOption<T> name) throws IOException {
        return raw.getOption(name);
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return raw.supportedOptions();
    }

    @Override
    public void sendUrgentData(int data) throws IOException {
        throw new SocketException("TLS has no urgent data");
    }

    @Override
    public String toString() {
        return "TLS over " + raw;
    }

    private final class Input extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return EngineSslSocket.this.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return EngineSslSocket.this.read(target, offset, length);
        }

        @Override
        public int available() {
            return EngineSslSocket.this.available();
        }

        @Override
        public void close() throws IOException {
            EngineSslSocket.this.close();
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            EngineSslSocket.this.write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            EngineSslSocket.this.write(source, offset, length);
        }

        @Override
        public void close() throws IOException {
            EngineSslSocket.this.close();
        }
    }
}
