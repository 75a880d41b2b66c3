package io.intramesh.okhttp;

import io.intramesh.call.MeshContext;
import org.jspecify.annotations.Nullable;

/** The part of a mesh that carries the request context between threads. */
interface Contexts {

    /** Returns the context of this thread, or null. */
    @Nullable
    MeshContext current();

    MeshContext.Scope enter(MeshContext context);
}
