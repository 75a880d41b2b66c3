package io.intramesh.internal.route;

import io.intramesh.call.MeshRequest;
import io.intramesh.model.HttpScheme;
import org.jspecify.annotations.Nullable;

/** The scheme is that one, or is left open. */
final class SchemeCriterion implements Criterion {
    private final String scheme;

    SchemeCriterion(HttpScheme scheme) {
        this.scheme = scheme.text();
    }

    @Override
    public boolean test(MeshRequest request, @Nullable String path) {
        String given = request.scheme();
        return given == null || given.equals(scheme);
    }

    @Override
    public String describe() {
        return "scheme is " + scheme;
    }

    @Override
    public String mismatch(MeshRequest request, @Nullable String path) {
        return "scheme is " + request.scheme() + ", not " + scheme;
    }
}
