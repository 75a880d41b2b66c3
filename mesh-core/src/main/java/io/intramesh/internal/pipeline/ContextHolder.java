package io.intramesh.internal.pipeline;

import io.intramesh.call.MeshContext;
import org.jspecify.annotations.Nullable;

/** The context of the request that each thread works on. Belongs to one mesh, so that two in a process do not mix. */
public final class ContextHolder {
    // A static one would be shared by every mesh in the process; a mesh lives long and few exist, so entries do not
    // pile up.
    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<@Nullable MeshContext> current = new ThreadLocal<>();

    public @Nullable MeshContext current() {
        return current.get();
    }

    public MeshContext.Scope enter(MeshContext context) {
        MeshContext outer = current.get();
        current.set(context);
        return () -> {
            if (outer == null) {
                current.remove();
            } else {
                current.set(outer);
            }
        };
    }
}
