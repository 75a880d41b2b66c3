package io.intramesh.internal.balance;

import io.intramesh.call.Endpoint;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Counts and finds usable endpoints by walking the list, without allocating. */
final class Usable {
    private Usable() {}

    static int count(List<Endpoint> endpoints, Predicate<Endpoint> usable) {
        int count = 0;
        for (int i = 0; i < endpoints.size(); i++) {
            if (usable.test(endpoints.get(i))) {
                count++;
            }
        }
        return count;
    }

    /**
     * Returns the usable endpoint of that rank, from 0. Endpoints may become unusable between counting and this; then the
     * last usable one is returned, or null where none is left.
     */
    static @Nullable Endpoint get(List<Endpoint> endpoints, Predicate<Endpoint> usable, int rank) {
        Endpoint last = null;
        int left = rank;
        for (int i = 0; i < endpoints.size(); i++) {
            Endpoint candidate = endpoints.get(i);
            if (usable.test(candidate)) {
                if (left == 0) {
                    return candidate;
                }
                left--;
                last = candidate;
            }
        }
        return last;
    }
}
