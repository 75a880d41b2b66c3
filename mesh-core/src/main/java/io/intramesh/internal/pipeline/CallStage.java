package io.intramesh.internal.pipeline;

import io.intramesh.MeshCallException;
import io.intramesh.call.Attempt;
import io.intramesh.call.Verdict;
import java.io.IOException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One concern of an outbound call. Stages keep nothing per call; that stands in {@link MeshCall} and {@link MeshAttempt}.
 * Calls and attempts go down through the stages in the order of {@link CallPipeline}; what comes of them goes up, in the opposite
 * order, so that who decides about another attempt knows what this one has changed.
 */
interface CallStage {

    /** The call begins. Throwing refuses it. */
    default void begin(MeshCall call) throws MeshCallException {}

    /** An attempt is about to be made. Throwing ends the call. */
    default void prepare(MeshCall call, MeshAttempt attempt) throws MeshCallException {}

    /** Adds request headers to an attempt. */
    default void headers(MeshCall call, MeshAttempt attempt, BiConsumer<String, String> set) {}

    /** An answer came. Returns what to do, or null to leave that to the stages above. */
    default @Nullable Verdict responded(MeshCall call, MeshAttempt attempt, int status, Attempt.HeaderLookup headers) {
        return null;
    }

    /** No answer came. Returns what to do, or null to leave that to the stages above. */
    default @Nullable Verdict failed(
            MeshCall call, MeshAttempt attempt, IOException failure, boolean mayHaveReachedPeer) {
        return null;
    }

    /** The answer's trailers came, before its end. */
    default void trailers(MeshCall call, MeshAttempt attempt, Attempt.HeaderLookup trailers) {}

    /** The answer's body is through, or is not wanted any longer. Not told of an attempt without an answer. */
    default void answerEnded(MeshCall call, MeshAttempt attempt, Attempt.End end) {}

    /** An attempt that was prepared is over: answered and read, failed, or dropped. */
    default void attemptEnded(MeshCall call, MeshAttempt attempt) {}
}
