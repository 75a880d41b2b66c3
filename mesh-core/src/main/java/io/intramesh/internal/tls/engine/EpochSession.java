package io.intramesh.internal.tls.engine;

import java.security.Principal;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionBindingEvent;
import javax.net.ssl.SSLSessionBindingListener;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/**
 * The session of an engine, from before its handshake to after its end. Buffers are as large as a record may get, whatever
 * the library says at the time; the own certificate is known in resumed sessions, too; values belong to this connection,
 * although sessions are shared by those that resume them.
 */
final class EpochSession extends ExtendedSSLSession {
    private static final String NO_SUITE = "SSL_NULL_WITH_NULL_NULL";

    private final EpochEngine engine;
    private final ConcurrentMap<String, Object> values = new ConcurrentHashMap<>();

    // What the library knew when it was released; null before.
    private volatile @Nullable Certificate @Nullable [] peerAtEnd;

    EpochSession(EpochEngine engine) {
        this.engine = engine;
    }

    /** Keeps the peer's certificates beyond the end of the library's engine. */
    void remember() {
        try {
            peerAtEnd = getPeerCertificates();
        } catch (SSLPeerUnverifiedException nobody) {
            // Then nobody is remembered.
        }
    }

    @Override
    public byte[] getId() {
        SSLSession session = engine.librarySession();
        return session == null ? new byte[0] : session.getId();
    }

    @Override
    public @Nullable SSLSessionContext getSessionContext() {
        SSLSession session = engine.librarySession();
        return session == null ? null : session.getSessionContext();
    }

    @Override
    public long getCreationTime() {
        SSLSession session = engine.librarySession();
        return session == null ? 0 : session.getCreationTime();
    }

    @Override
    public long getLastAccessedTime() {
        SSLSession session = engine.librarySession();
        return session == null ? 0 : session.getLastAccessedTime();
    }

    @Override
    public void invalidate() {
        SSLSession session = engine.librarySession();
        if (session != null) {
            session.invalidate();
        }
    }

    @Override
    public boolean isValid() {
        SSLSession session = engine.librarySession();
        return session != null && session.isValid();
    }

    @Override
    public void putValue(String name, Object value) {
        Object before = values.put(name, value);
        if (value instanceof SSLSessionBindingListener bound) {
            bound.valueBound(new SSLSessionBindingEvent(this, name));
        }
        unbound(name, before);
    }

    @Override
    public @Nullable Object getValue(String name) {
        return values.get(name);
    }

    @Override
    public void removeValue(String name) {
        unbound(name, values.remove(name));
    }

    private void unbound(String name, @Nullable Object value) {
        if (value instanceof SSLSessionBindingListener bound) {
            bound.valueUnbound(new SSLSessionBindingEvent(this, name));
        }
    }

    @Override
    public String[] getValueNames() {
        return values.keySet().toArray(String[]::new);
    }

    @Override
    public Certificate[] getPeerCertificates() throws SSLPeerUnverifiedException {
        Certificate[] remembered = peerAtEnd;
        if (remembered != null) {
            return remembered.clone();
        }
        SSLSession session = engine.librarySession();
        if (session == null) {
            throw new SSLPeerUnverifiedException("no handshake yet");
        }
        return session.getPeerCertificates();
    }

    @Override
    public Certificate @Nullable [] getLocalCertificates() {
        List<X509Certificate> chain = engine.localChain();
        return chain.isEmpty() ? null : chain.toArray(Certificate[]::new);
    }

    @Override
    public Principal getPeerPrincipal() throws SSLPeerUnverifiedException {
        if (getPeerCertificates()[0] instanceof X509Certificate certificate) {
            return certificate.getSubjectX500Principal();
        }
        throw new SSLPeerUnverifiedException("the peer's certificate is no X.509 certificate");
    }

    @Override
    public @Nullable Principal getLocalPrincipal() {
        List<X509Certificate> chain = engine.localChain();
        return chain.isEmpty() ? null : chain.get(0).getSubjectX500Principal();
    }

    @Override
    public String getCipherSuite() {
        SSLSession session = engine.librarySession();
        String suite = session == null ? null : session.getCipherSuite();
        return suite == null ? NO_SUITE : suite;
    }

    @Override
    public String getProtocol() {
        SSLSession session = engine.librarySession();
        String protocol = session == null ? null : session.getProtocol();
        return protocol == null ? "NONE" : protocol;
    }

    @Override
    public @Nullable String getPeerHost() {
        return engine.getPeerHost();
    }

    @Override
    public int getPeerPort() {
        return engine.getPeerPort();
    }

    @Override
    public int getPacketBufferSize() {
        return TlsLimits.MAX_RECORD;
    }

    @Override
    public int getApplicationBufferSize() {
        return TlsLimits.MAX_PLAINTEXT;
    }

    @Override
    public String[] getLocalSupportedSignatureAlgorithms() {
        return engine.librarySession() instanceof ExtendedSSLSession session
                ? session.getLocalSupportedSignatureAlgorithms()
                : new String[0];
    }

    @Override
    public String[] getPeerSupportedSignatureAlgorithms() {
        return engine.librarySession() instanceof ExtendedSSLSession session
                ? session.getPeerSupportedSignatureAlgorithms()
                : new String[0];
    }

    @Override
    public List<SNIServerName> getRequestedServerNames() {
        return engine.librarySession() instanceof ExtendedSSLSession session
                ? session.getRequestedServerNames()
                : List.of();
    }

    @Override
    public List<byte[]> getStatusResponses() {
        return engine.librarySession() instanceof ExtendedSSLSession session ? session.getStatusResponses() : List.of();
    }
}
