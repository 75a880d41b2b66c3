package io.intramesh.internal.pipeline;

import io.intramesh.call.MeshContext;
import java.util.function.BiConsumer;

/** Carries the id of the request that this process works on to the calls that it makes for it. */
final class ContextStage implements CallStage {
    private final ContextHolder contexts;

    ContextStage(ContextHolder contexts) {
        this.contexts = contexts;
    }

    @Override
    public void begin(MeshCall call) {
        MeshContext context = contexts.current();
        if (context != null && call.request().header(MeshContext.REQUEST_ID_HEADER) == null) {
            call.carry(context);
        }
    }

    @Override
    public void headers(MeshCall call, BiConsumer<String, String> set) {
        MeshContext context = call.context();
        if (context != null) {
            set.accept(MeshContext.REQUEST_ID_HEADER, context.requestId());
        }
    }
}
