package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * Holds the routes of one or several virtual services.
 *
 * @param listeners ports on which callers dial; may be empty
 */
public record VirtualRouter(ResourceId id, List<PortMapping> listeners) implements Resource {
    public VirtualRouter {
        requireNonNull(id, "id");
        listeners = List.copyOf(listeners);
    }

    /** Returns the name within the mesh. */
    public String name() {
        return id.name();
    }
}
