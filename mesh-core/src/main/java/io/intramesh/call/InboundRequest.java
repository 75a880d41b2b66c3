package io.intramesh.call;

import org.jspecify.annotations.Nullable;

/** A request that arrived, from admission to its end. Driven by one thread at a time. */
public interface InboundRequest {
    /**
     * Response header by which a draining process tells its callers to call others, in HTTP/1.1 and HTTP/2 alike; its value is
     * {@code true}. It is about the process that sends it and goes no further than to its caller.
     */
    String DRAINING_HEADER = "x-mesh-draining";

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

    /**
     * Tells whether the response should ask the caller to go elsewhere, because this process drains: by
     * {@link #DRAINING_HEADER}, and in HTTP/1.1 by {@code Connection: close} too.
     */
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
