package io.intramesh.internal.tls.openssl;

import io.intramesh.internal.tls.engine.TlsBackend;
import io.intramesh.internal.tls.engine.TlsIdentity;
import io.intramesh.internal.tls.engine.TlsRole;
import io.netty.handler.ssl.OpenSsl;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** TLS by the BoringSSL that netty-tcnative brings along. */
final class OpenSslBackend implements TlsBackend {
    private final String name;

    private OpenSslBackend(String version) {
        this.name = "OpenSSL (" + version + ")";
    }

    static OpenSslProbe.Found look() {
        if (OpenSsl.isAvailable()) {
            return new OpenSslProbe.Found(new OpenSslBackend(OpenSsl.versionString()), "");
        }
        Throwable cause = OpenSsl.unavailabilityCause();
        return new OpenSslProbe.Found(
                null,
                "the native library of netty-tcnative is not at hand (" + cause
                        + "); have io.netty:netty-tcnative-boringssl-static with this platform's classifier on the class "
                        + "path, and, where /tmp is mounted noexec, -Dio.netty.native.workdir=<folder>");
    }

    @Override
    public String describe() {
        return name;
    }

    /** The published builds of netty-tcnative are of no validated BoringCrypto. */
    @Override
    public boolean isFips() {
        return false;
    }

    @Override
    public Engines engines(TlsRole role, @Nullable TlsIdentity identity, @Nullable X509ExtendedTrustManager trust)
            throws SSLException {
        OpenSslEngines engines = new OpenSslEngines(role, identity, trust);
        // What is wrong with a certificate is found now, not by the first call.
        engines.context(List.of());
        return engines;
    }
}
