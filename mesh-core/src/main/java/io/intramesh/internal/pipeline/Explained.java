package io.intramesh.internal.pipeline;

import io.intramesh.explain.Explanation;
import java.util.List;

/** Adds to explanations what routing alone does not know. */
final class Explained {
    private Explained() {}

    /** Returns the explanation with other targets and settings, and all else as it is. */
    static Explanation with(
            Explanation explanation, List<Explanation.Target> targets, List<Explanation.Setting> settings) {
        return new Explanation(
                explanation.gatewayRoutes(),
                explanation.gatewayRoute(),
                explanation.forwardedHost(),
                explanation.forwardedPath(),
                explanation.virtualService(),
                explanation.virtualRouter(),
                explanation.routes(),
                explanation.route(),
                targets,
                settings,
                explanation.refusal());
    }
}
