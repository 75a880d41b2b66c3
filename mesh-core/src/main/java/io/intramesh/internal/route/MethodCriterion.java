package io.intramesh.internal.route;

import io.intramesh.call.MeshRequest;
import io.intramesh.model.HttpMethod;
import org.jspecify.annotations.Nullable;

/** The method is that one, or is left open. */
final class MethodCriterion implements Criterion {
    private final String method;

    MethodCriterion(HttpMethod method) {
        this.method = method.name();
    }

    String method() {
        return method;
    }

    @Override
    public boolean test(MeshRequest request, @Nullable String path) {
        String given = request.method();
        return given == null || given.equals(method);
    }

    @Override
    public String describe() {
        return "method is " + method;
    }

    @Override
    public String mismatch(MeshRequest request, @Nullable String path) {
        return "method is " + request.method() + ", not " + method;
    }
}
