package io.intramesh.internal.document;

import java.util.List;

/**
 * A dialect whose documents mean something only together: names, membership or values of one stand in another, in whatever
 * file. Its {@link #read} hands in {@link Part}s, which are kept for as long as their file stays the same; {@link #join} makes
 * resources of the parts of all files, anew for every set. Belongs to one {@link DocumentSet}, so it may remember what it
 * joined before, and is not thread-safe.
 */
interface JoinedDialect extends Dialect {

    /** What one document gives by itself. Immutable. */
    interface Part {
        /** Tells whether this is, right or wrong, more than an aid for other documents. */
        default boolean holdsResources() {
            return true;
        }
    }

    /**
     * Makes resources of what all files gave.
     *
     * @param parts that this dialect handed in, in the order of their files and of their places therein; may be empty
     */
    void join(List<Part> parts, Drafts drafts);
}
