package io.intramesh.internal.pipeline;

import static java.util.Objects.requireNonNull;

import io.intramesh.MeshCallException;
import io.intramesh.call.MeshRequest;
import io.intramesh.internal.route.Target;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.internal.time.OnceAMinute;
import io.intramesh.model.TrafficPolicy;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which requests go to another virtual node as well, as copies whose answers are dropped. A copy is a call of its own, with
 * one attempt, its own endpoint and its own figures; all it shares with the call it is of is the request, the route's limits and the
 * id. It runs against no deadline of the request that the call is made for: nobody waits for it. Safe for use by several threads.
 */
final class Mirroring {
    private static final int PERCENT = 100;
    private static final Logger log = LoggerFactory.getLogger(Mirroring.class);

    private final RandomGenerator chance;
    private final CallPipeline copies;
    private final OnceAMinute warning;

    /**
     * @param copies the stages that a copy runs through
     */
    Mirroring(RandomGenerator chance, NanoClock clock, CallPipeline copies) {
        this.chance = chance;
        this.copies = copies;
        this.warning = new OnceAMinute(clock);
    }

    /** Draws whether a call has a copy. */
    boolean isWanted(MeshCall call) {
        TrafficPolicy policy = call.snapshot().policies().mirror(call.decision());
        return policy != null
                && call.request().isRepeatable()
                && chance.nextInt(PERCENT) < requireNonNull(policy.mirror()).percent();
    }

    /** Returns the copy, or null where it is not sent: for want of a place, or since it may not leave as it is. */
    @Nullable
    MeshCall begin(MeshCall of, MeshRequest request) {
        TrafficPolicy policy = of.snapshot().policies().mirror(of.decision());
        Target target = policy == null
                ? null
                : of.snapshot().routing().mirror(requireNonNull(policy.mirror()).virtualNode());
        if (target == null) {
            return null;
        }
        MirrorPlaces places = ((NodeBinding) target.binding()).mirrorPlaces();
        MirrorPlaces.Place place = places.take();
        if (place == null) {
            warn(target, places);
            return null;
        }
        try {
            return copies.begin(of.snapshot(), request, of.decision().mirroredTo(target), place);
        } catch (MeshCallException refusal) {
            place.leave();
            log.debug("copy not sent virtualNode={} reason={}", target.virtualNode(), refusal.reason(), refusal);
            return null;
        }
    }

    private void warn(Target target, MirrorPlaces places) {
        if (warning.isTime()) {
            log.warn(
                    "copies dropped virtualNode={} underWay={} droppedSoFar={}",
                    target.virtualNode(),
                    MirrorPlaces.LIMIT,
                    places.dropped());
        }
    }
}
