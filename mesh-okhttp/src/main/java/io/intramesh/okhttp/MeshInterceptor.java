package io.intramesh.okhttp;

import io.intramesh.call.MeshContext;
import java.io.IOException;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Interceptor;
import okhttp3.Response;

/**
 * Stands below the application's own interceptors, so that they run once per call and see the virtual service. It answers
 * through the mesh and never proceeds.
 */
final class MeshInterceptor implements Interceptor {
    private final MeshClient client;

    MeshInterceptor(MeshClient client) {
        this.client = client;
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        Call outer = chain.call();
        LogicalCall call = new LogicalCall(client, chain.request(), outer.tag(MeshContext.class));
        outer.addEventListener(new EventListener() {
            /** Comes on cancellation and when the call's time is up, also while the application reads the answer. */
            @Override
            public void canceled(Call cancelled) {
                call.abort();
            }
        });
        if (outer.isCanceled()) {
            call.abort();
        }
        return call.run(outer.timeout());
    }
}
