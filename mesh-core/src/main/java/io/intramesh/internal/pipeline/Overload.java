package io.intramesh.internal.pipeline;

import io.intramesh.Reason;
import io.intramesh.call.Attempt;
import io.intramesh.call.Refusal;

/** How a callee says that it took a request in no longer, because it has too many. */
final class Overload {
    private static final int UNAVAILABLE = 503;

    private Overload() {}

    /** Tells whether the answer is such a refusal: of its mesh, or of an Envoy in front of it. */
    static boolean isSaid(int status, Attempt.HeaderLookup headers) {
        return status == UNAVAILABLE
                && (Reason.LIMIT_REACHED.name().equals(headers.get(Refusal.HEADER))
                        || headers.get(Refusal.OVERLOADED_HEADER) != null);
    }
}
