package io.intramesh.testing;

import static java.util.Objects.requireNonNull;

import io.intramesh.document.RawDocument;
import io.intramesh.registry.MeshRegistry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A registry that holds what the test puts in. What is delivered before a mesh starts waits for it.
 *
 * <pre>{@code
 * FakeRegistry registry = FakeRegistry.of(RawDocument.of("mesh.yaml", "…"));
 * try (Mesh mesh = Mesh.builder().registry(registry).virtualNode("orders").start()) {
 *     registry.deliver(RawDocument.of("mesh.yaml", "… changed …"));
 * }
 * }</pre>
 *
 * <p>Safe for use by several threads; deliveries come one at a time, in the thread of the caller.
 */
public final class FakeRegistry implements MeshRegistry {
    // Guarded by this, and held while the observer is called: that is what keeps deliveries one at a time.
    private @Nullable Observer observer;
    private @Nullable List<RawDocument> documents;
    private @Nullable String failure;
    private boolean closed;

    private FakeRegistry() {}

    /** Returns a registry that has not read anything yet: a mesh that starts with it waits. */
    public static FakeRegistry create() {
        return new FakeRegistry();
    }

    /** Returns a registry that holds these documents. */
    public static FakeRegistry of(RawDocument... documents) {
        FakeRegistry registry = new FakeRegistry();
        registry.deliver(documents);
        return registry;
    }

    @Override
    public String describe() {
        return "fake registry";
    }

    /** Delivers what was put in before, if anything. A fake can be started again after it was closed. */
    @Override
    public synchronized void start(Observer newObserver) {
        observer = requireNonNull(newObserver, "newObserver");
        closed = false;
        if (documents != null) {
            newObserver.documentsChanged(documents);
        }
        if (failure != null) {
            newObserver.readFailed(failure);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        observer = null;
    }

    /** Replaces all documents, now or when the registry starts. */
    public void deliver(RawDocument... newDocuments) {
        deliver(List.of(newDocuments));
    }

    /** Replaces all documents, now or when the registry starts. */
    public synchronized void deliver(List<RawDocument> newDocuments) {
        documents = List.copyOf(newDocuments);
        failure = null;
        if (observer != null) {
            observer.documentsChanged(documents);
        }
    }

    /** Reports that the registry cannot be read, now or when it starts. What was delivered stays. */
    public synchronized void fail(String message) {
        failure = requireNonNull(message, "message");
        if (observer != null) {
            observer.readFailed(message);
        }
    }

    /** Tells whether a mesh has started this registry and not closed it since. */
    public synchronized boolean isStarted() {
        return observer != null;
    }

    /** Tells whether {@link #close} was called last. */
    public synchronized boolean isClosed() {
        return closed;
    }
}
