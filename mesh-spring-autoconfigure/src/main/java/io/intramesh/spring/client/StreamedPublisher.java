package io.intramesh.spring.client;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;
import okio.Timeout;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

/**
 * A request body that a publisher makes as it goes. OkHttp's thread asks for one buffer, waits, writes it, and asks for the
 * next, so that never more than one is in memory. While it waits, the connection's write timeout holds.
 */
final class StreamedPublisher extends RequestBody {
    private final Publisher<? extends DataBuffer> publisher;
    private final boolean flushesEach;
    private final long length;
    private final Reader reader = new Reader();
    private final AtomicBoolean isTaken = new AtomicBoolean();

    StreamedPublisher(Publisher<? extends DataBuffer> publisher, boolean flushesEach, long length) {
        this.publisher = publisher;
        this.flushesEach = flushesEach;
        this.length = length;
    }

    @Override
    public @Nullable MediaType contentType() {
        return null;
    }

    @Override
    public long contentLength() {
        return length;
    }

    @Override
    public boolean isOneShot() {
        return true;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
        if (!isTaken.compareAndSet(false, true)) {
            throw new IOException("body: streamed from a publisher, sent already (expected: sent once)");
        }
        Flux.from(publisher).subscribe(reader);
        try {
            DataBuffer buffer;
            while ((buffer = reader.take(sink.timeout())) != null) {
                write(buffer, sink);
                reader.request(1);
            }
        } finally {
            reader.abort();
        }
    }

    /** Lets the publisher go and wakes the thread that waits for it. Idempotent. */
    void abort() {
        reader.abort();
    }

    /** Returns what the publisher failed with, or null. */
    @Nullable
    Throwable failure() {
        return reader.failure();
    }

    private void write(DataBuffer buffer, BufferedSink sink) throws IOException {
        try (DataBuffer.ByteBufferIterator parts = buffer.readableByteBuffers()) {
            while (parts.hasNext()) {
                sink.write(parts.next());
            }
        } finally {
            DataBufferUtils.release(buffer);
        }
        if (flushesEach) {
            sink.flush();
        }
    }

    /** Hands buffers from the publisher's thread to OkHttp's. */
    private static final class Reader extends BaseSubscriber<DataBuffer> {
        private final Object lock = new Object();
        // Guarded by lock.
        private @Nullable DataBuffer next;
        private @Nullable Throwable failure;
        private boolean isEnded;
        private boolean isAborted;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            subscription.request(1);
        }

        @Override
        protected void hookOnNext(DataBuffer buffer) {
            synchronized (lock) {
                if (!isAborted) {
                    next = buffer;
                    lock.notifyAll();
                    return;
                }
            }
            DataBufferUtils.release(buffer);
        }

        @Override
        protected void hookOnComplete() {
            end(null);
        }

        @Override
        protected void hookOnError(Throwable error) {
            end(error);
        }

        private void end(@Nullable Throwable error) {
            synchronized (lock) {
                failure = error;
                isEnded = true;
                lock.notifyAll();
            }
        }

        @Nullable
        Throwable failure() {
            synchronized (lock) {
                return failure;
            }
        }

        /** Returns the next buffer, or null at the end. */
        @Nullable
        DataBuffer take(Timeout timeout) throws IOException {
            synchronized (lock) {
                while (true) {
                    if (isAborted) {
                        throw new IOException("Canceled");
                    }
                    if (next != null) {
                        DataBuffer taken = next;
                        next = null;
                        return taken;
                    }
                    if (failure != null) {
                        throw new IOException("body: its publisher failed: " + failure, failure);
                    }
                    if (isEnded) {
                        return null;
                    }
                    timeout.waitUntilNotified(lock);
                }
            }
        }

        void abort() {
            cancel();
            DataBuffer dropped;
            synchronized (lock) {
                isAborted = true;
                dropped = next;
                next = null;
                lock.notifyAll();
            }
            DataBufferUtils.release(dropped);
        }
    }
}
