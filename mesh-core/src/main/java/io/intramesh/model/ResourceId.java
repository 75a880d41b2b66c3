package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * Identifies a resource: its kind, its mesh, the router or gateway that holds it (routes and gateway routes only) and its
 * name. Two documents with equal ids speak of the same resource.
 *
 * <pre>{@code
 * ResourceId.of(Kind.VIRTUAL_NODE, "shop", "payments-v1");
 * ResourceId.route("shop", "payments", "beta");
 * }</pre>
 *
 * @param parent name of the virtual router or virtual gateway, null for the other kinds
 */
public record ResourceId(Kind kind, String mesh, @Nullable String parent, String name) {
    public ResourceId {
        requireNonNull(kind, "kind");
        requireNonNull(mesh, "mesh");
        requireNonNull(name, "name");
        if ((parent != null) != (kind.parent() != null)) {
            throw new IllegalArgumentException(
                    kind.parent() == null
                            ? kind.term() + " '" + name + "' cannot have a parent"
                            : kind.term() + " '" + name + "' needs the name of its "
                                    + kind.parent().term());
        }
    }

    /** Returns the id of a resource that stands directly in its mesh. For a mesh, {@code name} is the mesh's own. */
    public static ResourceId of(Kind kind, String mesh, String name) {
        return new ResourceId(kind, mesh, null, name);
    }

    /** Returns the id of a mesh. */
    public static ResourceId mesh(String name) {
        return new ResourceId(Kind.MESH, name, null, name);
    }

    /** Returns the id of a route in a virtual router. */
    public static ResourceId route(String mesh, String virtualRouter, String name) {
        return new ResourceId(Kind.ROUTE, mesh, virtualRouter, name);
    }

    /** Returns the id of a gateway route in a virtual gateway. */
    public static ResourceId gatewayRoute(String mesh, String virtualGateway, String name) {
        return new ResourceId(Kind.GATEWAY_ROUTE, mesh, virtualGateway, name);
    }

    /** Returns the form that messages use: {@code virtualRouter 'cart' route 'v2'}. */
    @Override
    public String toString() {
        Kind holder = kind.parent();
        String own = kind.term() + " '" + name + "'";
        return holder == null ? own : holder.term() + " '" + parent + "' " + own;
    }
}
