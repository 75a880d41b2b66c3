package io.intramesh.registry;

import org.jspecify.annotations.Nullable;

/**
 * Brings a source of endpoints along with a jar, so that nobody has to write code for it. Found by
 * {@link java.util.ServiceLoader}: by {@code META-INF/services/io.intramesh.registry.EndpointSourceFactory} on the class path,
 * by {@code provides} in a module. Every mesh that starts asks every factory once, unless its builder says otherwise.
 *
 * <pre>{@code
 * public final class ConsulFactory implements EndpointSourceFactory {
 *     public EndpointSource create(Settings settings) {
 *         String address = settings.value("discovery.consul.address");
 *         return address == null ? null : new ConsulSource(URI.create(address));
 *     }
 * }
 * }</pre>
 */
public interface EndpointSourceFactory {

    /**
     * Returns a source for a mesh that starts, or null where the settings switch it off. Called on the thread that starts the
     * mesh; nothing is connected or started here, see {@link EndpointSource}. The mesh closes the source.
     *
     * @throws RuntimeException where a setting is wrong: the mesh does not start, and its message says which one
     */
    @Nullable
    EndpointSource create(Settings settings);

    /** What the process was given to configure sources. */
    interface Settings {
        /**
         * Returns a setting, or null where it is not set.
         *
         * @param name without the leading {@code intramesh.}, in lower case and with hyphens, such as
         *     {@code discovery.cloud-map.region}. Looked up, unless the builder brings other settings, as the system property
         *     {@code intramesh.discovery.cloud-map.region} and then as the environment variable
         *     {@code INTRAMESH_DISCOVERY_CLOUDMAP_REGION}
         */
        @Nullable
        String value(String name);
    }
}
