package io.intramesh.internal.pipeline;

import io.intramesh.internal.access.Matchers;
import io.intramesh.internal.route.HeaderCondition;
import io.intramesh.internal.route.PathCondition;
import io.intramesh.model.HeaderMatch;
import io.intramesh.model.PathMatch;
import java.util.function.Predicate;

/** Lends the conditions of routes to access policies. */
final class RouteConditions implements Matchers {
    static final RouteConditions SHARED = new RouteConditions();

    private RouteConditions() {}

    @Override
    public Predicate<String> path(PathMatch match) {
        return PathCondition.of(match)::holds;
    }

    @Override
    public HeaderTest header(HeaderMatch match) {
        return HeaderCondition.of(match)::holds;
    }
}
