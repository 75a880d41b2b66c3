package io.intramesh.spring;

import java.util.List;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;

/**
 * The OkHttp client below those of the mesh. It belongs to the application context, and its threads end with it; a dispatcher
 * or pool that a customizer brings belongs to the application.
 */
final class MeshOkHttp implements AutoCloseable {
    private static final int IDLE_SECONDS = 15;

    private final ThreadPoolExecutor executor;
    private final OkHttpClient client;

    MeshOkHttp(List<MeshClientCustomizer> customizers) {
        AtomicInteger count = new AtomicInteger();
        // Unbounded, because OkHttp's dispatcher in front of it is the bound.
        executor = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "mesh-okhttp-" + count.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        OkHttpClient.Builder builder = new OkHttpClient.Builder().dispatcher(new Dispatcher(executor));
        customizers.forEach(customizer -> customizer.customize(builder));
        client = builder.build();
    }

    OkHttpClient client() {
        return client;
    }

    @Override
    public void close() {
        executor.shutdown();
        client.connectionPool().evictAll();
    }
}
