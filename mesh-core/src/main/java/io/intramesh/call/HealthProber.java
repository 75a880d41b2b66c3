package io.intramesh.call;

import static java.util.Objects.requireNonNull;

import io.intramesh.model.HealthCheck;
import io.intramesh.tls.ClientTls;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sends health checks, for a mesh that decides when and what follows. Implemented by transports. */
public interface HealthProber {

    /**
     * Begins one check and returns at once: the thread that calls is the mesh's only one.
     *
     * @param check protocol and path of the check, and its timeout, after which the outcome is no answer
     * @param done takes the outcome, once, from any thread
     */
    void probe(Endpoint endpoint, HealthCheck check, Consumer<Outcome> done);

    /**
     * Begins one check as {@link #probe(Endpoint, HealthCheck, Consumer)}, encrypted. One that cannot encrypt answers nothing,
     * as by default.
     *
     * @param tls how, as for calls; null means in plaintext
     */
    default void probe(Endpoint endpoint, HealthCheck check, @Nullable ClientTls tls, Consumer<Outcome> done) {
        if (tls == null) {
            probe(endpoint, check, done);
        } else {
            done.accept(new Outcome(Outcome.Kind.NO_ANSWER, "the transport does not encrypt health checks"));
        }
    }

    /**
     * What came of a check.
     *
     * @param text what happened, in words, such as {@code status 503}
     */
    record Outcome(Kind kind, String text) {
        public Outcome {
            requireNonNull(kind, "kind");
            requireNonNull(text, "text");
        }

        /** How a check ends. */
        public enum Kind {
            /** HTTP status 200, gRPC SERVING, or a TCP connection. */
            PASSED,
            /** Another answer: the endpoint itself says that it is not well. */
            FAILED,
            /** No connection, or no answer in time. */
            NO_ANSWER
        }
    }
}
