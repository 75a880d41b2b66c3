package io.intramesh.registry;

import io.intramesh.document.RawDocument;
import java.util.List;

/**
 * Delivers the mesh's documents, now and after each change. Implementations read and watch; they neither parse nor judge.
 *
 * <p>Life: {@link #start} once, then deliveries until {@link #close}. A registry may be started again after it was closed
 * only if it says so.
 */
public interface MeshRegistry extends AutoCloseable {

    /** Returns what this registry reads, for messages: {@code folder /etc/mesh}. */
    String describe();

    /**
     * Begins to read and to watch. The first delivery or failure comes as soon as it is known, before or after this method
     * returns. Calls to the observer come one at a time, from any thread.
     */
    void start(Observer observer);

    /** Ends the watch and releases its thread and handles. No delivery comes after this returns. Idempotent. */
    @Override
    void close();

    /** Receives what a registry finds. Returns quickly and never throws. */
    interface Observer {
        /**
         * Takes the complete set of documents, which replaces all that was delivered before.
         *
         * @param documents in the order in which they count: of two documents for the same resource the later stands
         */
        void documentsChanged(List<RawDocument> documents);

        /**
         * Learns that the registry cannot be read. What was delivered stays in force; the registry goes on trying by itself.
         *
         * @param message what cannot be read, why, and how to mend it
         */
        void readFailed(String message);
    }
}
