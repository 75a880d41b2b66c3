package io.intramesh.spring.boot3;

import io.intramesh.spring.client.TransportSettings;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.ClientHttpRequestFactorySettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorSettings;

/** Reads Spring Boot 3.5's settings for HTTP clients, of which it has two kinds. */
final class Settings {
    private Settings() {}

    static TransportSettings of(@Nullable ClientHttpRequestFactorySettings settings) {
        if (settings == null) {
            return TransportSettings.DEFAULT;
        }
        return new TransportSettings(
                settings.connectTimeout(),
                settings.readTimeout(),
                settings.redirects() != ClientHttpRequestFactorySettings.Redirects.DONT_FOLLOW,
                settings.sslBundle());
    }

    static TransportSettings of(@Nullable ClientHttpConnectorSettings settings) {
        if (settings == null) {
            return TransportSettings.DEFAULT;
        }
        return new TransportSettings(
                settings.connectTimeout(),
                settings.readTimeout(),
                settings.redirects() != HttpRedirects.DONT_FOLLOW,
                settings.sslBundle());
    }
}
