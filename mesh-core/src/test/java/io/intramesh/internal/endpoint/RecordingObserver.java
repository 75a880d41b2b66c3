package io.intramesh.internal.endpoint;

import io.intramesh.registry.EndpointSource.Found;
import io.intramesh.registry.EndpointSource.Observer;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** Remembers what it is told. */
final class RecordingObserver implements Observer {
    private final List<List<Found>> found = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    @Override
    public synchronized void found(List<Found> endpoints) {
        found.add(endpoints);
    }

    @Override
    public synchronized void failed(String message) {
        failures.add(message);
    }

    synchronized List<List<Found>> found() {
        return List.copyOf(found);
    }

    synchronized List<String> failures() {
        return List.copyOf(failures);
    }

    synchronized int events() {
        return found.size() + failures.size();
    }

    /** Returns what was found last. */
    synchronized List<Found> last() {
        return found.get(found.size() - 1);
    }

    /** Returns the addresses that were found last, in order. */
    List<String> addresses() {
        return last().stream()
                .flatMap(one -> one.addresses().stream())
                .map(InetAddress::getHostAddress)
                .toList();
    }

    /** Returns the names that were found last, in order. */
    List<String> names() {
        return last().stream().map(Found::name).toList();
    }
}
