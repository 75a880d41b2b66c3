package io.intramesh.internal.tls.engine;

import static java.util.Objects.requireNonNull;

import java.security.KeyManagementException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.Enumeration;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A context for the life of the mesh, whose engines and sockets take the certificate of the moment when they shake hands. It
 * is for one role: engines of a server's context cannot be made clients.
 */
public final class RotatingSslContext extends SSLContext {

    private RotatingSslContext(Spi spi) {
        super(spi, new Ours(), "TLS");
    }

    /** Returns a context over that source of epochs. */
    public static RotatingSslContext of(TlsRole role, EpochSource source, ScratchPool scratches) {
        return new RotatingSslContext(new Spi(
                requireNonNull(role, "role"),
                requireNonNull(source, "source"),
                requireNonNull(scratches, "scratches")));
    }

    private static final class Spi extends SSLContextSpi {
        private final TlsRole role;
        private final EpochSource source;
        private final ScratchPool scratches;
        private final SSLSocketFactory sockets;
        private final SSLSessionContext sessions = new NoSessions();

        Spi(TlsRole role, EpochSource source, ScratchPool scratches) {
            this.role = role;
            this.source = source;
            this.scratches = scratches;
            this.sockets = new EngineSslSocketFactory(role, source, scratches, null);
        }

        @Override
        protected void engineInit(
                KeyManager @Nullable [] keys, TrustManager @Nullable [] trusts, @Nullable SecureRandom random)
                throws KeyManagementException {
            throw new KeyManagementException("certificates and trust of this context are the mesh's");
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return sockets;
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            throw new UnsupportedOperationException(
                    "no server sockets: use engines, or layer a socket over an accepted one");
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return engineCreateSSLEngine(null, -1);
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(@Nullable String host, int port) {
            return new EpochEngine(source, scratches, role, host, port, null);
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return sessions;
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return sessions;
        }

        @Override
        protected SSLParameters engineGetDefaultSSLParameters() {
            return new SSLParameters(EpochEngine.suites(), TlsLimits.PROTOCOLS.toArray(String[]::new));
        }

        @Override
        protected SSLParameters engineGetSupportedSSLParameters() {
            return engineGetDefaultSSLParameters();
        }
    }

    /** Each epoch keeps its own sessions, out of sight; containers that set sizes and times are listened to politely. */
    private static final class NoSessions implements SSLSessionContext {
        @Override
        public @Nullable SSLSession getSession(byte[] sessionId) {
            return null;
        }

        @Override
        public Enumeration<byte[]> getIds() {
            return Collections.emptyEnumeration();
        }

        @Override
        public void setSessionTimeout(int seconds) {}

        @Override
        public int getSessionTimeout() {
            return 0;
        }

        @Override
        public void setSessionCacheSize(int size) {}

        @Override
        public int getSessionCacheSize() {
            return 0;
        }
    }

    /** Names who made the context; registered nowhere. */
    private static final class Ours extends Provider {
        private static final long serialVersionUID = 1L;

        Ours() {
            super("Intramesh", "1", "TLS of the mesh");
        }
    }
}
