package io.intramesh.internal.pipeline;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.internal.route.Decision;
import java.util.random.RandomGenerator;

/** Decides where a call goes, once per call: retries stay with the virtual node that was picked (W-06). */
final class RoutingStage implements CallStage {
    private final RandomGenerator chance;

    RoutingStage(RandomGenerator chance) {
        this.chance = chance;
    }

    @Override
    public void begin(MeshCall call) throws MeshCallException {
        Decision decision =
                call.snapshot().routing().decide(call.request(), call.snapshot().self(), chance);
        call.decided(decision);
        Reason refusal = decision.refusal();
        if (refusal != null) {
            throw new MeshCallException(refusal, decision.refusalStatus(), decision.refusalMessage(), false, null);
        }
    }
}
