package io.intramesh.internal.pipeline;

import io.intramesh.explain.Explanation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Adds to explanations what routing alone does not know. */
final class Explained {
    private Explained() {}

    /** Returns the explanation with other targets and settings, and all else as it is. */
    static Explanation with(
            Explanation explanation, List<Explanation.Target> targets, List<Explanation.Setting> settings) {
        return with(explanation, targets, settings, explanation.access(), explanation.refusal());
    }

    /** Returns the explanation with what access policies say, and refused for it where none of its targets lets it in. */
    static Explanation withAccess(
            Explanation explanation, List<Explanation.Access> access, Explanation.@Nullable Refused refusal) {
        return with(
                explanation,
                refusal == null ? explanation.targets() : List.of(),
                explanation.settings(),
                access,
                refusal);
    }

    private static Explanation with(
            Explanation explanation,
            List<Explanation.Target> targets,
            List<Explanation.Setting> settings,
            List<Explanation.Access> access,
            Explanation.@Nullable Refused refusal) {
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
                access,
                refusal);
    }
}
