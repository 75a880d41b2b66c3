package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Identity of a workload: what it listens on, how callers find it, and what it may call itself.
 *
 * @param listeners empty for a pure client
 * @param serviceDiscovery null only where there are no listeners, or where addresses come from elsewhere
 * @param backends virtual services that this node may call
 * @param backendDefaults policy for backends without their own; null means none
 * @param accessLog null means no access log
 */
public record VirtualNode(
        ResourceId id,
        List<Listener> listeners,
        @Nullable ServiceDiscovery serviceDiscovery,
        List<Backend> backends,
        @Nullable ClientPolicy backendDefaults,
        @Nullable AccessLog accessLog)
        implements Resource {
    public VirtualNode {
        requireNonNull(id, "id");
        listeners = List.copyOf(listeners);
        backends = List.copyOf(backends);
    }

    /** Returns the name within the mesh. */
    public String name() {
        return id.name();
    }

    /** Returns the {@linkplain ServiceDiscovery#name name} under which callers find the node; empty where nothing says it. */
    public List<String> discoveryNames() {
        return serviceDiscovery == null ? List.of() : List.of(serviceDiscovery.name());
    }

    /** Returns a builder for the node of that name. */
    public static Builder builder(String mesh, String name) {
        return new Builder(ResourceId.of(Kind.VIRTUAL_NODE, mesh, name));
    }

    /** Returns a builder that starts with this node's values. */
    public Builder toBuilder() {
        return new Builder(id)
                .listeners(listeners)
                .serviceDiscovery(serviceDiscovery)
                .backends(backends)
                .backendDefaults(backendDefaults)
                .accessLog(accessLog);
    }

    /** Builds a {@link VirtualNode}. Not thread-safe. */
    public static final class Builder {
        private final ResourceId id;
        private List<Listener> listeners = List.of();
        private @Nullable ServiceDiscovery serviceDiscovery;
        private List<Backend> backends = List.of();
        private @Nullable ClientPolicy backendDefaults;
        private @Nullable AccessLog accessLog;

        private Builder(ResourceId id) {
            this.id = id;
        }

        public Builder listeners(List<Listener> value) {
            listeners = value;
            return this;
        }

        public Builder serviceDiscovery(@Nullable ServiceDiscovery value) {
            serviceDiscovery = value;
            return this;
        }

        public Builder backends(List<Backend> value) {
            backends = value;
            return this;
        }

        public Builder backendDefaults(@Nullable ClientPolicy value) {
            backendDefaults = value;
            return this;
        }

        public Builder accessLog(@Nullable AccessLog value) {
            accessLog = value;
            return this;
        }

        public VirtualNode build() {
            return new VirtualNode(id, listeners, serviceDiscovery, backends, backendDefaults, accessLog);
        }
    }
}
