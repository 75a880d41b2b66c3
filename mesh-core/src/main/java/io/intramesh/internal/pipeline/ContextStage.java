package io.intramesh.internal.pipeline;

import io.intramesh.call.MeshContext;
import java.util.function.BiConsumer;

/** Notes for which request this process makes the call, and carries that request's id to the callee. */
final class ContextStage implements CallStage.OfHeaders {
    private final ContextHolder contexts;

    ContextStage(ContextHolder contexts) {
        this.contexts = contexts;
    }

    @Override
    public void begin(MeshCall call) {
        MeshContext context = contexts.current();
        if (context != null) {
            call.isFor(context);
        }
    }

    @Override
    public void headers(MeshCall call, MeshAttempt attempt, BiConsumer<String, String> set) {
        MeshContext context = call.context();
        if (context != null && call.request().header(MeshContext.REQUEST_ID_HEADER) == null) {
            set.accept(MeshContext.REQUEST_ID_HEADER, context.requestId());
        }
    }
}
