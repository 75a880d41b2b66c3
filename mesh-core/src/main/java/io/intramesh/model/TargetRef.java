package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * Names the resource that a policy is attached to.
 *
 * @param kind mesh, virtual node, virtual service or route
 * @param virtualRouter router of the route; null for the other kinds
 */
public record TargetRef(Kind kind, String name, @Nullable String virtualRouter) {
    public TargetRef {
        requireNonNull(name, "name");
        Checks.require(
                kind == Kind.MESH || kind == Kind.VIRTUAL_NODE || kind == Kind.VIRTUAL_SERVICE || kind == Kind.ROUTE,
                "kind: " + kind.documentName() + " (expected: Mesh, VirtualNode, VirtualService or Route)");
        Checks.require(
                (virtualRouter != null) == (kind == Kind.ROUTE),
                kind == Kind.ROUTE
                        ? "virtualRouter: missing (expected: the router of the route)"
                        : "virtualRouter: '" + virtualRouter + "' (expected: only with kind Route)");
    }

    /** Returns the id of that resource in a mesh. */
    public ResourceId in(String mesh) {
        return kind == Kind.MESH ? ResourceId.mesh(name) : new ResourceId(kind, mesh, virtualRouter, name);
    }
}
