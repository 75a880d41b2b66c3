package io.intramesh.internal.route;

import io.intramesh.call.MeshRequest;
import org.jspecify.annotations.Nullable;

/** One condition of a route. Deciding and explaining ask the same object. Immutable. */
interface Criterion {
    /**
     * Tells whether the condition holds. What the request leaves open lets it hold.
     *
     * @param path canonical path, or null where the request leaves it open
     */
    boolean test(MeshRequest request, @Nullable String path);

    /** Returns the condition in words: {@code path starts with /beta}. */
    String describe();

    /** Returns in words why the condition does not hold. Asked only where it does not. */
    String mismatch(MeshRequest request, @Nullable String path);
}
