package io.intramesh.internal.balance;

import io.intramesh.call.MeshRequest;
import org.jspecify.annotations.Nullable;

/**
 * Draws a number from 0 to below 1 for a pick. Where requests stick to endpoints by a key, it depends on the key alone, so that
 * they stick while endpoints are left out for a share of them.
 */
interface Draws {

    /**
     * Returns the next number.
     *
     * @param request null where none is known
     * @param salt keeps draws for different purposes apart
     */
    double next(@Nullable MeshRequest request, long salt);
}
