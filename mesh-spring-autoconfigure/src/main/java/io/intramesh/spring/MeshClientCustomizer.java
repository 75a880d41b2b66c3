package io.intramesh.spring;

import okhttp3.OkHttpClient;

/**
 * Changes the OkHttp client that the mesh's own is made from: interceptors, cookies, a cache, an authenticator, or TLS for hosts
 * outside the mesh. Each bean of this type is asked, in the order of {@code @Order}.
 *
 * <pre>{@code
 * @Bean
 * MeshClientCustomizer cookies() {
 *     return okHttp -> okHttp.cookieJar(new MyCookieJar());
 * }
 * }</pre>
 *
 * <p>What the mesh decides in a client's stead is listed at {@link io.intramesh.okhttp.MeshClient}.
 */
@FunctionalInterface
public interface MeshClientCustomizer {
    /** Changes the builder, which no other thread sees. */
    void customize(OkHttpClient.Builder okHttp);
}
