package io.intramesh.internal.tls.engine;

import io.intramesh.internal.tls.engine.TlsBackend.Opened;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * An engine that takes its certificate, and the library's engine, when its handshake begins: only then are the application
 * protocols known, which BoringSSL wants beforehand, and nobody gets a certificate that was renewed meanwhile.
 *
 * <p>It evens out what BoringSSL's engine does otherwise than the JDK's: the end of a handshake is told by the call that ends
 * it, buffers always hold a record, the session knows the own certificate. What the engine holds outside the heap is given
 * back once both directions are closed, and by a cleaner where a container drops the engine without a word.
 *
 * <p>Suites and the demand for a client certificate are the mesh's; setting them here changes nothing.
 */
final class EpochEngine extends SSLEngine {
    private static final HandshakeStatus NO_HANDSHAKE = HandshakeStatus.NOT_HANDSHAKING;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final EpochSource source;
    private final ScratchPool scratches;
    private final TlsRole role;
    private final EpochSession session = new EpochSession(this);

    // Written before the handshake only.
    private List<String> protocols = TlsLimits.PROTOCOLS;
    private List<String> applicationProtocols = List.of();
    private @Nullable String serverName;
    private boolean demandsClientCertificate;

    // Guarded by this while null; written once.
    private volatile @Nullable Opened opened;
    private volatile Cleaner.@Nullable Cleanable cleanable;
    private volatile List<X509Certificate> localChain = List.of();

    // Closed before any handshake began.
    private volatile boolean closedEarly;

    EpochEngine(
            EpochSource source,
            ScratchPool scratches,
            TlsRole role,
            @Nullable String host,
            int port,
            @Nullable String serverName) {
        super(host, port);
        this.source = source;
        this.scratches = scratches;
        this.role = role;
        this.serverName = serverName;
    }

    private Opened opened() throws SSLException {
        Opened ready = opened;
        return ready == null ? open() : ready;
    }

    private synchronized Opened open() throws SSLException {
        Opened ready = opened;
        if (ready != null) {
            return ready;
        }
        if (closedEarly) {
            throw new SSLException("engine closed before its handshake");
        }
        TlsEpoch epoch = source.current();
        ready = epoch.open(
                new TlsBackend.Wishes(protocols, applicationProtocols, serverName, getPeerHost(), getPeerPort()));
        Runnable release = ready.release();
        if (release != null) {
            cleanable = Releases.CLEANER.register(this, release);
        }
        localChain = epoch.localChain();
        demandsClientCertificate = epoch.demandsClientCertificate();
        opened = ready;
        return ready;
    }

    /** Gives back what the library holds. Nothing can be sent or received afterwards. Idempotent, from any thread. */
    void release() {
        closedEarly = true;
        Cleaner.Cleanable registered = cleanable;
        if (registered != null) {
            session.remember();
            registered.clean();
        }
    }

    List<X509Certificate> localChain() {
        return localChain;
    }

    @Nullable
    SSLSession librarySession() {
        Opened ready = opened;
        return ready == null ? null : ready.engine().getSession();
    }

    @Override
    public void beginHandshake() throws SSLException {
        opened().engine().beginHandshake();
    }

    @Override
    public SSLEngineResult wrap(ByteBuffer[] sources, int offset, int length, ByteBuffer destination)
            throws SSLException {
        if (opened == null && closedEarly) {
            return closed();
        }
        Opened ready = opened();
        SSLEngine engine = ready.engine();
        SSLEngineResult result = ready.isNative() && isScattered(sources, offset, length)
                ? wrapTogether(engine, sources, offset, length, destination)
                : engine.wrap(sources, offset, length, destination);
        releaseIfOver(engine, result);
        return result;
    }

    /** Tells whether there is something left in more than one buffer, or on the heap. */
    private static boolean isScattered(ByteBuffer[] buffers, int offset, int length) {
        boolean isFirst = true;
        for (int i = offset; i < offset + length; i++) {
            ByteBuffer buffer = buffers[i];
            if (buffer.hasRemaining()) {
                if (!isFirst || !buffer.isDirect()) {
                    return true;
                }
                isFirst = false;
            }
        }
        return false;
    }

    /**
     * Makes one record of several sources, as the JDK's engine does: a record for each costs the peer, too. What lies on the heap, the
     * library would copy in a dearer way.
     */
    private SSLEngineResult wrapTogether(
            SSLEngine engine, ByteBuffer[] sources, int offset, int length, ByteBuffer destination)
            throws SSLException {
        Scratch scratch = scratches.take();
        ByteBuffer together = scratch.plain.clear();
        try {
            int end = offset + length;
            int size = 0;
            for (int i = offset; i < end && size < TlsLimits.FRAGMENT; i++) {
                ByteBuffer source = sources[i];
                int count = Math.min(source.remaining(), TlsLimits.FRAGMENT - size);
                together.put(size, source, source.position(), count);
                size += count;
            }
            SSLEngineResult result = engine.wrap(together.limit(size), destination);
            int consumed = result.bytesConsumed();
            for (int i = offset; consumed > 0 && i < end; i++) {
                ByteBuffer source = sources[i];
                int count = Math.min(source.remaining(), consumed);
                source.position(source.position() + count);
                consumed -= count;
            }
            return result;
        } finally {
            scratches.give(scratch);
        }
    }

    @Override
    public SSLEngineResult unwrap(ByteBuffer source, ByteBuffer[] destinations, int offset, int length)
            throws SSLException {
        if (opened == null && closedEarly) {
            return closed();
        }
        Opened ready = opened();
        SSLEngine engine = ready.engine();
        SSLEngineResult result;
        if (!ready.isNative()) {
            result = engine.unwrap(source, destinations, offset, length);
        } else if (isScattered(destinations, offset, length)) {
            result = unwrapApart(engine, source, destinations, offset, length);
        } else {
            result = unwrapNoticed(engine, source, destinations, offset, length);
        }
        releaseIfOver(engine, result);
        return result;
    }

    /** Takes a record apart by itself: into each of several buffers, or ones on the heap, the library would copy it bit by bit. */
    private SSLEngineResult unwrapApart(
            SSLEngine engine, ByteBuffer source, ByteBuffer[] destinations, int offset, int length)
            throws SSLException {
        int end = offset + length;
        long room = 0;
        for (int i = offset; i < end; i++) {
            if (destinations[i].isReadOnly()) {
                throw new ReadOnlyBufferException();
            }
            room += destinations[i].remaining();
        }
        Scratch scratch = scratches.take();
        try {
            ByteBuffer plain = scratch.plain.clear();
            plain.limit((int) Math.min(room, plain.capacity()));
            SSLEngineResult result = unwrapNoticed(engine, source, new ByteBuffer[] {plain}, 0, 1);
            int at = 0;
            for (int i = offset; at < plain.position(); i++) {
                ByteBuffer destination = destinations[i];
                int count = Math.min(destination.remaining(), plain.position() - at);
                destination.put(destination.position(), plain, at, count);
                destination.position(destination.position() + count);
                at += count;
            }
            return result;
        } finally {
            scratches.give(scratch);
        }
    }

    /** Unwraps, and has the engine notice at once that a handshake has ended. */
    private static SSLEngineResult unwrapNoticed(
            SSLEngine engine, ByteBuffer source, ByteBuffer[] destinations, int offset, int length)
            throws SSLException {
        SSLEngineResult first = engine.unwrap(source, destinations, offset, length);
        SSLEngineResult last = first;
        if (first.getStatus() == Status.OK
                && first.bytesConsumed() > 0
                && first.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP) {
            // Every record is in, and the engine has not looked at what it means.
            last = engine.unwrap(NOTHING, destinations, offset, length);
        }
        boolean finished = last.getHandshakeStatus() == HandshakeStatus.FINISHED;
        if (last == first && !(finished && first.getStatus() == Status.BUFFER_UNDERFLOW)) {
            return first;
        }
        // A handshake that has ended is good news, even where there was no further record to read.
        Status status = last.getStatus() == Status.BUFFER_UNDERFLOW ? Status.OK : last.getStatus();
        return new SSLEngineResult(
                status,
                last.getHandshakeStatus(),
                first.bytesConsumed(),
                first.bytesProduced() + (last == first ? 0 : last.bytesProduced()));
    }

    private static SSLEngineResult closed() {
        return new SSLEngineResult(Status.CLOSED, NO_HANDSHAKE, 0, 0);
    }

    private void releaseIfOver(SSLEngine engine, SSLEngineResult result) {
        if (result.getStatus() == Status.CLOSED) {
            releaseIfOver(engine);
        }
    }

    private void releaseIfOver(SSLEngine engine) {
        if (engine.isInboundDone() && engine.isOutboundDone()) {
            release();
        }
    }

    @Override
    public @Nullable Runnable getDelegatedTask() {
        Opened ready = opened;
        return ready == null ? null : ready.engine().getDelegatedTask();
    }

    @Override
    public void closeInbound() throws SSLException {
        Opened ready = opened;
        if (ready == null) {
            closedEarly = true;
            return;
        }
        try {
            ready.engine().closeInbound();
        } finally {
            releaseIfOver(ready.engine());
        }
    }

    @Override
    public boolean isInboundDone() {
        Opened ready = opened;
        return ready == null ? closedEarly : ready.engine().isInboundDone();
    }

    @Override
    public void closeOutbound() {
        Opened ready = opened;
        if (ready == null) {
            closedEarly = true;
            return;
        }
        ready.engine().closeOutbound();
        releaseIfOver(ready.engine());
    }

    @Override
    public boolean isOutboundDone() {
        Opened ready = opened;
        return ready == null ? closedEarly : ready.engine().isOutboundDone();
    }

    @Override
    public HandshakeStatus getHandshakeStatus() {
        Opened ready = opened;
        return ready == null ? NO_HANDSHAKE : ready.engine().getHandshakeStatus();
    }

    @Override
    public SSLSession getSession() {
        return session;
    }

    @Override
    public @Nullable SSLSession getHandshakeSession() {
        Opened ready = opened;
        return ready == null ? null : ready.engine().getHandshakeSession();
    }

    /** Empty where none was agreed on, null while the handshake goes on. */
    @Override
    public @Nullable String getApplicationProtocol() {
        Opened ready = opened;
        if (ready == null) {
            return null;
        }
        String agreed = ready.applicationProtocol().get();
        boolean over = ready.engine().getHandshakeStatus() == NO_HANDSHAKE;
        return agreed == null && over ? "" : agreed;
    }

    @Override
    public @Nullable String getHandshakeApplicationProtocol() {
        Opened ready = opened;
        return ready == null ? null : ready.applicationProtocol().get();
    }

    @Override
    public SSLParameters getSSLParameters() {
        SSLParameters parameters = new SSLParameters(getEnabledCipherSuites(), getEnabledProtocols());
        parameters.setApplicationProtocols(applicationProtocols.toArray(String[]::new));
        parameters.setNeedClientAuth(demandsClientCertificate);
        String name = serverName;
        if (name != null) {
            parameters.setServerNames(List.of(new SNIHostName(name)));
        }
        return parameters;
    }

    /** Takes protocols, application protocols and server names; the rest is the mesh's to say. */
    @Override
    public void setSSLParameters(SSLParameters parameters) {
        String[] wanted = parameters.getProtocols();
        if (wanted != null) {
            setEnabledProtocols(wanted);
        }
        applicationProtocols = List.of(parameters.getApplicationProtocols());
        List<SNIServerName> names = parameters.getServerNames();
        if (names != null && role == TlsRole.CLIENT) {
            serverName = names.stream()
                    .filter(SNIHostName.class::isInstance)
                    .map(name -> ((SNIHostName) name).getAsciiName())
                    .findFirst()
                    .orElse(null);
        }
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return suites();
    }

    @Override
    public String[] getEnabledCipherSuites() {
        return suites();
    }

    static String[] suites() {
        return Stream.concat(TlsLimits.SUITES_13.stream(), TlsLimits.SUITES_12.stream())
                .toArray(String[]::new);
    }

    @Override
    public void setEnabledCipherSuites(String[] suites) {
        Objects.requireNonNull(suites, "suites");
    }

    @Override
    public String[] getSupportedProtocols() {
        return TlsLimits.PROTOCOLS.toArray(String[]::new);
    }

    @Override
    public String[] getEnabledProtocols() {
        return protocols.toArray(String[]::new);
    }

    /** Leaves out what is named and not spoken here, such as {@code SSLv2Hello}. */
    @Override
    public void setEnabledProtocols(String[] wanted) {
        List<String> named = List.of(wanted);
        List<String> spoken =
                TlsLimits.PROTOCOLS.stream().filter(named::contains).toList();
        if (spoken.isEmpty()) {
            throw new IllegalArgumentException(
                    "protocols: " + named + " (expected: one of " + TlsLimits.PROTOCOLS + ")");
        }
        protocols = spoken;
    }

    @Override
    public void setUseClientMode(boolean mode) {
        if (mode != getUseClientMode()) {
            throw new IllegalArgumentException("client mode: " + mode + " (expected: " + !mode
                    + "); this context is for " + (role == TlsRole.CLIENT ? "clients" : "servers"));
        }
    }

    @Override
    public boolean getUseClientMode() {
        return role == TlsRole.CLIENT;
    }

    @Override
    public void setNeedClientAuth(boolean need) {}

    @Override
    public boolean getNeedClientAuth() {
        return demandsClientCertificate;
    }

    @Override
    public void setWantClientAuth(boolean want) {}

    @Override
    public boolean getWantClientAuth() {
        return false;
    }

    @Override
    public void setEnableSessionCreation(boolean flag) {}

    @Override
    public boolean getEnableSessionCreation() {
        return true;
    }

    /** Made with the first engine that needs it: it owns a thread. */
    private static final class Releases {
        private static final Cleaner CLEANER = Cleaner.create();

        private Releases() {}
    }
}
