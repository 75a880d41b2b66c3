package io.intramesh.internal.pipeline;

import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.model.ResourceSet;

/** Decisions over a set of resources, without a running mesh. */
public final class OfflineDecisions {
    public OfflineDecisions(ResourceSet resources) {
        Scaffold.missing(resources);
    }

    public Explanation explain(ExplainRequest request) {
        return Scaffold.missing(request);
    }
}
