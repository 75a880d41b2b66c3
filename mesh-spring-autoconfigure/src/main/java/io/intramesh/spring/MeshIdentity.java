package io.intramesh.spring;

import io.intramesh.MeshConfigException;
import io.intramesh.NodeIdentity;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Which mesh and virtual node this application is. A property wins; what no property says is asked of the variables that told
 * App Mesh's Envoy image, in its order.
 */
record MeshIdentity(@Nullable String mesh, @Nullable String virtualNode) {
    static final List<String> VARIABLES =
            List.of("APPMESH_RESOURCE_ARN", "APPMESH_RESOURCE_NAME", "APPMESH_VIRTUAL_NODE_NAME");

    static MeshIdentity of(MeshProperties properties, Environment environment) {
        String mesh = StringUtils.hasText(properties.mesh()) ? properties.mesh() : null;
        String virtualNode = StringUtils.hasText(properties.virtualNode()) ? properties.virtualNode() : null;
        if (mesh != null && virtualNode != null) {
            return new MeshIdentity(mesh, virtualNode);
        }
        for (String variable : VARIABLES) {
            String resource = environment.getProperty(variable);
            if (StringUtils.hasText(resource)) {
                NodeIdentity named = parse(variable, resource);
                return new MeshIdentity(
                        mesh != null ? mesh : named.mesh(), virtualNode != null ? virtualNode : named.virtualNode());
            }
        }
        return new MeshIdentity(mesh, virtualNode);
    }

    private static NodeIdentity parse(String variable, String resource) {
        try {
            return NodeIdentity.parse(resource);
        } catch (MeshConfigException e) {
            throw new MeshConfigException(
                    variable + ": '" + resource
                            + "' (expected: mesh/<mesh>/virtualNode/<node>, or an ARN that ends so);"
                            + " mend it, or set intramesh.mesh and intramesh.virtual-node",
                    e);
        }
    }
}
