package io.intramesh.testing;

import static java.util.Objects.requireNonNull;

import io.intramesh.model.ServiceDiscovery;
import io.intramesh.registry.EndpointSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A source of endpoints that pushes what the test puts in, for every kind of service discovery or those that it is told.
 *
 * <pre>{@code
 * FakeEndpointSource source = FakeEndpointSource.create();
 * source.put("payments", new Found("10.0.0.1", List.of(address), 8080, "eu-1a"));
 * try (Mesh mesh = Mesh.builder().endpointSource(source)…start()) {
 *     source.fail("payments", "the registry is gone");
 * }
 * }</pre>
 *
 * <p>Safe for use by several threads; observers are called in the thread of the caller, one at a time.
 */
public final class FakeEndpointSource implements EndpointSource {
    private final Predicate<ServiceDiscovery> supported;

    // Guarded by this, and held while observers are called: that is what keeps their calls one at a time.
    private final Map<String, List<Found>> known = new HashMap<>();
    private final Map<String, String> failures = new HashMap<>();
    private final List<FakeWatch> watches = new ArrayList<>();
    private final List<Query> queries = new ArrayList<>();
    private int hints;
    private boolean closed;

    private FakeEndpointSource(Predicate<ServiceDiscovery> supported) {
        this.supported = supported;
    }

    /** Returns a source that supports whatever it is asked for. */
    public static FakeEndpointSource create() {
        return new FakeEndpointSource(discovery -> true);
    }

    /** Returns a source that supports some kinds of service discovery. */
    public static FakeEndpointSource supporting(Predicate<ServiceDiscovery> supported) {
        return new FakeEndpointSource(requireNonNull(supported, "supported"));
    }

    /** Replaces the endpoints of a virtual node, which ends its failure. */
    public synchronized void put(String virtualNode, Found... endpoints) {
        known.put(virtualNode, List.of(endpoints));
        failures.remove(virtualNode);
        watchesOf(virtualNode).forEach(FakeWatch::tell);
    }

    /** Makes the look-up of a virtual node fail, until something is put in for it. */
    public synchronized void fail(String virtualNode, String message) {
        failures.put(virtualNode, requireNonNull(message, "message"));
        watchesOf(virtualNode).forEach(FakeWatch::tell);
    }

    /** Returns what was asked for, in order, what has ended included. */
    public synchronized List<Query> queries() {
        return List.copyOf(queries);
    }

    /** Returns how many watches have not ended. */
    public synchronized int watches() {
        return watches.size();
    }

    /** Returns how often the mesh hinted that endpoints look wrong. */
    public synchronized int hints() {
        return hints;
    }

    public synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public boolean supports(ServiceDiscovery discovery) {
        return supported.test(discovery);
    }

    @Override
    public synchronized Watch watch(Query query, Observer observer) {
        FakeWatch watch = new FakeWatch(query.virtualNode(), observer);
        queries.add(query);
        if (!closed) {
            watches.add(watch);
            watch.tell();
        }
        return watch;
    }

    @Override
    public synchronized void close() {
        closed = true;
        watches.clear();
    }

    @Override
    public String toString() {
        return "fake";
    }

    private List<FakeWatch> watchesOf(String virtualNode) {
        return watches.stream()
                .filter(watch -> watch.virtualNode.equals(virtualNode))
                .toList();
    }

    private final class FakeWatch implements Watch {
        private final String virtualNode;
        private final Observer observer;

        FakeWatch(String virtualNode, Observer observer) {
            this.virtualNode = virtualNode;
            this.observer = observer;
        }

        /** Tells the observer what is known, if anything is. The lock is held. */
        private void tell() {
            @Nullable String failure = failures.get(virtualNode);
            @Nullable List<Found> found = known.get(virtualNode);
            if (failure != null) {
                observer.failed(failure);
            } else if (found != null) {
                observer.found(found);
            }
        }

        @Override
        public void refresh() {
            synchronized (FakeEndpointSource.this) {
                hints++;
            }
        }

        @Override
        public void close() {
            synchronized (FakeEndpointSource.this) {
                watches.remove(this);
            }
        }
    }
}
