package io.intramesh.spring;

import io.intramesh.Mesh;
import io.intramesh.MeshState;
import io.intramesh.document.Problem;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How the mesh of this application is, in the terms of a health endpoint. An unreachable registry or a refused resource makes
 * nobody unhealthy: the last good configuration is in force, and a fleet must not leave because its registry did.
 *
 * @param isOutOfService whether this application drains
 * @param details to show: mesh, virtual node, revision, how many problems and kept resources, what fails
 */
public record MeshHealth(boolean isOutOfService, Map<String, Object> details) {

    /** Looks at a mesh. */
    public static MeshHealth of(Mesh mesh) {
        MeshState state = mesh.state();
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("mesh", mesh.name());
        details.put("virtualNode", mesh.virtualNode());
        details.put("revision", state.revision());
        details.put("since", state.since().toString());
        details.put("errors", state.problems().stream().filter(Problem::isError).count());
        details.put(
                "notes",
                state.problems().stream().filter(problem -> !problem.isError()).count());
        details.put("kept", state.kept().size());
        if (state.registryFailure() != null) {
            details.put("registryFailure", state.registryFailure());
        }
        if (state.isDraining()) {
            details.put("draining", true);
        }
        return new MeshHealth(state.isDraining(), details);
    }
}
