package io.intramesh.registry;

import static java.util.Objects.requireNonNull;

import io.intramesh.model.IpPreference;
import io.intramesh.model.ServiceDiscovery;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the endpoints of virtual nodes, off the request path: what to implement for Consul, Eureka, a database or whatever
 * else knows where instances run. One source serves a whole mesh; each {@link #watch} stands for one virtual node.
 *
 * <pre>{@code
 * Mesh.builder().endpointSource(new ConsulSource(consul))…
 * }</pre>
 *
 * <h2>Which source is asked</h2>
 *
 * The first that {@link #supports} the {@code serviceDiscovery} of the node: those of {@code Mesh.Builder.endpointSource} in
 * the order in which they were added, then those that are {@linkplain EndpointSourceFactory installed}, then the mesh's own
 * for DNS. So several sources live side by side, and one that claims {@code dns} takes the place of the built-in one. A node
 * with an Endpoints document asks nobody.
 *
 * <h2>What a source keeps to</h2>
 *
 * <ul>
 *   <li>It starts nothing before the first {@link #watch}: the mesh watches only what this process calls.
 *   <li>{@link #supports} and {@link #watch} run on the mesh thread and must not block. A registry that can only be asked by a
 *       blocking call needs a thread; {@link PollingEndpointSource} has one, and with it pauses, chance and backoff. A registry
 *       that pushes (a stream, a long poll) tells the observer whenever it likes. Never one thread for each watch.
 *   <li>A failure is told by {@link Observer#failed}: the mesh goes on with what was found last. An empty list is no failure,
 *       but the word that there is no instance, and empties the node; do not make one of an error.
 *   <li>Whatever it knows that is worth a choice travels along: zone, health and attributes of {@link Found}.
 * </ul>
 *
 * <p>Implementations are safe for use by several threads.
 */
public interface EndpointSource extends AutoCloseable {

    /**
     * Tells whether this source understands that kind of service discovery. Answers at once, the same for as long as the
     * source lives.
     */
    boolean supports(ServiceDiscovery discovery);

    /**
     * Begins to look for a node's endpoints, at once and then again as often as the source sees fit. Called for what it
     * supports only. What it throws is logged and told as a failure.
     */
    Watch watch(Query query, Observer observer);

    /**
     * Ends every watch and whatever the source has started, threads included, within seconds. Called once the mesh thread has
     * ended. Idempotent.
     */
    @Override
    void close();

    /** Returns a short name, for explanations and logs: {@code dns}, {@code cloud-map}. */
    @Override
    String toString();

    /**
     * What is looked for.
     *
     * @param virtualNode for messages
     * @param ipPreference the node's, else the mesh's; null is App Mesh's old mix
     * @param listenerPorts ports that the node declares, in its order; empty where it declares none
     */
    record Query(
            String mesh,
            String virtualNode,
            ServiceDiscovery discovery,
            @Nullable IpPreference ipPreference,
            List<Integer> listenerPorts) {
        public Query {
            requireNonNull(mesh, "mesh");
            requireNonNull(virtualNode, "virtualNode");
            requireNonNull(discovery, "discovery");
            listenerPorts = List.copyOf(listenerPorts);
        }
    }

    /** A running look-up. */
    interface Watch extends AutoCloseable {
        /** Asks for a look-up soon, for example because every connection failed. A hint, never an obligation. */
        default void refresh() {}

        /** Ends the watch; the observer hears nothing that is found later. Idempotent. */
        @Override
        void close();
    }

    /** Receives what is found. Calls come one at a time, from any thread, and never block. */
    interface Observer {
        /** Takes the complete list, which replaces what was found before; empty means that the node has no endpoint. */
        void found(List<Found> endpoints);

        /**
         * Learns that the look-up failed. What was found before stays in use, and {@link #found} ends the failure, even with
         * the same list as before.
         *
         * @param message what failed, why, and how to mend it; the same words for the same failure, so that it is logged once
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
     * @param isHealthy false where the registry itself says that the endpoint is not well: it gets calls only while too few
     *     others are left (panic threshold)
     * @param attributes what else the registry knows of it; kept for {@code Endpoint.attributes()}, without effect by itself
     * @param weight how much of the node's traffic it takes, next to the weights of the others, at least 1
     */
    record Found(
            String name,
            List<InetAddress> addresses,
            @Nullable Integer port,
            @Nullable String zone,
            boolean isHealthy,
            Map<String, String> attributes,
            int weight) {
        public Found {
            requireNonNull(name, "name");
            addresses = List.copyOf(addresses);
            if (addresses.isEmpty()) {
                throw new IllegalArgumentException("addresses: none for '" + name + "' (expected: at least one)");
            }
            attributes = Map.copyOf(attributes);
            if (weight < 1) {
                throw new IllegalArgumentException("weight: " + weight + " of '" + name + "' (expected: 1 or more)");
            }
        }

        /** An endpoint that counts as much as any. */
        public Found(
                String name,
                List<InetAddress> addresses,
                @Nullable Integer port,
                @Nullable String zone,
                boolean isHealthy,
                Map<String, String> attributes) {
            this(name, addresses, port, zone, isHealthy, attributes, 1);
        }

        /** An endpoint that is well, as far as the registry knows, and of which it knows no more. */
        public Found(String name, List<InetAddress> addresses, @Nullable Integer port, @Nullable String zone) {
            this(name, addresses, port, zone, true, Map.of());
        }
    }
}
