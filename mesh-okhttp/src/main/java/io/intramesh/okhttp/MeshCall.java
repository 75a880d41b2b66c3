package io.intramesh.okhttp;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import kotlin.jvm.JvmClassMappingKt;
import kotlin.jvm.functions.Function0;
import kotlin.reflect.KClass;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.EventListener;
import okhttp3.Request;
import okhttp3.Response;
import okio.Timeout;
import org.jspecify.annotations.Nullable;

/** A call through the mesh, as the application holds it when it has no interceptors of its own. */
final class MeshCall extends LogicalCall implements Call {
    private static final AtomicIntegerFieldUpdater<MeshCall> EXECUTED =
            AtomicIntegerFieldUpdater.newUpdater(MeshCall.class, "executed");

    private final Request original;

    // Shared by any threads.
    private volatile int executed;
    private volatile @Nullable Timeout timeout;
    private volatile @Nullable ConcurrentMap<Class<?>, Object> tags;

    MeshCall(MeshClient client, Request request) {
        super(client, request, client.context());
        original = request;
    }

    @Override
    public Request request() {
        return original;
    }

    @Override
    public Response execute() throws IOException {
        begin();
        return run(limit());
    }

    @Override
    public void enqueue(Callback responseCallback) {
        begin();
        start(limit(), this, requireNonNull(responseCallback, "responseCallback"));
    }

    @Override
    public void cancel() {
        abort();
    }

    @Override
    public boolean isExecuted() {
        return executed != 0;
    }

    @Override
    public boolean isCanceled() {
        return isAborted();
    }

    @Override
    public Timeout timeout() {
        Timeout known = timeout;
        if (known == null) {
            synchronized (this) {
                known = timeout;
                if (known == null) {
                    known = newTimeout();
                    timeout = known;
                }
            }
        }
        return known;
    }

    @Override
    public void addEventListener(EventListener eventListener) {
        listen(requireNonNull(eventListener, "eventListener"));
    }

    @Override
    public <T> @Nullable T tag(KClass<T> type) {
        return tag(JvmClassMappingKt.getJavaObjectType(type));
    }

    @Override
    public <T> @Nullable T tag(Class<? extends T> type) {
        ConcurrentMap<Class<?>, Object> own = tags;
        Object found = own == null ? null : own.get(type);
        return found == null ? original.tag(type) : type.cast(found);
    }

    @Override
    public <T> T tag(KClass<T> type, Function0<? extends T> computeIfAbsent) {
        return tag(JvmClassMappingKt.getJavaObjectType(type), computeIfAbsent);
    }

    @Override
    public <T> T tag(Class<T> type, Function0<? extends T> computeIfAbsent) {
        T known = original.tag(type);
        if (known != null) {
            return known;
        }
        Object found = ownTags().computeIfAbsent(type, absent -> requireNonNull(computeIfAbsent.invoke()));
        return requireNonNull(type.cast(found));
    }

    /** Returns a new call for the same request, which has run no more than a call just made. */
    @Override
    @SuppressWarnings("MethodDoesntCallSuperMethod") // As OkHttp's own: a clone shares the request and nothing else.
    public Call clone() {
        return new MeshCall(client(), original);
    }

    private void begin() {
        if (!EXECUTED.compareAndSet(this, 0, 1)) {
            throw new IllegalStateException("Already Executed");
        }
    }

    /** Nothing to limit costs nothing: the object is there only once someone asks for it. */
    private @Nullable Timeout limit() {
        Timeout known = timeout;
        return known == null && client().callTimeoutMillis() > 0 ? newTimeout() : known;
    }

    private Timeout newTimeout() {
        return new Timeout().timeout(client().callTimeoutMillis(), TimeUnit.MILLISECONDS);
    }

    private synchronized ConcurrentMap<Class<?>, Object> ownTags() {
        ConcurrentMap<Class<?>, Object> known = tags;
        if (known == null) {
            known = new ConcurrentHashMap<>();
            tags = known;
        }
        return known;
    }
}
