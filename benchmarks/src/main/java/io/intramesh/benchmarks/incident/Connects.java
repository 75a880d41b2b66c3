package io.intramesh.benchmarks.incident;

import io.intramesh.Mesh;
import io.intramesh.okhttp.MeshClient;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;

/** Counts the connections that a client tries: all that can be counted where nobody listens. Safe for use by several threads. */
final class Connects extends EventListener {
    private final AtomicLong count = new AtomicLong();

    /** Returns a client whose connections are counted here. */
    MeshClient client(Mesh mesh) {
        OkHttpClient counted = new OkHttpClient.Builder().eventListener(this).build();
        return MeshClient.builder(mesh).okHttp(counted).build();
    }

    long count() {
        return count.get();
    }

    @Override
    public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
        count.incrementAndGet();
    }
}
