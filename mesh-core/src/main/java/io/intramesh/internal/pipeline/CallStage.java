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
 *
 * <p>All stages see calls begin; beyond that, a stage takes part in what it implements. Most have nothing to say about most, and to ask
 * all of them costs more than what the others do there; where two types answer at a place, the JVM inlines both.
 */
interface CallStage {

    /** The call begins. Throwing refuses it. */
    default void begin(MeshCall call) throws MeshCallException {}

    /** Takes part in making attempts. */
    interface OfAttempts extends CallStage {

        /** An attempt is about to be made. Throwing ends the call. */
        void prepare(MeshCall call, MeshAttempt attempt) throws MeshCallException;
    }

    /** Takes part in what attempts carry. */
    interface OfHeaders extends CallStage {

        /** Adds request headers to an attempt. */
        void headers(MeshCall call, MeshAttempt attempt, BiConsumer<String, String> set);
    }

    /** Takes part in what is made of answers and failures. */
    interface OfAnswers extends CallStage {

        /** An answer came. Returns what to do, or null to leave that to the stages above. */
        @Nullable
        Verdict responded(MeshCall call, MeshAttempt attempt, int status, Attempt.HeaderLookup headers);

        /** No answer came. Returns what to do, or null to leave that to the stages above. */
        default @Nullable Verdict failed(
                MeshCall call, MeshAttempt attempt, IOException failure, boolean mayHaveReachedPeer) {
            return null;
        }
    }

    /** Takes part in the ends of answers and attempts. */
    interface OfEnds extends CallStage {

        /** The answer's trailers came, before its end. */
        default void trailers(MeshCall call, MeshAttempt attempt, Attempt.HeaderLookup trailers) {}

        /** The answer's body is through, or is not wanted any longer. Not told of an attempt without an answer. */
        default void answerEnded(MeshCall call, MeshAttempt attempt, Attempt.End end) {}

        /** An attempt that was prepared is over: answered and read, failed, or dropped. */
        void attemptEnded(MeshCall call, MeshAttempt attempt);
    }
}
