package io.intramesh.internal.route;

import io.intramesh.call.MeshRequest;
import io.intramesh.model.HeaderMatch;
import java.util.List;
import java.util.stream.Collectors;

/** Conditions on the headers of a request, all of which must hold; with none, every request is taken. Immutable. */
public final class HeaderConditions {
    private final List<HeaderCriterion> criteria;

    private HeaderConditions(List<HeaderCriterion> criteria) {
        this.criteria = criteria;
    }

    /** Compiles conditions, which mean what they mean in routes. */
    public static HeaderConditions of(List<HeaderMatch> matches) {
        return new HeaderConditions(matches.stream()
                .map(match -> new HeaderCriterion(match, "header"))
                .toList());
    }

    /** Tells whether all hold for the request. */
    public boolean hold(MeshRequest request) {
        for (int i = 0; i < criteria.size(); i++) {
            if (!criteria.get(i).holds(request.header(criteria.get(i).name()))) {
                return false;
            }
        }
        return true;
    }

    /** Returns them in words, empty where there is none: {@code header x-chaos is present}. */
    @Override
    public String toString() {
        return criteria.stream().map(HeaderCriterion::describe).collect(Collectors.joining(", "));
    }
}
