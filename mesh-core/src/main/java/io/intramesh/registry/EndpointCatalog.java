package io.intramesh.registry;

import io.intramesh.model.ServiceDiscovery;
import io.intramesh.registry.EndpointSource.Found;
import io.intramesh.registry.EndpointSource.Query;
import java.io.IOException;
import java.util.List;

/**
 * A registry of instances that has to be asked, and that may block while it answers: what {@link PollingEndpointSource} makes
 * a source of.
 *
 * <pre>{@code
 * final class ConsulCatalog implements EndpointCatalog {
 *     public boolean supports(ServiceDiscovery discovery) { return discovery instanceof Dns; }
 *
 *     public Lookup lookup(Query query) {
 *         String service = ((Dns) query.discovery()).hostname();
 *         return () -> consul.healthyInstances(service).stream().map(ConsulCatalog::found).toList();
 *     }
 *     …
 * }
 * }</pre>
 */
public interface EndpointCatalog extends AutoCloseable {

    /** Tells whether this registry understands that kind of service discovery. From any thread; does not block. */
    boolean supports(ServiceDiscovery discovery);

    /** Returns what asks for the endpoints of one virtual node, again and again. Does not ask yet. */
    Lookup lookup(Query query);

    /**
     * Ends what is under way and frees what is held. Comes from another thread than the one that asks, perhaps in the middle
     * of a {@link Lookup#find}, which then ends soon, however. Idempotent.
     */
    @Override
    void close();

    /** Asks for the endpoints of one virtual node. Used by one thread, and may keep what it learned from one time to the next. */
    @FunctionalInterface
    interface Lookup {
        /**
         * Returns the complete list, empty where the registry says that there is no instance. May block, within bounds that the
         * registry sets: nothing else is asked meanwhile. Is interrupted when the mesh closes.
         *
         * @throws IOException when the registry cannot be asked; its message says why and how to mend it, in the same words for
         *     the same failure
         */
        List<Found> find() throws IOException;
    }
}
