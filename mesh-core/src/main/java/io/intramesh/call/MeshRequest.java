package io.intramesh.call;

import io.intramesh.model.Protocol;
import org.jspecify.annotations.Nullable;

/** A read-only view of a request, as far as the mesh decides by it. Views need not be thread-safe. */
public interface MeshRequest {

    /** Returns the protocol, or null where the listener decides. */
    default @Nullable Protocol protocol() {
        return null;
    }

    /** Returns the method, in capitals as sent; null leaves it open, and every condition on it holds. */
    @Nullable
    String method();

    /** Returns {@code http} or {@code https}; null leaves it open. */
    @Nullable
    String scheme();

    /** Returns the host without its port. */
    String host();

    /** Returns the port that the caller dialled, or -1 where none is known. */
    int port();

    /** Tells whether the port was not written down but follows from the scheme, so that another may be meant. */
    default boolean isPortImplied() {
        return port() == -1;
    }

    /** Returns the path as sent, beginning with a slash, without the query; null leaves it open. */
    @Nullable
    String path();

    /** Returns the query as sent, without the question mark, or null. */
    @Nullable
    String query();

    /**
     * Returns the value of a header, or null where it is absent. Several lines of one name are joined with a comma.
     *
     * @param name case does not count
     */
    @Nullable
    String header(String name);

    /**
     * Returns the value of a header's first line, or null where it is absent; for what is one line by its nature.
     *
     * @param name case does not count
     */
    default @Nullable String firstHeader(String name) {
        return header(name);
    }

    /** Tells whether the body can be sent a second time. */
    default boolean isRepeatable() {
        return true;
    }
}
