package io.intramesh;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when the mesh refuses a call or cannot complete it. Never an answer of the callee.
 *
 * <pre>{@code
 * try (Response response = client.newCall(request).execute()) {
 *     …
 * } catch (MeshCallException e) {
 *     if (e.reason() == Reason.CIRCUIT_OPEN) { … }
 * }
 * }</pre>
 */
public final class MeshCallException extends IOException implements MeshFailure {
    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final int status;
    private final boolean mayHaveReachedPeer;

    public MeshCallException(Reason reason, String message) {
        this(reason, reason.status(), message, false, null);
    }

    /**
     * @param status HTTP status of the response that stands for this refusal, where it is not the reason's own
     * @param mayHaveReachedPeer whether the peer may have seen the request
     */
    public MeshCallException(
            Reason reason, int status, String message, boolean mayHaveReachedPeer, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = requireNonNull(reason, "reason");
        this.status = status;
        this.mayHaveReachedPeer = mayHaveReachedPeer;
    }

    public Reason reason() {
        return reason;
    }

    /** Returns the HTTP status of a response that stands for this refusal. */
    public int status() {
        return status;
    }

    /** Tells whether the peer may have seen the request; false proves that sending it again is safe. */
    public boolean mayHaveReachedPeer() {
        return mayHaveReachedPeer;
    }
}
