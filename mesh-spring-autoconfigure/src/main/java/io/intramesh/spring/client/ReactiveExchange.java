package io.intramesh.spring.client;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Response;
import okio.Buffer;
import okio.Source;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.client.reactive.ClientHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Scheduler;

/**
 * One call of a reactive client, from its start to the end of the response body. Whoever ends it early ends all of it: the
 * call, the request body and a response that nobody reads.
 */
final class ReactiveExchange implements Callback {
    /** As much as OkHttp keeps in one piece, so that a chunk is handed on without being gathered. */
    private static final long CHUNK_BYTES = 8192;

    private final Call call;
    private final @Nullable StreamedPublisher requestBody;
    private final Scheduler readers;
    private final ReadTimeout timeout;

    // Set by OkHttp's thread and by the thread that cancels; each sets its own and then looks at the other's.
    private volatile @Nullable Response response;
    private volatile boolean isCancelled;

    // Who turns it owns the response body: its one subscriber, or the cancellation that closes it.
    private final AtomicBoolean isBodyTaken = new AtomicBoolean();

    // Set by the thread that reads the body, before it tells so.
    private volatile boolean hasFailedInBody;

    private @Nullable MonoSink<ClientHttpResponse> sink;

    ReactiveExchange(
            Call call, @Nullable StreamedPublisher requestBody, Scheduler readers, @Nullable Duration readTimeout) {
        this.call = call;
        this.requestBody = requestBody;
        this.readers = readers;
        this.timeout = new ReadTimeout(call, readTimeout);
    }

    void start(MonoSink<ClientHttpResponse> target) {
        sink = target;
        timeout.enter();
        call.enqueue(this);
    }

    /** Ends what is still under way. Idempotent. */
    void cancel() {
        isCancelled = true;
        call.cancel();
        if (requestBody != null) {
            requestBody.abort();
        }
        closeUnreadResponse();
    }

    @Override
    public void onFailure(Call failed, IOException e) {
        boolean timedOut = timeout.exit();
        Throwable cause = requestBody == null ? null : requestBody.failure();
        if (cause != null) {
            fail(cause);
        } else {
            fail(timedOut ? timeout.newTimeoutException(e) : e);
        }
    }

    @Override
    public void onResponse(Call succeeded, Response received) {
        boolean timedOut = timeout.exit();
        response = received;
        if (timedOut) {
            closeUnreadResponse();
            fail(timeout.newTimeoutException(null));
        } else if (isCancelled) {
            closeUnreadResponse();
        } else if (sink != null) {
            sink.success(new ReactiveResponse(received, Flux.defer(this::readBody)));
        }
    }

    private void fail(Throwable failure) {
        // An error after a cancellation would only reach Reactor's hook for dropped errors.
        if (sink != null && !isCancelled) {
            sink.error(failure);
        }
    }

    private void closeUnreadResponse() {
        Response unread = response;
        if (unread != null && isBodyTaken.compareAndSet(false, true)) {
            unread.close();
        }
    }

    private Flux<DataBuffer> readBody() {
        Response read = response;
        if (hasFailedInBody) {
            // Spring asks for the body once more to tell about the failure, and would log another one as dropped.
            return Flux.empty();
        }
        if (read == null || !isBodyTaken.compareAndSet(false, true)) {
            return Flux.error(new IllegalStateException("response body: read already, or its call was cancelled"));
        }
        // generate closes the source after the last read and never during one.
        return Flux.<DataBuffer, Source>generate(() -> source(read), this::readChunk, source -> read.close())
                .subscribeOn(readers)
                .doOnCancel(call::cancel);
    }

    private Source source(Response read) {
        Source source = read.body().source();
        return timeout.timeoutNanos() == 0 ? source : timeout.source(source);
    }

    private Source readChunk(Source source, SynchronousSink<DataBuffer> target) {
        try {
            Buffer chunk = new Buffer();
            if (source.read(chunk, CHUNK_BYTES) == -1) {
                target.complete();
            } else {
                target.next(DefaultDataBufferFactory.sharedInstance.wrap(chunk.readByteArray()));
            }
        } catch (IOException e) {
            hasFailedInBody = true;
            target.error(e);
        }
        return source;
    }
}
