package io.intramesh.testing.simulation;

/** Learns what came of an attempt: one of these, once; nothing at all of one that was cancelled or is never answered. */
public interface Reply {
    /** An answer. */
    void answered(Response response);

    /**
     * There was no connection, so nothing was sent.
     *
     * @param inTime whether that was said, by a refusal, and not waited for until the limit
     */
    void notConnected(boolean inTime);

    /** The connection broke after the request was sent. */
    void lost();
}
