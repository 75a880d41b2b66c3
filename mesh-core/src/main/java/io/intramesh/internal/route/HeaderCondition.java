package io.intramesh.internal.route;

import io.intramesh.model.HeaderMatch;
import org.jspecify.annotations.Nullable;

/** A condition on one header, which means what it means in routes. Immutable. */
public final class HeaderCondition {
    private final HeaderCriterion criterion;

    private HeaderCondition(HeaderCriterion criterion) {
        this.criterion = criterion;
    }

    /** Compiles a condition. */
    public static HeaderCondition of(HeaderMatch match) {
        return new HeaderCondition(new HeaderCriterion(match, "header"));
    }

    /** Tells whether it holds for the header's value, null where the header is absent. */
    public boolean holds(@Nullable String value) {
        return criterion.holds(value);
    }
}
