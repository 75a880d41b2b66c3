package io.intramesh.internal.pipeline;

import io.intramesh.Reason;
import io.intramesh.call.Attempt;
import io.intramesh.call.InboundRequest;
import io.intramesh.call.Refusal;
import io.intramesh.call.Verdict;
import io.intramesh.internal.drain.DrainTracker;
import org.jspecify.annotations.Nullable;

/** Notices endpoints that say they shut down, so that calls go to others while there are any. */
final class DrainStage implements CallStage.OfAnswers {

    @Override
    public @Nullable Verdict responded(MeshCall call, MeshAttempt attempt, int status, Attempt.HeaderLookup headers) {
        DrainTracker drains = call.binding().availability().drains();
        boolean refuses =
                status == Reason.DRAINING.status() && Reason.DRAINING.name().equals(headers.get(Refusal.HEADER));
        if (refuses) {
            attempt.turnedAway();
        }
        if (refuses || headers.get(InboundRequest.DRAINING_HEADER) != null) {
            drains.said(attempt.endpoint(), refuses);
        } else if (!drains.drains().isEmpty()) {
            drains.answered(attempt.endpoint(), attempt.startNanos());
        }
        return null;
    }
}
