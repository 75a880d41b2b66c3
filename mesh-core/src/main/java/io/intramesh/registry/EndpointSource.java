package io.intramesh.registry;

import io.intramesh.model.IpPreference;
import io.intramesh.model.ServiceDiscovery;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the endpoints of virtual nodes, off the request path. One source serves a whole mesh; each {@link #watch} stands for
 * one virtual node.
 */
public interface EndpointSource extends AutoCloseable {

    /** Tells whether this source understands that kind of service discovery. */
    boolean supports(ServiceDiscovery discovery);

    /** Begins to look for a node's endpoints, at once and then again as often as the source sees fit. */
    Watch watch(Query query, Observer observer);

    /** Ends every watch. Idempotent. */
    @Override
    void close();

    /**
     * What is looked for.
     *
     * @param virtualNode for messages
     * @param ipPreference the node's, else the mesh's; null is App Mesh's old mix
     */
    record Query(
            String mesh,
            String virtualNode,
            ServiceDiscovery discovery,
            @Nullable IpPreference ipPreference) {}

    /** A running look-up. */
    interface Watch extends AutoCloseable {
        /** Asks for a look-up soon, for example because every connection failed. A hint, never an obligation. */
        default void refresh() {}

        /** Ends the watch. Idempotent. */
        @Override
        void close();
    }

    /** Receives what is found. Calls come one at a time, from any thread. */
    interface Observer {
        /** Takes the complete list, which replaces what was found before; empty means that the node has no endpoint. */
        void found(List<Found> endpoints);

        /**
         * Learns that the look-up failed. What was found before stays in use.
         *
         * @param message what failed, why, and how to mend it
         */
        void failed(String message);
    }

    /**
     * An endpoint as discovery knows it.
     *
     * @param name stable identity within the node: the host name of a load balancer, else the address
     * @param addresses in order of preference, at least one; more than one where they stand for one logical endpoint
     * @param port null means the port of the listener that is called
     * @param zone locality; null means unknown
     */
    record Found(
            String name,
            List<InetAddress> addresses,
            @Nullable Integer port,
            @Nullable String zone) {
        public Found {
            addresses = List.copyOf(addresses);
        }
    }
}
