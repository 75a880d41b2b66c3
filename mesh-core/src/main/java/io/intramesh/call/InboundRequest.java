package io.intramesh.call;

import org.jspecify.annotations.Nullable;

/** A request that arrived, from admission to its end. Driven by one thread at a time. */
public interface InboundRequest {

    /**
     * Waits for a place where the listener's connection pool is full but lets requests wait. Returns at once where there is
     * nothing to wait for. The only method here that blocks.
     *
     * @throws InterruptedException when the thread is interrupted; the request counts as refused then
     */
    void awaitAdmission() throws InterruptedException;

    /** Returns why the request is refused, or null where it is admitted. Final after {@link #awaitAdmission}. */
    @Nullable
    Refusal refusal();

    /** Tells whether this is a health check of the listener, on its declared path. Health checks count towards no limit. */
    boolean isHealthCheck();

    /** Tells whether the response should ask the caller to close the connection, because this process drains. */
    boolean closesConnection();

    /** Returns what goes with the request through the process. */
    MeshContext context();

    /**
     * Reports the end of the request, refused ones included. Idempotent; later reports are ignored.
     *
     * @param status of the response; 500 where an exception left the application
     * @param failure what left the application, or null
     */
    void ended(int status, @Nullable Throwable failure);
}
