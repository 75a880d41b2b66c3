package io.intramesh.call;

import io.intramesh.model.Protocol;
import io.intramesh.tls.ClientTls;
import java.io.IOException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One try at one endpoint. Each attempt is reported once and ended once. The reports of all attempts of a call come one at a
 * time, each seeing what the one before did; ends come from any thread.
 */
public interface Attempt {

    /** Returns where to send. */
    Endpoint endpoint();

    /** Returns the name of the virtual node that the endpoint belongs to. */
    String virtualNode();

    /**
     * Returns the protocol of the node's listener. Transports speak HTTP/2 for http2 and grpc, with prior knowledge or, under
     * TLS, by ALPN; else HTTP/1.1.
     */
    Protocol protocol();

    /**
     * Returns how the attempt is to be encrypted, or null where it goes out in plaintext. A transport that cannot encrypt fails
     * an attempt that is to be; nothing of it may leave otherwise.
     */
    default @Nullable ClientTls tls() {
        return null;
    }

    /** Returns 1 for the first attempt of a call, 2 for the second … */
    int number();

    /** Returns the time left for this attempt including the response body, in nanoseconds; 0 means no limit. */
    long timeoutNanos();

    /**
     * Returns the longest time until the answer begins, in nanoseconds; 0 means no limit beyond {@link #timeoutNanos}. Once an
     * answer has begun, this limit is over.
     */
    default long answerTimeoutNanos() {
        return 0;
    }

    /**
     * Returns how long this attempt may stay unanswered before the transport asks for another one to run beside it by
     * {@link OutboundCall#hedge}, in nanoseconds; 0 means that it is not to ask. A transport that cannot run two at a time never
     * asks.
     */
    default long hedgeAfterNanos() {
        return 0;
    }

    /** Returns the longest time without a byte in either direction, in nanoseconds; 0 means no limit. */
    long idleTimeoutNanos();

    /**
     * Tells whether a header of the request goes out with it. What speaks to the mesh alone does not, and is taken off before
     * {@link #headers} is asked.
     *
     * @param name in any case
     */
    default boolean forwards(String name) {
        return true;
    }

    /** Hands over the headers to set on the request, name and value; each replaces what the request has of that name. */
    void headers(BiConsumer<String, String> set);

    /**
     * Reports an answer. Unless the verdict is to try again or to await another attempt, {@link #ended} follows when the body is
     * through.
     *
     * @param headers of the response
     */
    Verdict responded(int status, HeaderLookup headers);

    /**
     * Reports that no answer came. This also ends the attempt.
     *
     * @param mayHaveReachedPeer false only if no byte of the request can have reached the peer
     */
    Verdict failed(IOException failure, boolean mayHaveReachedPeer);

    /** Reports the answer's trailers where there are any, after its body and before {@link #ended}. */
    default void trailed(HeaderLookup trailers) {}

    /**
     * Reports that no answer came because the peer refused to look at the request: HTTP/2's REFUSED_STREAM, or a GOAWAY below
     * the stream. This also ends the attempt.
     */
    default Verdict refused(IOException failure) {
        return failed(failure, false);
    }

    /** Reports that the response body was read to its end, failed, or was dropped. Idempotent; later reports are ignored. */
    void ended(End end);

    /** How a response body came to its end. */
    enum End {
        COMPLETED,
        FAILED,
        CANCELLED
    }

    /** Looks up a response header. */
    interface HeaderLookup {
        /** Returns the value of the header (case of the name does not count), or null. */
        @Nullable
        String get(String name);
    }
}
