package io.intramesh.spring;

import io.intramesh.MeshConfigException;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/** Says in a few lines, in place of a stack trace, why the mesh cannot start and what to do. */
final class MeshFailureAnalyzer implements FailureAnalyzer {
    private static final Map<String, String> ADVICE = Map.of(
            MeshStart.REGISTRY,
            "Set 'intramesh.registry' to the file or folder that holds the mesh's resources.",
            MeshStart.VIRTUAL_NODE,
            "Set 'intramesh.virtual-node' to the name of the virtual node that this application is,"
                    + " or APPMESH_RESOURCE_ARN in the environment.");

    @Override
    public @org.jspecify.annotations.Nullable FailureAnalysis analyze(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof MissingMeshPropertiesException missing) {
                return new FailureAnalysis(
                        missing.missing().stream()
                                .map(property -> "The property '" + property + "' is not set.")
                                .collect(Collectors.joining("\n", "The mesh cannot start.\n", "")),
                        missing.missing().stream()
                                .map(ADVICE::get)
                                .collect(Collectors.joining(
                                        "\n", "", "\nAn application outside the mesh sets 'intramesh.enabled=false'.")),
                        failure);
            }
            if (cause instanceof MeshConfigException refused) {
                return new FailureAnalysis(
                        "The mesh cannot start: " + refused.getMessage(),
                        "Mend what is named above; 'mesh validate' checks the same resources without a start.",
                        failure);
            }
        }
        return null;
    }
}
