package io.intramesh.internal.pipeline;

import io.intramesh.call.Refusal;
import org.jspecify.annotations.Nullable;

/** What a stage says about a request. */
sealed interface InboundAdmission {
    /** Goes on to the next stage. */
    InboundAdmission PASS = new Pass();

    /** The stage lets the request on. */
    record Pass() implements InboundAdmission {}

    /** The stage refuses the request; those below do not see it. */
    record Refused(Refusal refusal) implements InboundAdmission {}

    /** The stage wants the request to wait. Either awaited or abandoned, once. */
    non-sealed interface Waiting extends InboundAdmission {

        /**
         * Blocks until the stage has decided: null lets the request on.
         *
         * @throws InterruptedException when the thread is interrupted; nothing is held then
         */
        @Nullable
        Refusal await() throws InterruptedException;

        /** Gives up waiting. */
        void abandon();
    }
}
