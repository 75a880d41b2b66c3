package io.intramesh.spring;

import io.intramesh.Mesh;

/**
 * Changes how the mesh is built, before it starts and after all properties were applied. Each bean of this type is asked, in
 * the order of {@code @Order}.
 *
 * <pre>{@code
 * @Bean
 * MeshCustomizer leastRequest() {
 *     return mesh -> mesh.loadBalancer(MyBalancer::new);
 * }
 * }</pre>
 */
@FunctionalInterface
public interface MeshCustomizer {
    /** Changes the builder, which no other thread sees. */
    void customize(Mesh.Builder mesh);
}
