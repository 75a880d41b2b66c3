package io.intramesh.internal.pipeline;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.internal.time.NanoClock;

/** Bounds the whole call, attempts and pauses together (TO-05). */
final class DeadlineStage implements CallStage {
    private final NanoClock clock;

    DeadlineStage(NanoClock clock) {
        this.clock = clock;
    }

    @Override
    public void begin(MeshCall call) {
        call.limitTo(call.decision().perRequestNanos());
    }

    @Override
    public void prepare(MeshCall call, MeshAttempt attempt) throws MeshCallException {
        long limit = call.timeoutNanos();
        if (limit == 0) {
            return;
        }
        long left = limit - (clock.nanoTime() - call.startNanos());
        if (left <= 0) {
            throw new MeshCallException(
                    Reason.DEADLINE_EXCEEDED,
                    Reason.DEADLINE_EXCEEDED.status(),
                    Failures.timedOut(call, call.attempts() - 1),
                    call.attempts() > 1,
                    null);
        }
        attempt.limitTo(left);
    }
}
