package io.intramesh.call;

import io.intramesh.MeshCallException;
import java.time.Duration;
import java.util.concurrent.Executor;

/** Outbound half of a mesh, for transports. Safe for use by several threads. */
public interface Outbound {

    /**
     * Decides what becomes of a call: reads the snapshot in force once and keeps to it.
     *
     * @throws MeshCallException when the mesh refuses the call; its reason says why
     */
    OutboundCall begin(MeshRequest request) throws MeshCallException;

    /** Returns the reading of the clock by which the mesh measures time, in nanoseconds; only differences mean anything. */
    long nanoTime();

    /** Runs a task on that executor after a pause, for a transport that must not block. */
    void schedule(Runnable task, Duration pause, Executor executor);

    /**
     * Offers to send health checks. Where several offer, the first does it; where none does, endpoints count as healthy.
     *
     * @return ends the offer
     */
    default AutoCloseable probeWith(HealthProber prober) {
        return () -> {};
    }
}
