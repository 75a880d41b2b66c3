package io.intramesh.internal.pipeline;

import io.intramesh.call.HealthProber;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The transports that offer to send health checks. Safe for use by several threads. */
final class Probers {
    private final CopyOnWriteArrayList<HealthProber> offered = new CopyOnWriteArrayList<>();

    void add(HealthProber prober) {
        offered.add(prober);
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
