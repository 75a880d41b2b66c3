package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * The mesh itself: what holds for every virtual node in it.
 *
 * @param egressFilter what happens to destinations that are not declared; absent in a document means {@code DROP_ALL}
 * @param ipPreference address family for every node that names none itself; null keeps App Mesh's old mix
 */
public record MeshResource(
        ResourceId id, EgressFilter egressFilter, @Nullable IpPreference ipPreference) implements Resource {
    public MeshResource {
        requireNonNull(id, "id");
        requireNonNull(egressFilter, "egressFilter");
    }
}
