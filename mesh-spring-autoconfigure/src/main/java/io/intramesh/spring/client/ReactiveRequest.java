package io.intramesh.spring.client;

import java.io.IOException;
import java.net.URI;
import java.util.stream.Collectors;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.AbstractClientHttpRequest;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One request of a reactive client. Writing to it only notes the body; it is sent, and the body subscribed to, once it is
 * complete.
 */
final class ReactiveRequest extends AbstractClientHttpRequest {
    private final HttpMethod method;
    private final URI uri;
    private @Nullable String cookieHeader;
    // A single buffer, which fits in memory by nature: known in length, and sent again where a retry needs it.
    private @Nullable Mono<? extends DataBuffer> single;
    private @Nullable StreamedPublisher streamed;

    ReactiveRequest(HttpMethod method, URI uri) {
        this.method = method;
        this.uri = uri;
    }

    @Override
    public HttpMethod getMethod() {
        return method;
    }

    @Override
    public URI getURI() {
        return uri;
    }

    @Override
    public DataBufferFactory bufferFactory() {
        return DefaultDataBufferFactory.sharedInstance;
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"
    }) // Spring's signature; the caller says what it expects.
    public <T> T getNativeRequest() {
        return (T) this;
    }

    @Override
    public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
        return doCommit(() -> {
            if (body instanceof Mono<? extends DataBuffer> mono) {
                single = mono;
            } else {
                streamed = new StreamedPublisher(body, false, contentLength());
            }
            return Mono.empty();
        });
    }

    @Override
    public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
        return doCommit(() -> {
            streamed = new StreamedPublisher(Flux.from(body).concatMap(part -> part, 1), true, contentLength());
            return Mono.empty();
        });
    }

    @Override
    public Mono<Void> setComplete() {
        return doCommit();
    }

    @Override
    protected void applyHeaders() {
        // Read when the request is built: the single buffer may still set its length.
    }

    @Override
    protected void applyCookies() {
        if (!getCookies().isEmpty()) {
            cookieHeader = getCookies().values().stream()
                    .flatMap(cookies -> cookies.stream())
                    .map(cookie -> cookie.getName() + "=" + cookie.getValue())
                    .collect(Collectors.joining("; "));
        }
    }

    /** Returns the body that is streamed and must be let go when the call ends early, or null. */
    @Nullable
    StreamedPublisher streamedBody() {
        return streamed;
    }

    Mono<Request> toOkHttp() {
        if (single == null) {
            return Mono.fromCallable(() -> build(streamed));
        }
        return single.map(ReactiveRequest::bytes).defaultIfEmpty(new byte[0]).handle((bytes, sink) -> {
            try {
                sink.next(build(RequestBody.create(bytes)));
            } catch (IOException e) {
                sink.error(e);
            }
        });
    }

    private Request build(@Nullable RequestBody body) throws IOException {
        Request.Builder request = OkHttpRequests.begin(uri, getHeaders());
        if (cookieHeader != null) {
            request.addHeader(HttpHeaders.COOKIE, cookieHeader);
        }
        return OkHttpRequests.end(request, method, body);
    }

    private long contentLength() {
        return getHeaders().getContentLength();
    }

    private static byte[] bytes(DataBuffer buffer) {
        byte[] bytes = new byte[buffer.readableByteCount()];
        buffer.read(bytes);
        DataBufferUtils.release(buffer);
        return bytes;
    }
}
