package io.intramesh.call;

import static java.util.Objects.requireNonNull;

/**
 * What goes with a request through the process, from {@code MeshFilter} to the calls that the application makes on its
 * behalf. Immutable.
 *
 * @param requestId the {@code x-request-id} that arrived, or a new one; calls out carry it on
 */
public record MeshContext(String requestId) {
    /** Header that carries {@link #requestId}. */
    public static final String REQUEST_ID_HEADER = "x-request-id";

    public MeshContext {
        requireNonNull(requestId, "requestId");
    }

    /** Makes a context current on this thread until closed. Close on the same thread, innermost first. */
    public interface Scope extends AutoCloseable {
        @Override
        void close();
    }
}
