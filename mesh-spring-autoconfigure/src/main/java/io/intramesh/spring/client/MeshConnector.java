package io.intramesh.spring.client;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Carries the calls of {@code WebClient} through the mesh. Spring Boot's own builder uses it by itself; a client that is built
 * by hand takes one:
 *
 * <pre>{@code
 * WebClient payments = WebClient.builder().clientConnector(new MeshConnector(meshClient)).build();
 * }</pre>
 *
 * <p>Bodies are streamed with back-pressure both ways. A cancelled subscription cancels the call. A refusal is a
 * {@link io.intramesh.MeshCallException}, the cause of Spring's {@code WebClientRequestException}. A body of a single value can
 * be sent again by a retry; one that is streamed from several cannot. Safe for use by several threads.
 */
public final class MeshConnector implements ClientHttpConnector {
    /** Asked on the thread that subscribes to a call. */
    private final Supplier<Call.Factory> calls;

    private final Scheduler readers;
    private final @Nullable Duration readTimeout;

    /**
     * Sends by that factory, usually a {@code MeshClient}, and reads bodies on {@link Schedulers#boundedElastic}; only the mesh
     * limits the time.
     */
    public MeshConnector(Call.Factory calls) {
        this(calls, Schedulers.boundedElastic(), null);
    }

    /**
     * Sends by that factory.
     *
     * @param readers where response bodies are read: a reading thread blocks while the peer is silent
     * @param readTimeout longest silence of the peer, before the response and within its body; null or zero for no limit but
     *     the mesh's own
     */
    public MeshConnector(Call.Factory calls, Scheduler readers, @Nullable Duration readTimeout) {
        this(constant(calls), readers, readTimeout);
    }

    MeshConnector(Supplier<Call.Factory> calls, Scheduler readers, @Nullable Duration readTimeout) {
        this.calls = calls;
        this.readers = requireNonNull(readers, "readers");
        this.readTimeout = readTimeout;
    }

    @Override
    public Mono<ClientHttpResponse> connect(
            HttpMethod method, URI uri, Function<? super ClientHttpRequest, Mono<Void>> requestCallback) {
        ReactiveRequest request = new ReactiveRequest(method, uri);
        Call.Factory factory = calls.get();
        return requestCallback.apply(request).then(Mono.defer(() -> send(request, factory)));
    }

    private Mono<ClientHttpResponse> send(ReactiveRequest request, Call.Factory factory) {
        return request.toOkHttp().flatMap(built -> {
            ReactiveExchange exchange =
                    new ReactiveExchange(factory.newCall(built), request.streamedBody(), readers, readTimeout);
            // Below create, so that it also sees a cancellation that comes after the response.
            return Mono.create(exchange::start).doOnCancel(exchange::cancel);
        });
    }

    private static Supplier<Call.Factory> constant(Call.Factory calls) {
        requireNonNull(calls, "calls");
        return () -> calls;
    }
}
