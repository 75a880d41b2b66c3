package io.intramesh.internal.pipeline;

import io.intramesh.call.MeshContext;
import org.jspecify.annotations.Nullable;

/** The context of the request that each thread works on. Belongs to one mesh, so that two in a process do not mix. */
public final class ContextHolder {
    // What stays with a thread is an empty array of the JDK's, which keeps no class loader alive; to remove and enter
    // it anew
    // would cost more than all else here. A static one would be shared by every mesh in the process; a mesh lives long
    // and few exist, so entries do not
    // pile up.
    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<@Nullable Object[]> slots = ThreadLocal.withInitial(() -> new Object[1]);

    public @Nullable MeshContext current() {
        return (MeshContext) slots.get()[0];
    }

    public MeshContext.Scope enter(MeshContext context) {
        @Nullable Object[] slot = slots.get();
        Object outer = slot[0];
        slot[0] = context;
        return () -> slot[0] = outer;
    }
}
