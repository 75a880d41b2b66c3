package io.intramesh.spring.client;

import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import okhttp3.ConnectionSpec;
import okhttp3.OkHttpClient;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslOptions;

/** Translates Spring Boot's settings to OkHttp's. */
final class OkHttpSettings {
    private OkHttpSettings() {}

    static OkHttpClient.Builder apply(TransportSettings settings, OkHttpClient.Builder okHttp) {
        if (settings.connectTimeout() != null) {
            okHttp.connectTimeout(settings.connectTimeout());
        }
        if (!settings.followsRedirects()) {
            okHttp.followRedirects(false).followSslRedirects(false);
        }
        if (settings.sslBundle() != null) {
            applySsl(settings.sslBundle(), okHttp);
        }
        return okHttp;
    }

    private static void applySsl(SslBundle bundle, OkHttpClient.Builder okHttp) {
        okHttp.sslSocketFactory(bundle.createSslContext().getSocketFactory(), trust(bundle));
        SslOptions options = bundle.getOptions();
        if (options.isSpecified()) {
            ConnectionSpec.Builder spec = new ConnectionSpec.Builder(ConnectionSpec.MODERN_TLS);
            if (options.getCiphers() != null) {
                spec.cipherSuites(options.getCiphers());
            }
            if (options.getEnabledProtocols() != null) {
                spec.tlsVersions(options.getEnabledProtocols());
            }
            okHttp.connectionSpecs(List.of(spec.build(), ConnectionSpec.CLEARTEXT));
        }
    }

    private static X509TrustManager trust(SslBundle bundle) {
        for (TrustManager manager : bundle.getManagers().getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                return x509;
            }
        }
        throw new IllegalStateException("SSL bundle: no trust manager for X.509 certificates");
    }
}
