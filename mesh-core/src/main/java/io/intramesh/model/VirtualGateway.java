package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A front door of the mesh.
 *
 * @param listeners at least one; never tcp
 * @param backendDefaults policy towards every target; null means none
 * @param accessLog null means no access log
 */
public record VirtualGateway(
        ResourceId id,
        List<Listener> listeners,
        @Nullable ClientPolicy backendDefaults,
        @Nullable AccessLog accessLog) implements Resource {
    public VirtualGateway {
        requireNonNull(id, "id");
        listeners = List.copyOf(listeners);
        Checks.require(!listeners.isEmpty(), "listeners: none (expected: at least one)");
        Checks.require(
                listeners.stream().noneMatch(listener -> listener.protocol() == Protocol.TCP),
                "listeners: tcp (expected: http, http2 or grpc on a gateway)");
    }

    /** Returns the name within the mesh. */
    public String name() {
        return id.name();
    }
}
