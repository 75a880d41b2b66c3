package io.intramesh.cli;

import io.intramesh.explain.ExplainRequest;
import io.intramesh.model.Kind;
import io.intramesh.model.ResourceSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the mesh of a request that names none, where a folder holds several: the one mesh that has the gateway, the caller
 * and (without a gateway) the virtual service that the request names.
 */
final class MeshChoice {
    private final ResourceSet resources;
    private final Set<String> meshes;
    private final Map<String, Set<String>> meshesByHost = new HashMap<>();

    MeshChoice(ResourceSet resources) {
        this.resources = resources;
        this.meshes = resources.meshNames();
        if (meshes.size() > 1) {
            resources
                    .ofKind(Kind.VIRTUAL_SERVICE)
                    .forEach(service -> meshesByHost
                            .computeIfAbsent(service.id().name().toLowerCase(Locale.ROOT), host -> new TreeSet<>())
                            .add(service.id().mesh()));
        }
    }

    /** Returns the request with its mesh named, where that is needed. */
    ExplainRequest complete(ExplainRequest request) throws BadInputException {
        if (request.mesh() != null || meshes.size() < 2) {
            return request;
        }
        Set<String> fitting = new TreeSet<>(meshes);
        fitting.removeIf(mesh -> !fits(mesh, request));
        if (fitting.size() != 1) {
            throw new BadInputException("mesh: none is named, and "
                    + (fitting.isEmpty()
                            ? "none of " + String.join(", ", meshes) + " has what the request names"
                            : "it may be any of " + String.join(", ", fitting))
                    + "; name it with --mesh");
        }
        return inMesh(request, fitting.iterator().next());
    }

    private boolean fits(String mesh, ExplainRequest request) {
        String gateway = request.virtualGateway();
        String caller = request.virtualNode();
        boolean hasDestination = gateway == null
                ? meshesByHost
                        .getOrDefault(request.host().toLowerCase(Locale.ROOT), Set.of())
                        .contains(mesh)
                : resources.virtualGateway(mesh, gateway) != null;
        return hasDestination && (caller == null || resources.virtualNode(mesh, caller) != null);
    }

    private static ExplainRequest inMesh(ExplainRequest request, @Nullable String mesh) {
        return request.toBuilder().mesh(mesh).build();
    }
}
