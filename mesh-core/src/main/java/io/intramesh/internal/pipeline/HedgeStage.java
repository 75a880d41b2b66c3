package io.intramesh.internal.pipeline;

import static java.util.Objects.requireNonNull;

import io.intramesh.call.Attempt;
import io.intramesh.call.Verdict;
import io.intramesh.internal.retry.Hedging;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.TrafficPolicy;
import org.jspecify.annotations.Nullable;

/**
 * Lets a call have a second attempt beside one that is slow to be answered, where a traffic policy asks for it and the
 * request may be sent twice. One call hedges once. A hedge is a retry in all that bounds retries: their number, their budget, and
 * the call's time.
 */
final class HedgeStage implements CallStage.OfAnswers {
    private static final int FIRST_SERVER_ERROR = 500;

    private final NanoClock clock;

    HedgeStage(NanoClock clock) {
        this.clock = clock;
    }

    @Override
    public void begin(MeshCall call) {
        TrafficPolicy policy = call.snapshot().policies().hedge(call.decision());
        if (policy == null || !call.request().isRepeatable() || !RetryStage.isSafe(call)) {
            return;
        }
        Hedging hedging = call.binding().hedging(policy);
        hedging.deposit(call.startNanos());
        call.mayHedge(hedging, requireNonNull(policy.hedge()));
    }

    @Override
    public @Nullable Verdict responded(MeshCall call, MeshAttempt attempt, int status, Attempt.HeaderLookup headers) {
        // How soon a server fails says nothing about how long a good answer takes.
        if (status < FIRST_SERVER_ERROR) {
            measure(call, attempt);
        }
        return null;
    }

    /** Takes an attempt that another one of its call has overtaken. */
    void overtaken(MeshCall call, MeshAttempt attempt) {
        measure(call, attempt);
    }

    private void measure(MeshCall call, MeshAttempt attempt) {
        Hedging hedging = call.hedging();
        if (hedging != null && attempt.number() == 1) {
            long now = clock.nanoTime();
            hedging.answered(now, now - attempt.startNanos());
        }
    }

    /** Returns how long an attempt may stay unanswered before another one begins beside it, in nanoseconds; 0 means for ever. */
    long delayNanos(MeshCall call) {
        Hedging hedging = call.hedging();
        return hedging == null || call.hasHedged() ? 0 : hedging.delayNanos(clock.nanoTime(), call.hedgeSettings());
    }

    /** Tells whether there is anything to hedge with, so that nothing is prepared in vain. */
    static boolean isPossible(MeshCall call, MeshAttempt slow) {
        return call.hedging() != null
                && !call.hasHedged()
                && call.attempts() - call.moves() <= RetryStage.rules(call).maxRetries()
                && RetryStage.canGoElsewhere(call, slow, false);
    }

    /** Takes a hedge out of what may be sent twice; returns false where nothing is left. */
    boolean withdraw(MeshCall call) {
        long now = clock.nanoTime();
        return call.budget().left(now, RetryStage.terms(call)) > 0
                && requireNonNull(call.hedging()).withdraw(now, call.hedgeSettings())
                && call.budget().withdraw(now, RetryStage.terms(call));
    }
}
