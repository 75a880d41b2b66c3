package io.intramesh.internal.retry;

/** How an attempt ended without an answer. */
public enum Loss {
    /** No connection came about: no byte of the request left. */
    NOT_CONNECTED,
    /** The peer said that it did nothing about the request: HTTP/2's REFUSED_STREAM, or a GOAWAY below the stream. */
    REFUSED,
    /** The connection broke, the stream was reset, or the attempt's own time was up; the peer may have acted (RT-03). */
    RESET
}
