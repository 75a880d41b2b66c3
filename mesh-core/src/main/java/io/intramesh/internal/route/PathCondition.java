package io.intramesh.internal.route;

import io.intramesh.model.PathMatch;

/** A condition on a path, which means what it means in routes. Immutable. */
public final class PathCondition {
    private final PathCriterion criterion;

    private PathCondition(PathCriterion criterion) {
        this.criterion = criterion;
    }

    /** Compiles a condition. */
    public static PathCondition of(PathMatch match) {
        return new PathCondition(PathCriterion.of(match));
    }

    /** Tells whether it holds for the path. */
    public boolean holds(String path) {
        return criterion.matches(path);
    }
}
