package io.intramesh.spring.boot4;

import io.intramesh.spring.client.TransportSettings;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpCookieHandling;
import org.springframework.boot.http.client.HttpRedirects;

/** Reads Spring Boot 4's settings for HTTP clients. */
final class Settings {
    private Settings() {}

    /**
     * @throws IllegalStateException for what the mesh cannot do, which had better not be left out in silence
     */
    static TransportSettings of(@Nullable HttpClientSettings settings) {
        if (settings == null) {
            return TransportSettings.DEFAULT;
        }
        if (settings.cookieHandling() == HttpCookieHandling.ENABLE) {
            throw new IllegalStateException("cookie handling: enabled (expected: a MeshClientCustomizer bean that sets"
                    + " OkHttp's cookie jar)");
        }
        if (settings.inetAddressFilter() != null) {
            throw new IllegalStateException("address filter: set, but the mesh chooses the addresses of its services"
                    + " (expected: the mesh's egress filter and backends, or a MeshClientCustomizer bean that sets OkHttp's"
                    + " DNS for hosts outside the mesh)");
        }
        return new TransportSettings(
                settings.connectTimeout(),
                settings.readTimeout(),
                settings.redirects() != HttpRedirects.DONT_FOLLOW,
                settings.sslBundle());
    }
}
