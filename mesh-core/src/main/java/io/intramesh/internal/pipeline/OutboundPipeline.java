package io.intramesh.internal.pipeline;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.HealthProber;
import io.intramesh.call.MeshRequest;
import io.intramesh.call.Outbound;
import io.intramesh.call.OutboundCall;
import io.intramesh.internal.time.MeshScheduler;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the snapshot once per call and hands it to the stages. */
final class OutboundPipeline implements Outbound {
    private final CallPipeline pipeline;
    private final Supplier<@Nullable Snapshot> inForce;
    private final MeshScheduler scheduler;
    private final Listeners listeners;
    private final Probers probers;
    private final Runnable probersChanged;
    private final Set<Paused> waiting = ConcurrentHashMap.newKeySet();

    private volatile boolean isClosed;

    /**
     * @param probersChanged run on the mesh thread when probers came or went
     */
    OutboundPipeline(
            CallPipeline pipeline,
            Supplier<@Nullable Snapshot> inForce,
            MeshScheduler scheduler,
            Listeners listeners,
            Probers probers,
            Runnable probersChanged) {
        this.probers = probers;
        this.probersChanged = probersChanged;
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
            MeshCall call = pipeline.begin(snapshot, request);
            if (call.delayNanos() > 0) {
                CompletableFuture<Void> over = new CompletableFuture<>();
                schedule(() -> over.complete(null), Duration.ofNanos(call.delayNanos()), Runnable::run);
                call.delayUntil(over);
            }
            return call;
        } catch (MeshCallException refusal) {
            listeners.callRefused(request.host(), refusal);
            throw refusal;
        }
    }

    @Override
    public long nanoTime() {
        return pipeline.nanoTime();
    }

    @Override
    public AutoCloseable probeWith(HealthProber prober) {
        probers.add(prober);
        scheduler.execute(() -> {
            try {
                probersChanged.run();
            } finally {
                probers.settled();
            }
        });
        if (isClosed) {
            probers.settled();
        }
        return () -> {
            probers.remove(prober);
            scheduler.execute(probersChanged);
        };
    }

    @Override
    public void schedule(Runnable task, Duration pause, Executor executor) {
        Paused paused = new Paused(task, executor);
        waiting.add(paused);
        scheduler.schedule(() -> resume(paused), pause);
        if (isClosed) {
            resume(paused);
        }
    }

    /** Ends every pause at once: who waits for another attempt learns that there is none, instead of nothing ever. */
    void close() {
        isClosed = true;
        probers.settled();
        waiting.forEach(this::resume);
    }

    private void resume(Paused paused) {
        if (waiting.remove(paused)) {
            paused.executor.execute(paused.task);
        }
    }

    /** A task and where it runs. Compared by identity: the same task may be scheduled twice. */
    private static final class Paused {
        private final Runnable task;
        private final Executor executor;

        private Paused(Runnable task, Executor executor) {
            this.task = task;
            this.executor = executor;
        }
    }
}
