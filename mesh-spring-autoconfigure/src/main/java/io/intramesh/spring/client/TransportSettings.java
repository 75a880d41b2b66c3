package io.intramesh.spring.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;

/**
 * What Spring Boot's settings for HTTP clients, which differ between its lines, say in common.
 *
 * @param connectTimeout longest time for a connection; null for the mesh's own
 * @param readTimeout longest silence of the peer; null for the mesh's own limits only
 * @param followsRedirects whether redirects are followed; each is routed by the mesh
 * @param sslBundle trust and identity for hosts outside the mesh; null for the JDK's. Calls within the mesh are encrypted as
 *     the mesh says.
 */
public record TransportSettings(
        @Nullable Duration connectTimeout,
        @Nullable Duration readTimeout,
        boolean followsRedirects,
        @Nullable SslBundle sslBundle) {
    /** Nothing set: what the mesh says, redirects followed. */
    public static final TransportSettings DEFAULT = new TransportSettings(null, null, true, null);

    /** Returns these settings without what a transport does by itself, above OkHttp. */
    TransportSettings ofOkHttp() {
        return readTimeout == null ? this : new TransportSettings(connectTimeout, null, followsRedirects, sslBundle);
    }
}
