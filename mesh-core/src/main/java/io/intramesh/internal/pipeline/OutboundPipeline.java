package io.intramesh.internal.pipeline;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.MeshRequest;
import io.intramesh.call.Outbound;
import io.intramesh.call.OutboundCall;
import io.intramesh.internal.time.MeshScheduler;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the snapshot once per call and hands it to the stages. */
final class OutboundPipeline implements Outbound {
    private final CallPipeline pipeline;
    private final Supplier<@Nullable Snapshot> inForce;
    private final MeshScheduler scheduler;
    private final Listeners listeners;

    OutboundPipeline(
            CallPipeline pipeline, Supplier<@Nullable Snapshot> inForce, MeshScheduler scheduler, Listeners listeners) {
        this.pipeline = pipeline;
        this.inForce = inForce;
        this.scheduler = scheduler;
        this.listeners = listeners;
    }

    @Override
    public OutboundCall begin(MeshRequest request) throws MeshCallException {
        Snapshot snapshot = inForce.get();
        if (snapshot == null) {
            throw new MeshCallException(Reason.DRAINING, "the mesh is closed; make calls before it is");
        }
        try {
            return pipeline.begin(snapshot, request);
        } catch (MeshCallException refusal) {
            listeners.callRefused(request.host(), refusal);
            throw refusal;
        }
    }

    @Override
    public void schedule(Runnable task, Duration pause, Executor executor) {
        scheduler.schedule(() -> executor.execute(task), pause);
    }
}
