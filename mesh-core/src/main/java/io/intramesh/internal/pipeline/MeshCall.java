package io.intramesh.internal.pipeline;

import static java.util.Objects.requireNonNull;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.Endpoint;
import io.intramesh.call.MeshContext;
import io.intramesh.call.MeshRequest;
import io.intramesh.call.OutboundCall;
import io.intramesh.internal.retry.Hedging;
import io.intramesh.internal.retry.RetryBudget;
import io.intramesh.internal.route.Decision;
import io.intramesh.model.TrafficPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** State of one outbound call. Driven by one thread at a time, as its interface says. */
final class MeshCall implements OutboundCall {
    private final CallPipeline pipeline;
    private final Snapshot snapshot;
    private final MeshRequest request;
    private final long startNanos;

    // Set by the stages.
    private @Nullable Decision decision;
    private long timeoutNanos;
    private long attemptNanos;
    private int attempts;
    private int moves;
    private @Nullable MeshAttempt attempt;

    /** The attempt that the current one was begun beside; it stays once it is over, for a call hedges once. */
    private @Nullable MeshAttempt hedged;

    /** Endpoints of earlier attempts; the first stands by itself, since most calls have no second. */
    private @Nullable Endpoint tried;

    private @Nullable List<Endpoint> triedToo;
    private @Nullable MeshContext context;
    private @Nullable RetryBudget budget;
    private @Nullable String whyNotAgain;
    private @Nullable Hedging hedging;
    private TrafficPolicy.@Nullable Hedge hedge;
    private @Nullable TrafficPolicy sufferedPolicy;
    private MirrorPlaces.@Nullable Place place;
    private long delayNanos;
    private @Nullable CompletionStage<?> delay;
    private Encryption.@Nullable Way way;

    MeshCall(CallPipeline pipeline, Snapshot snapshot, MeshRequest request, long startNanos) {
        this.pipeline = pipeline;
        this.snapshot = snapshot;
        this.request = request;
        this.startNanos = startNanos;
    }

    Snapshot snapshot() {
        return snapshot;
    }

    MeshRequest request() {
        return request;
    }

    long startNanos() {
        return startNanos;
    }

    void decided(Decision value) {
        decision = value;
    }

    Decision decision() {
        return requireNonNull(decision, "decision");
    }

    NodeBinding binding() {
        return (NodeBinding) decision().target().binding();
    }

    /** Sets how its attempts are encrypted. */
    void goesOutBy(Encryption.Way value) {
        way = value;
    }

    /** Returns how its attempts are encrypted; null means not at all. */
    Encryption.@Nullable Way way() {
        return way;
    }

    void limitTo(long nanos) {
        timeoutNanos = nanos;
    }

    /** Returns the limit of the whole call, 0 for none. */
    long timeoutNanos() {
        return timeoutNanos;
    }

    int attempts() {
        return attempts;
    }

    /** Notes that the next attempt takes the place of one that nobody looked at. */
    void move() {
        moves++;
    }

    /** Returns how many attempts nobody looked at, and others took the place of: they are no retries. */
    int moves() {
        return moves;
    }

    boolean hasTriedAny() {
        return tried != null;
    }

    /** Tells whether an earlier attempt went to that endpoint. */
    boolean hasTried(Endpoint endpoint) {
        return endpoint == tried || (triedToo != null && triedToo.contains(endpoint));
    }

    private void noteTried(Endpoint endpoint) {
        if (tried == null) {
            tried = endpoint;
        } else if (!hasTried(endpoint)) {
            if (triedToo == null) {
                triedToo = new ArrayList<>(2);
            }
            triedToo.add(endpoint);
        }
    }

    /** Sets the limit of each attempt until its answer begins, 0 for none. */
    void limitAttemptsTo(long nanos) {
        attemptNanos = nanos;
    }

    long attemptNanos() {
        return attemptNanos;
    }

    void chargeTo(RetryBudget value) {
        budget = value;
    }

    /** Returns the budget that retries of this call are taken from. */
    RetryBudget budget() {
        return requireNonNull(budget, "budget");
    }

    /** Notes for the message of the failure why no further attempt is made. */
    void noteWhyNotAgain(String why) {
        whyNotAgain = why;
    }

    @Nullable
    String whyNotAgain() {
        return whyNotAgain;
    }

    /** Lets an attempt that is slow to be answered have another one beside it. */
    void mayHedge(Hedging value, TrafficPolicy.Hedge settings) {
        hedging = value;
        hedge = settings;
    }

    /** Returns what is known of when to hedge, or null where the call may not. */
    @Nullable
    Hedging hedging() {
        return hedging;
    }

    TrafficPolicy.Hedge hedgeSettings() {
        return requireNonNull(hedge, "hedge");
    }

    boolean hasHedged() {
        return hedged != null;
    }

    /** Tells whether the call has another attempt under way beside that one. */
    boolean isOtherUnderWay(MeshAttempt than) {
        MeshAttempt earlier = hedged;
        if (earlier == null) {
            return false;
        }
        MeshAttempt other = than == earlier ? attempt : earlier;
        return other != null && other.isUnderWay();
    }

    /** The answer to that attempt is what the call comes to. */
    void decidedBy(MeshAttempt winner) {
        MeshAttempt earlier = hedged;
        if (earlier != null) {
            MeshAttempt other = winner == earlier ? requireNonNull(attempt) : earlier;
            other.overtaken();
        }
    }

    void isFor(MeshContext value) {
        context = value;
    }

    /** Returns the context of the request that the call is made for, or null. */
    @Nullable
    MeshContext context() {
        return context;
    }

    /** Sets the place that the call, which is a copy, takes. */
    void takesPlace(MirrorPlaces.Place value) {
        place = value;
    }

    void leavePlace() {
        MirrorPlaces.Place taken = place;
        if (taken != null) {
            taken.leave();
        }
    }

    /** Sets the policy whose fault the call suffers. */
    void suffer(TrafficPolicy policy, long nanos) {
        sufferedPolicy = policy;
        delayNanos = nanos;
    }

    /** Returns the policy whose fault the call suffers, or null. */
    @Nullable
    TrafficPolicy sufferedPolicy() {
        return sufferedPolicy;
    }

    /** Returns how long the call is held up, 0 where it is not. */
    long delayNanos() {
        return delayNanos;
    }

    /** Sets what the call has to wait for before anything else. */
    void delayUntil(CompletionStage<?> stage) {
        delay = stage;
    }

    @Override
    public boolean isPassThrough() {
        return decision().isPassThrough();
    }

    @Override
    public @Nullable String forwardedPath() {
        return decision().canonicalPath();
    }

    @Override
    public String destination() {
        return isPassThrough() ? request.host() : decision().virtualService();
    }

    @Override
    public @Nullable CompletionStage<?> pending() {
        if (isPassThrough()) {
            return null;
        }
        NodeBinding binding = binding();
        binding.endpoints().activate();
        CompletionStage<?> unknown = binding.endpoints().pending();
        CompletionStage<?> held = delay;
        // Endpoints come first, and with them their first health checks. They are looked for while a call is held up.
        CompletionStage<?> known = unknown == null
                ? binding.availability().pending()
                : unknown.thenCompose(found -> orDone(binding.availability().pending()));
        return held == null ? known : held.thenCompose(over -> orDone(known));
    }

    private static CompletionStage<?> orDone(@Nullable CompletionStage<?> stage) {
        return stage == null ? CompletableFuture.completedStage(null) : stage;
    }

    @Override
    public MeshAttempt nextAttempt() throws MeshCallException {
        MeshAttempt earlier = attempt;
        if (earlier != null) {
            noteTried(earlier.endpoint());
            earlier.finish();
        }
        MeshAttempt next = new MeshAttempt(this, ++attempts, false);
        pipeline.prepare(this, next);
        attempt = next;
        return next;
    }

    @Override
    public @Nullable MeshAttempt retry() throws MeshCallException {
        try {
            return nextAttempt();
        } catch (MeshCallException refusal) {
            if (!isForWantOfAnEndpoint(refusal.reason())) {
                throw refusal;
            }
            RetryStage.exhausted(this);
            return null;
        }
    }

    private static boolean isForWantOfAnEndpoint(Reason reason) {
        return reason == Reason.CIRCUIT_OPEN || reason == Reason.NO_HEALTHY_ENDPOINT || reason == Reason.LIMIT_REACHED;
    }

    @Override
    public @Nullable MeshAttempt hedge() {
        MeshAttempt slow = attempt;
        if (slow == null || !slow.isUnderWay() || !HedgeStage.isPossible(this, slow)) {
            return null;
        }
        noteTried(slow.endpoint());
        MeshAttempt next = new MeshAttempt(this, attempts + 1, true);
        try {
            pipeline.prepare(this, next);
        } catch (MeshCallException refusal) {
            // The attempt under way may still be answered.
            return null;
        }
        if (!pipeline.withdrawHedge(this)) {
            next.finish();
            return null;
        }
        attempts++;
        hedged = slow;
        attempt = next;
        return next;
    }

    @Override
    public void cancel() {
        MeshAttempt current = attempt;
        if (current != null) {
            current.finish();
        }
        MeshAttempt earlier = hedged;
        if (earlier != null) {
            earlier.finish();
        }
        leavePlace();
    }

    @Override
    public boolean isMirrored() {
        return attempts == 1 && pipeline.isMirrored(this);
    }

    @Override
    public @Nullable MeshCall mirror(MeshRequest copy) {
        return pipeline.mirror(this, copy);
    }

    CallPipeline pipeline() {
        return pipeline;
    }

    /** Returns where the call goes, for messages: {@code virtualService 'a' route 'b' virtualNode 'c'}. */
    String where() {
        Decision known = decision();
        String route = known.route();
        return "virtualService '" + known.virtualService() + "'" + (route == null ? "" : " route '" + route + "'")
                + " virtualNode '" + known.target().virtualNode() + "'";
    }
}
