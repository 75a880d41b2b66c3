package io.intramesh.discovery.cloudmap;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;

/**
 * Lets the end of the mesh cut off the request under way: a thread that reads from the JDK's connection does not hear an
 * interrupt, and would hold up the end for as long as Cloud Map is silent. One request at a time.
 */
final class AbortableHttpClient implements SdkHttpClient {
    private final SdkHttpClient http;
    private final AtomicReference<@Nullable ExecutableHttpRequest> underWay = new AtomicReference<>();
    private volatile boolean closed;

    AbortableHttpClient(Supplier<SdkHttpClient> http) {
        this.http = http.get();
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        ExecutableHttpRequest prepared = http.prepareRequest(request);
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                underWay.set(prepared);
                if (closed) {
                    throw new IOException("the mesh has ended");
                }
                return prepared.call();
            }

            @Override
            public void abort() {
                prepared.abort();
            }
        };
    }

    @Override
    public String clientName() {
        return http.clientName();
    }

    /** Cuts off the request under way and refuses later ones. Any thread. Idempotent. */
    @Override
    public void close() {
        closed = true;
        ExecutableHttpRequest running = underWay.getAndSet(null);
        if (running != null) {
            running.abort();
        }
        http.close();
    }
}
