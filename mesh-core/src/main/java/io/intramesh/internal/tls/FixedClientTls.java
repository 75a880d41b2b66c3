package io.intramesh.internal.tls;

import io.intramesh.internal.tls.engine.EngineSslSocketFactory;
import io.intramesh.internal.tls.engine.ScratchPool;
import io.intramesh.internal.tls.engine.TlsEpoch;
import io.intramesh.internal.tls.engine.TlsRole;
import io.intramesh.tls.ClientTls;
import java.time.Instant;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Security of connections under one certificate and one trust. */
final class FixedClientTls implements ClientTls {
    private final SSLSocketFactory sockets;
    private final X509TrustManager trust;
    private final HostnameVerifier verifier;
    private final Instant notAfter;

    FixedClientTls(
            TlsEpoch epoch,
            ScratchPool scratches,
            X509TrustManager trust,
            HostnameVerifier verifier,
            Instant notAfter,
            @Nullable String serverName) {
        this.sockets = new EngineSslSocketFactory(TlsRole.CLIENT, () -> epoch, scratches, serverName);
        this.trust = trust;
        this.verifier = verifier;
        this.notAfter = notAfter;
    }

    @Override
    public SSLSocketFactory socketFactory() {
        return sockets;
    }

    @Override
    public X509TrustManager trustManager() {
        return trust;
    }

    @Override
    public HostnameVerifier hostnameVerifier() {
        return verifier;
    }

    @Override
    public Instant notAfter() {
        return notAfter;
    }

    @Override
    public String toString() {
        return "client TLS until " + notAfter;
    }
}
