package io.intramesh.spring.client;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.time.Duration;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;

/**
 * Carries the calls of {@code RestClient} and {@code RestTemplate} through the mesh. Spring Boot's own builders use it by
 * themselves; a client that is built by hand takes one:
 *
 * <pre>{@code
 * RestClient payments = RestClient.builder().requestFactory(new MeshRequestFactory(meshClient)).build();
 * }</pre>
 *
 * <p>Bodies are streamed. A refusal is a {@link io.intramesh.MeshCallException}, the cause of Spring's
 * {@code ResourceAccessException}. Safe for use by several threads.
 */
public final class MeshRequestFactory implements ClientHttpRequestFactory {
    private final Call.Factory calls;
    private final @Nullable Duration readTimeout;

    /** Sends by that factory, usually a {@code MeshClient}; only the mesh limits the time. */
    public MeshRequestFactory(Call.Factory calls) {
        this(calls, null);
    }

    /**
     * Sends by that factory.
     *
     * @param readTimeout longest silence of the peer, before the response and within its body; null or zero for no limit but
     *     the mesh's own
     */
    public MeshRequestFactory(Call.Factory calls, @Nullable Duration readTimeout) {
        this.calls = requireNonNull(calls, "calls");
        this.readTimeout = readTimeout;
    }

    @Override
    public ClientHttpRequest createRequest(URI uri, HttpMethod method) {
        return new BlockingRequest(calls, readTimeout, uri, method);
    }
}
