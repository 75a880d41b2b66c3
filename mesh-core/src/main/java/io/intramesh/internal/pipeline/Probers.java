package io.intramesh.internal.pipeline;

import io.intramesh.call.HealthProber;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The transports that offer to send health checks. Safe for use by several threads. */
final class Probers {
    private final CopyOnWriteArrayList<HealthProber> offered = new CopyOnWriteArrayList<>();

    /** From the first offer until the mesh thread has taken note of it; calls wait for that. */
    private volatile @Nullable CompletableFuture<Void> settling;

    void add(HealthProber prober) {
        if (offered.isEmpty()) {
            settling = new CompletableFuture<>();
        }
        offered.add(prober);
    }

    /** Lets calls go on: what is offered is in use now, or never will be. */
    void settled() {
        CompletableFuture<Void> future = settling;
        settling = null;
        if (future != null) {
            future.complete(null);
        }
    }

    /** Returns what completes when the offers are in use, or null where they are. */
    @Nullable
    CompletionStage<?> settling() {
        CompletableFuture<Void> future = settling;
        return future == null ? null : future.minimalCompletionStage();
    }

    void remove(HealthProber prober) {
        offered.remove(prober);
    }

    /** Returns the one to use, or null. */
    @Nullable
    HealthProber first() {
        // Read at one moment: it may be the last one that goes.
        Object[] now = offered.toArray();
        return now.length == 0 ? null : (HealthProber) now[0];
    }
}
