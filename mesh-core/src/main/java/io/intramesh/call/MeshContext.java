package io.intramesh.call;

import static java.util.Objects.requireNonNull;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What goes with a request through the process, from {@code MeshFilter} to the calls that the application makes on its
 * behalf: its id, the time that is left for it, and whether retries for it are used up. Safe for use by several threads.
 */
public final class MeshContext {
    /** Header that carries {@link #requestId}. */
    public static final String REQUEST_ID_HEADER = "x-request-id";

    /**
     * Request header that says how long the caller will wait, in milliseconds from now; Envoy's, so that App Mesh's proxies and
     * this mesh understand each other.
     */
    public static final String TIME_LEFT_HEADER = "x-envoy-expected-rq-timeout-ms";

    /** Request header by which gRPC says the same. */
    public static final String GRPC_TIMEOUT_HEADER = "grpc-timeout";

    /**
     * Response header of a failed request: behind it, a call was already made again as often as the mesh allows, so that the
     * caller does not repeat it. Its value is {@code true}.
     */
    public static final String RETRIES_EXHAUSTED_HEADER = "x-mesh-retries-exhausted";

    /** Null where the id is a new one that nobody has asked for yet. */
    private volatile @Nullable String requestId;

    private final @Nullable UUID newId;
    private final long startNanos;
    private final long limitNanos;
    private volatile boolean retriesExhausted;

    /**
     * Makes the context of a request whose caller waits for ever.
     *
     * @param requestId the {@code x-request-id} that arrived, or a new one; calls out carry it on
     */
    public MeshContext(String requestId) {
        this(requestId, 0, Long.MAX_VALUE);
    }

    /**
     * Makes the context of a request whose caller waits for so long. For the mesh, not for applications.
     *
     * @param startNanos reading of the mesh's clock when the request arrived
     * @param limitNanos how long the caller waits from then on; {@code Long.MAX_VALUE} means for ever
     */
    public MeshContext(String requestId, long startNanos, long limitNanos) {
        this.requestId = requireNonNull(requestId, "requestId");
        this.newId = null;
        this.startNanos = startNanos;
        this.limitNanos = limitNanos;
    }

    /**
     * Makes the context of a request that came without an id, for the mesh: mostly nobody asks for the id, and then its text is never
     * made. Otherwise as {@link #MeshContext(String, long, long)}.
     */
    public MeshContext(UUID newId, long startNanos, long limitNanos) {
        this.newId = requireNonNull(newId, "newId");
        this.startNanos = startNanos;
        this.limitNanos = limitNanos;
    }

    /** Returns the {@code x-request-id} that arrived, or a new one. */
    public String requestId() {
        String known = requestId;
        if (known == null) {
            known = requireNonNull(newId).toString();
            requestId = known;
        }
        return known;
    }

    /** Tells whether the caller waits for a limited time. */
    public boolean isLimited() {
        return limitNanos != Long.MAX_VALUE;
    }

    /**
     * Returns how long the caller still waits: 0 or less where it has gone, {@code Long.MAX_VALUE} where it waits for ever.
     *
     * @param nowNanos reading of the mesh's clock
     */
    public long leftNanos(long nowNanos) {
        return isLimited() ? limitNanos - (nowNanos - startNanos) : Long.MAX_VALUE;
    }

    /** Tells whether a call that was made for this request failed and may not be repeated any more. */
    public boolean hasExhaustedRetries() {
        return retriesExhausted;
    }

    /** Notes that a call that was made for this request failed and may not be repeated any more. For the mesh. */
    public void exhaustRetries() {
        retriesExhausted = true;
    }

    @Override
    public String toString() {
        return requestId();
    }

    /** Makes a context current on this thread until closed. Close on the same thread, innermost first. */
    public interface Scope extends AutoCloseable {
        @Override
        void close();
    }
}
