package io.intramesh.spring.client;

import java.io.IOException;
import kotlin.jvm.functions.Function0;
import kotlin.reflect.KClass;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.EventListener;
import okhttp3.Request;
import okhttp3.Response;
import okio.Timeout;
import org.jspecify.annotations.Nullable;

/** A call that fails as it is executed. */
final class RefusedCall implements Call {
    private final Request request;
    private final IOException refusal;

    RefusedCall(Request request, IOException refusal) {
        this.request = request;
        this.refusal = refusal;
    }

    @Override
    public Request request() {
        return request;
    }

    @Override
    public Response execute() throws IOException {
        throw refusal;
    }

    @Override
    public void enqueue(Callback callback) {
        callback.onFailure(this, refusal);
    }

    @Override
    public void cancel() {}

    @Override
    public boolean isExecuted() {
        return true;
    }

    @Override
    public boolean isCanceled() {
        return false;
    }

    @Override
    public Timeout timeout() {
        return Timeout.NONE;
    }

    @Override
    public void addEventListener(EventListener listener) {}

    @Override
    public <T> @Nullable T tag(KClass<T> type) {
        return null;
    }

    @Override
    public <T> @Nullable T tag(Class<? extends T> type) {
        return null;
    }

    @Override
    public <T> T tag(KClass<T> type, Function0<? extends T> computeIfAbsent) {
        return computeIfAbsent.invoke();
    }

    @Override
    public <T> T tag(Class<T> type, Function0<? extends T> computeIfAbsent) {
        return computeIfAbsent.invoke();
    }

    @Override
    public Call clone() {
        return new RefusedCall(request, refusal);
    }
}
