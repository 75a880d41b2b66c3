package io.intramesh.spring;

import java.util.ArrayList;
import java.util.List;
import org.springframework.util.StringUtils;

/** What must be known before a mesh starts. */
final class MeshStart {
    static final String REGISTRY = "intramesh.registry";
    static final String VIRTUAL_NODE = "intramesh.virtual-node";

    private MeshStart() {}

    /**
     * Checks that nothing required is missing, and names all that is.
     *
     * @param isRegistryGiven whether the application brings a registry of its own
     */
    static void check(MeshProperties properties, MeshIdentity identity, boolean isRegistryGiven) {
        List<String> missing = new ArrayList<>();
        if (!isRegistryGiven && !StringUtils.hasText(properties.registry())) {
            missing.add(REGISTRY);
        }
        if (identity.virtualNode() == null) {
            missing.add(VIRTUAL_NODE);
        }
        if (!missing.isEmpty()) {
            throw new MissingMeshPropertiesException(missing);
        }
    }
}
