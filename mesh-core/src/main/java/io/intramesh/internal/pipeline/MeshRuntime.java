package io.intramesh.internal.pipeline;

import io.intramesh.MeshListener;
import io.intramesh.MeshState;
import io.intramesh.call.Inbound;
import io.intramesh.call.Outbound;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import java.time.Duration;

/** A running mesh. */
public final class MeshRuntime {
    private MeshRuntime() {}

    public static MeshRuntime start(MeshSettings settings) {
        return settings.virtualNode().isEmpty() ? new MeshRuntime() : Scaffold.missing(settings);
    }

    public Outbound outbound() {
        return Scaffold.missing(MeshRuntime.class);
    }

    public Inbound inbound() {
        return Scaffold.missing(MeshRuntime.class);
    }

    public String meshName() {
        return Scaffold.missing(MeshRuntime.class);
    }

    public String virtualNode() {
        return Scaffold.missing(MeshRuntime.class);
    }

    public Explanation explain(ExplainRequest request) {
        return Scaffold.missing(MeshRuntime.class);
    }

    public MeshState state() {
        return Scaffold.missing(MeshRuntime.class);
    }

    public AutoCloseable addListener(MeshListener listener) {
        return Scaffold.missing(MeshRuntime.class);
    }

    public ContextHolder contexts() {
        return Scaffold.missing(MeshRuntime.class);
    }

    public void drain() {}

    public boolean awaitDrained(Duration limit) throws InterruptedException {
        return limit.isZero();
    }

    public void close() {}
}
