package io.intramesh.internal.balance;

import io.intramesh.call.Endpoint;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is worked out once for each list of endpoints. Lists are immutable and replaced as a whole, so that another one shows by
 * its identity. Safe for use by several threads; whoever loses works it out again.
 */
final class PerList<T> {
    private final Function<List<Endpoint>, T> workOut;

    private volatile @Nullable Known<T> known;

    PerList(Function<List<Endpoint>, T> workOut) {
        this.workOut = workOut;
    }

    @SuppressWarnings("ReferenceEquality") // a comparison by content would cost what this spares
    T of(List<Endpoint> endpoints) {
        Known<T> last = known;
        if (last == null || last.endpoints != endpoints) {
            last = new Known<>(endpoints, workOut.apply(endpoints));
            known = last;
        }
        return last.value;
    }

    private static final class Known<T> {
        private final List<Endpoint> endpoints;
        private final T value;

        private Known(List<Endpoint> endpoints, T value) {
            this.endpoints = endpoints;
            this.value = value;
        }
    }
}
