package io.intramesh.call;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where a virtual node can be reached: one instance, or one load balancer that stands for several. The object is the
 * identity: it stays the same over reloads and new DNS answers for as long as discovery knows the endpoint, and with it stay
 * load figures and what a transport attached. Safe for use by several threads.
 */
public final class Endpoint {
    private final String virtualNode;
    private final String name;
    private final int port;
    private final @Nullable String zone;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final ConcurrentMap<Object, Object> attachments = new ConcurrentHashMap<>(2);

    private volatile List<InetAddress> addresses;
    private volatile boolean failing;
    private volatile boolean ill;
    private volatile int weight = 1;
    private volatile Map<String, String> attributes = Map.of();

    public Endpoint(String virtualNode, String name, int port, @Nullable String zone, List<InetAddress> addresses) {
        this.virtualNode = requireNonNull(virtualNode, "virtualNode");
        this.name = requireNonNull(name, "name");
        this.port = port;
        this.zone = zone;
        this.addresses = List.copyOf(addresses);
    }

    /** Returns the name of the virtual node. */
    public String virtualNode() {
        return virtualNode;
    }

    /** Returns the address, or the host name of a load balancer. */
    public String name() {
        return name;
    }

    public int port() {
        return port;
    }

    /** Returns the locality, or null where it is unknown. */
    public @Nullable String zone() {
        return zone;
    }

    /** Returns the addresses to connect to, in order of preference. They may change; connections that stand stay. */
    public List<InetAddress> addresses() {
        return addresses;
    }

    /** Takes a new answer of discovery. For the mesh, not for transports. */
    public void moveTo(List<InetAddress> newAddresses) {
        addresses = List.copyOf(newAddresses);
    }

    /**
     * Takes what the registry of instances says of this endpoint. For the mesh, not for transports.
     *
     * @return whether its health or its weight is another than before
     */
    public boolean describedBy(boolean isHealthy, int newWeight, Map<String, String> newAttributes) {
        attributes = Map.copyOf(newAttributes);
        boolean changed = ill == isHealthy || weight != newWeight;
        ill = !isHealthy;
        weight = newWeight;
        return changed;
    }

    /** Returns how much of the node's traffic it takes, next to the weights of the others; 1 where nothing else is said. */
    public int weight() {
        return weight;
    }

    /** Tells whether the registry of instances, where it knows, says that the endpoint is well. */
    public boolean isHealthyInRegistry() {
        return !ill;
    }

    /** Returns what else the registry of instances knows of this endpoint; empty where it is DNS. It may change. */
    public Map<String, String> attributes() {
        return attributes;
    }

    /** Returns the number of requests under way from this process. */
    public int inFlight() {
        return inFlight.get();
    }

    /** Counts a request that begins. For the mesh, not for transports. */
    public void requestStarted() {
        inFlight.incrementAndGet();
    }

    /** Counts a request that ends. For the mesh, not for transports. */
    public void requestEnded() {
        inFlight.decrementAndGet();
    }

    /** Tells whether the last attempt here failed, of those whose outcome this process knows. */
    public boolean isFailing() {
        return failing;
    }

    /** Notes what came of an attempt. For the mesh, not for transports. */
    public void attemptJudged(boolean failed) {
        // Mostly it is as before; a write would take the line from the other threads' caches.
        if (failing != failed) {
            failing = failed;
        }
    }

    /**
     * Returns what the owner attached, and attaches it first where nothing is. It goes when the endpoint goes.
     *
     * @param owner compared by {@code equals}
     */
    @SuppressWarnings("unchecked") // an owner only ever attaches one type
    public <O, T> T attachment(O owner, Function<? super Endpoint, ? extends T> factory) {
        Object found = attachments.get(owner);
        if (found == null) {
            found = attachments.computeIfAbsent(owner, key -> factory.apply(this));
        }
        return (T) found;
    }

    /** Drops what the owner attached. */
    public void detach(Object owner) {
        attachments.remove(owner);
    }

    /** Returns {@code name:port}. */
    @Override
    public String toString() {
        return (name.indexOf(':') >= 0 ? "[" + name + "]" : name) + ":" + port;
    }
}
