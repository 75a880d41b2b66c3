package io.intramesh.servlet;

import io.intramesh.internal.issue.CertificateAuthority;
import io.intramesh.internal.issue.CertificateSpec;
import io.intramesh.internal.issue.IssuedCertificate;
import io.intramesh.model.ListenerTls;
import io.intramesh.tls.ServerTls;
import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** The TLS of a listener, set by a test, on the JDK's engines. */
final class FakeTls implements ServerTls {
    private static final char[] NO_SECRET = "none".toCharArray();

    private final CertificateAuthority authority = CertificateAuthority.create("test", InstantSource.system());
    private final SSLContext context = new Following(this);
    private volatile SSLContext current = context(issue("spiffe://shop.local/orders"));
    private volatile ListenerTls.Mode mode;
    private volatile boolean requiresClientCertificate;
    private volatile Object epoch = new Object();

    FakeTls(ListenerTls.Mode mode) {
        this.mode = mode;
    }

    void mode(ListenerTls.Mode value) {
        mode = value;
    }

    void requireClientCertificate() {
        requiresClientCertificate = true;
    }

    /** Takes another certificate, as a rotation does. */
    void rotate() {
        current = context(issue("spiffe://shop.local/orders"));
        epoch = new Object();
    }

    IssuedCertificate issue(String spiffeId) {
        return authority.issue(CertificateSpec.builder()
                .uris(URI.create(spiffeId))
                .dnsNames("localhost")
                .build());
    }

    /** Returns a context for clients that trust this listener; they show a certificate where one is given. */
    SSLContext client(@Nullable IssuedCertificate certificate) {
        return context(certificate);
    }

    X509TrustManager trust() {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("root", authority.root());
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(trusted);
            return (X509TrustManager) factory.getTrustManagers()[0];
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private SSLContext context(@Nullable IssuedCertificate certificate) {
        try {
            KeyManager[] keys = null;
            if (certificate != null) {
                KeyStore store = KeyStore.getInstance("PKCS12");
                store.load(null, null);
                store.setKeyEntry(
                        "own", certificate.key(), NO_SECRET, certificate.chain().toArray(X509Certificate[]::new));
                KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                factory.init(store, NO_SECRET);
                keys = factory.getKeyManagers();
            }
            SSLContext made = SSLContext.getInstance("TLS");
            made.init(keys, new TrustManager[] {trust()}, null);
            return made;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public SSLContext context() {
        return context;
    }

    @Override
    public ListenerTls.Mode mode() {
        return mode;
    }

    @Override
    public boolean requiresClientCertificate() {
        return requiresClientCertificate;
    }

    @Override
    public Lease lease() {
        Object before = epoch;
        return () -> epoch != before;
    }

    @Override
    public void checkPeer(List<X509Certificate> chain) throws CertificateException {
        if (requiresClientCertificate) {
            trust().checkClientTrusted(chain.toArray(X509Certificate[]::new), "UNKNOWN");
        }
    }

    /** Makes engines as the listener wants them at the moment. */
    private static final class Following extends SSLContext {
        Following(FakeTls tls) {
            super(new Engines(tls), anyProvider(), "TLS");
        }
    }

    private static Provider anyProvider() {
        try {
            return SSLContext.getDefault().getProvider();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Engines extends SSLContextSpi {
        private final FakeTls tls;

        Engines(FakeTls tls) {
            this.tls = tls;
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            SSLEngine engine = tls.current.createSSLEngine();
            engine.setUseClientMode(false);
            engine.setNeedClientAuth(tls.requiresClientCertificate);
            return engine;
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return engineCreateSSLEngine();
        }

        @Override
        protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            throw new UnsupportedOperationException();
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            throw new UnsupportedOperationException();
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            throw new UnsupportedOperationException();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            throw new UnsupportedOperationException();
        }
    }
}
