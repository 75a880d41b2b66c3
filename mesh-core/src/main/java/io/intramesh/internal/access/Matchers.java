package io.intramesh.internal.access;

import io.intramesh.model.HeaderMatch;
import io.intramesh.model.PathMatch;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Compiles the conditions that routes have as well, so that they mean the same here. */
public interface Matchers {

    /** Returns a test of a decoded path. */
    Predicate<String> path(PathMatch match);

    /** Returns a test of a header's value, null where the header is absent. */
    HeaderTest header(HeaderMatch match);

    /** A test of a header's value. */
    interface HeaderTest {
        boolean holds(@Nullable String value);
    }
}
