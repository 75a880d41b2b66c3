package io.intramesh.internal.pipeline;

import io.intramesh.MeshCallException;
import io.intramesh.call.Attempt;
import io.intramesh.call.MeshRequest;
import io.intramesh.call.Verdict;
import io.intramesh.internal.retry.RetryBudgets;
import io.intramesh.internal.route.Decision;
import io.intramesh.internal.time.NanoClock;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The stages of an outbound call, in order, each with why it stands there. Safe for use by several threads. */
final class CallPipeline {
    private final CallStage[] stages;

    // Of these, those that take part, in the same order.
    private final CallStage.OfAttempts[] ofAttempts;
    private final CallStage.OfHeaders[] ofHeaders;
    private final CallStage.OfAnswers[] ofAnswers;
    private final CallStage.OfEnds[] ofEnds;

    private final HedgeStage hedge;

    /** Null for the copies themselves. */
    private final @Nullable Mirroring mirroring;

    private final NanoClock clock;

    private CallPipeline(NanoClock clock, HedgeStage hedge, @Nullable Mirroring mirroring, CallStage... stages) {
        this.clock = clock;
        this.hedge = hedge;
        this.mirroring = mirroring;
        this.stages = stages;
        this.ofAttempts = those(CallStage.OfAttempts.class, CallStage.OfAttempts[]::new);
        this.ofHeaders = those(CallStage.OfHeaders.class, CallStage.OfHeaders[]::new);
        this.ofAnswers = those(CallStage.OfAnswers.class, CallStage.OfAnswers[]::new);
        this.ofEnds = those(CallStage.OfEnds.class, CallStage.OfEnds[]::new);
    }

    /**
     * Returns the stages of calls.
     *
     * @param strictRetries whether written retry policies, too, repeat only what is safe
     */
    static CallPipeline ofCalls(
            NanoClock clock,
            InstantSource time,
            RandomGenerator chance,
            ContextHolder contexts,
            RetryBudgets budgets,
            boolean strictRetries) {
        HedgeStage hedge = new HedgeStage(clock);
        return new CallPipeline(
                clock,
                hedge,
                new Mirroring(chance, clock, ofCopies(clock, contexts)),
                // First: every other stage depends on where the call goes, and most refusals are found here.
                new RoutingStage(chance),
                // Before anything is picked or sent: a call that must not leave in plaintext has no attempt at all.
                new EncryptionStage(),
                // Below encryption, whose refusal is the graver one; above all that takes time, places or budgets.
                new AccessStage(time),
                // Above the deadline, which depends on the request that the call is made for; and above
                // attempts: the request keeps one id, whatever happens to it.
                new ContextStage(contexts),
                // Above retries, so that one limit covers all attempts and their pauses.
                new DeadlineStage(clock),
                // Below the deadline, which its delay must keep; above retries, since what fails here is
                // not the callee.
                new FaultStage(chance),
                // Above the balancer, so that each attempt picks its endpoint anew.
                new RetryStage(chance, clock, time, budgets, strictRetries),
                // Below retries, whose budget it takes from; above what knows of single attempts.
                hedge,
                // Below retries: it judges each attempt, and before the next one picks.
                new OutcomeStage(clock),
                // Below what refuses: what is picked here is used at once, and load figures count nothing that a stage
                // above refuses.
                new BalancingStage(clock),
                // Lowest, where answers come first: who turns a call away because it shuts down is known before that is
                // judged.
                new DrainStage());
    }

    /** Returns the stages of copies. Where a copy goes is known, and nobody wants it again. */
    private static CallPipeline ofCopies(NanoClock clock, ContextHolder contexts) {
        return new CallPipeline(
                clock,
                new HedgeStage(clock),
                null,
                // First: a copy must not leave in plaintext either.
                new EncryptionStage(),
                // Above the context, whose deadline is none of the copy's.
                new DeadlineStage(clock),
                // For the id of the request.
                new ContextStage(contexts),
                new MirrorStage(),
                // The rest as for calls.
                new OutcomeStage(clock),
                new BalancingStage(clock),
                new DrainStage());
    }

    long nanoTime() {
        return clock.nanoTime();
    }

    /** Begins a copy. */
    MeshCall begin(Snapshot snapshot, MeshRequest request, Decision decision, MirrorPlaces.Place place)
            throws MeshCallException {
        MeshCall copy = new MeshCall(this, snapshot, request, clock.nanoTime());
        copy.decided(decision);
        copy.takesPlace(place);
        for (CallStage stage : stages) {
            stage.begin(copy);
        }
        return copy;
    }

    MeshCall begin(Snapshot snapshot, MeshRequest request) throws MeshCallException {
        MeshCall call = new MeshCall(this, snapshot, request, clock.nanoTime());
        for (CallStage stage : stages) {
            stage.begin(call);
            if (call.isPassThrough()) {
                return call;
            }
        }
        return call;
    }

    void prepare(MeshCall call, MeshAttempt attempt) throws MeshCallException {
        for (CallStage.OfAttempts stage : ofAttempts) {
            stage.prepare(call, attempt);
        }
    }

    void headers(MeshCall call, MeshAttempt attempt, BiConsumer<String, String> set) {
        for (CallStage.OfHeaders stage : ofHeaders) {
            stage.headers(call, attempt, set);
        }
    }

    Verdict responded(MeshCall call, MeshAttempt attempt, int status, Attempt.HeaderLookup headers) {
        Verdict verdict = null;
        for (int i = ofAnswers.length - 1; i >= 0; i--) {
            verdict = first(verdict, ofAnswers[i].responded(call, attempt, status, headers));
        }
        return verdict == null ? Verdict.DELIVER : verdict;
    }

    Verdict failed(MeshCall call, MeshAttempt attempt, IOException failure, boolean mayHaveReachedPeer) {
        Verdict verdict = null;
        for (int i = ofAnswers.length - 1; i >= 0; i--) {
            verdict = first(verdict, ofAnswers[i].failed(call, attempt, failure, mayHaveReachedPeer));
        }
        if (verdict != null) {
            return verdict;
        }
        return call.isOtherUnderWay(attempt)
                ? Verdict.AWAIT_OTHER
                : Verdict.fail(Failures.of(call, attempt, failure, mayHaveReachedPeer));
    }

    long hedgeAfterNanos(MeshCall call) {
        return hedge.delayNanos(call);
    }

    boolean isMirrored(MeshCall call) {
        return mirroring != null && mirroring.isWanted(call);
    }

    @Nullable
    MeshCall mirror(MeshCall call, MeshRequest copy) {
        return mirroring == null ? null : mirroring.begin(call, copy);
    }

    boolean withdrawHedge(MeshCall call) {
        return hedge.withdraw(call);
    }

    void overtaken(MeshCall call, MeshAttempt attempt) {
        hedge.overtaken(call, attempt);
    }

    void trailers(MeshCall call, MeshAttempt attempt, Attempt.HeaderLookup trailers) {
        for (CallStage.OfEnds stage : ofEnds) {
            stage.trailers(call, attempt, trailers);
        }
    }

    void answerEnded(MeshCall call, MeshAttempt attempt, Attempt.End end) {
        for (CallStage.OfEnds stage : ofEnds) {
            stage.answerEnded(call, attempt, end);
        }
    }

    void attemptEnded(MeshCall call, MeshAttempt attempt) {
        for (int i = ofEnds.length - 1; i >= 0; i--) {
            ofEnds[i].attemptEnded(call, attempt);
        }
    }

    private <T> T[] those(Class<T> part, IntFunction<T[]> array) {
        return Arrays.stream(stages).filter(part::isInstance).map(part::cast).toArray(array);
    }

    private static @Nullable Verdict first(@Nullable Verdict earlier, @Nullable Verdict later) {
        return earlier == null ? later : earlier;
    }
}
