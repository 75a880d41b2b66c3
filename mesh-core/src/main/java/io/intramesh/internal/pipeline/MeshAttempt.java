package io.intramesh.internal.pipeline;

import static java.util.Objects.requireNonNull;

import io.intramesh.call.Attempt;
import io.intramesh.call.Endpoint;
import io.intramesh.call.LoadBalancer;
import io.intramesh.call.Verdict;
import io.intramesh.internal.limit.CircuitBreaker;
import io.intramesh.internal.limit.RequestLimit;
import io.intramesh.model.Protocol;
import io.intramesh.tls.ClientTls;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** State of one attempt. Its end may be reported by another thread than the one that drives the call. */
final class MeshAttempt implements Attempt {
    // A field updater saves an object per attempt.
    private static final AtomicIntegerFieldUpdater<MeshAttempt> FINISHED =
            AtomicIntegerFieldUpdater.newUpdater(MeshAttempt.class, "finished");

    private final MeshCall call;
    private final int number;
    private final boolean hedge;

    // Set by the stages while the attempt is prepared.
    private @Nullable Endpoint endpoint;
    private @Nullable ClientTls tls;
    private long startNanos;
    private long timeoutNanos;
    private long answerTimeoutNanos;

    private @Nullable LoadBalancer learner;

    // Set by the report.
    private boolean refusedByPeer;
    private boolean turnedAway;

    private @Nullable CircuitBreaker breaker;
    private @Nullable RequestLimit limit;

    // The answer and its trailers may be reported by different threads.
    private volatile boolean judged;
    private volatile @Nullable Object permit;

    @SuppressWarnings("unused") // through the updater
    private volatile int finished;

    /**
     * @param hedge whether it runs beside another one, which its endpoint must differ from
     */
    MeshAttempt(MeshCall call, int number, boolean hedge) {
        this.call = call;
        this.number = number;
        this.hedge = hedge;
    }

    boolean isHedge() {
        return hedge;
    }

    void useEndpoint(Endpoint value) {
        endpoint = value;
    }

    void encryptBy(ClientTls value) {
        tls = value;
    }

    /** Sets the balancer that wants to know what comes of the attempt. */
    void teaches(LoadBalancer value) {
        learner = value;
    }

    /** Returns the balancer that wants to know what comes of it, or null where none does. */
    @Nullable
    LoadBalancer learner() {
        return learner;
    }

    void limitTo(long now, long nanos, long answerNanos) {
        startNanos = now;
        timeoutNanos = nanos;
        answerTimeoutNanos = answerNanos;
    }

    /** Returns the reading of the clock when the attempt was prepared. */
    long startNanos() {
        return startNanos;
    }

    /** Tells whether the peer said that it did nothing about the request. */
    boolean isRefusedByPeer() {
        return refusedByPeer;
    }

    /** Notes that the peer turned the request away unseen, because it shuts down. */
    void turnedAway() {
        turnedAway = true;
    }

    /** Tells whether the peer turned the request away unseen, because it shuts down: no fault of it, and no load. */
    boolean isTurnedAway() {
        return turnedAway;
    }

    @Override
    public Endpoint endpoint() {
        return requireNonNull(endpoint, "endpoint");
    }

    @Override
    public String virtualNode() {
        return call.decision().target().virtualNode();
    }

    @Override
    public Protocol protocol() {
        return call.binding().protocol();
    }

    @Override
    public @Nullable ClientTls tls() {
        return tls;
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public long timeoutNanos() {
        return timeoutNanos;
    }

    @Override
    public long answerTimeoutNanos() {
        return answerTimeoutNanos;
    }

    @Override
    public long idleTimeoutNanos() {
        return call.decision().idleNanos();
    }

    @Override
    public long hedgeAfterNanos() {
        return hedge ? 0 : call.pipeline().hedgeAfterNanos(call);
    }

    @Override
    public boolean forwards(String name) {
        return !PerCallHeaders.isOne(name);
    }

    @Override
    public void headers(BiConsumer<String, String> set) {
        call.pipeline().headers(call, this, set);
    }

    @Override
    public Verdict responded(int status, HeaderLookup headers) {
        Verdict verdict = call.pipeline().responded(call, this, status, headers);
        if (verdict.isRetry() || verdict.awaitsOther()) {
            finish();
        } else {
            call.decidedBy(this);
        }
        return verdict;
    }

    @Override
    public Verdict failed(IOException failure, boolean mayHaveReachedPeer) {
        Verdict verdict = call.pipeline().failed(call, this, failure, mayHaveReachedPeer);
        finish();
        return verdict;
    }

    @Override
    public Verdict refused(IOException failure) {
        refusedByPeer = true;
        return failed(failure, false);
    }

    @Override
    public void trailed(HeaderLookup trailers) {
        if (finished == 0) {
            call.pipeline().trailers(call, this, trailers);
        }
    }

    @Override
    public void ended(End how) {
        if (FINISHED.compareAndSet(this, 0, 1)) {
            call.pipeline().answerEnded(call, this, how);
            call.pipeline().attemptEnded(call, this);
        }
    }

    /** Takes the permit of the breaker that let it through. */
    void permittedBy(CircuitBreaker value, Object permitOfIt) {
        breaker = value;
        permit = permitOfIt;
    }

    /** Takes the limit of which it has a place. */
    void limitedBy(RequestLimit value) {
        limit = value;
    }

    /** Returns the limit of which it has a place, or null where there is none. */
    @Nullable
    RequestLimit limit() {
        return limit;
    }

    /** Returns the breaker that let it through, or null where there is none. */
    @Nullable
    CircuitBreaker breaker() {
        return breaker;
    }

    /** Returns the permit to give back, once; then null. Reports of one attempt come one at a time. */
    @Nullable
    Object takePermit() {
        Object taken = permit;
        permit = null;
        return taken;
    }

    /** Notes that its outcome has been counted, so that it is counted once. */
    void judged() {
        judged = true;
    }

    boolean isJudged() {
        return judged;
    }

    /** Tells whether it has not come to its end. */
    boolean isUnderWay() {
        return finished == 0;
    }

    /** Ends it because another attempt of its call was answered first. */
    void overtaken() {
        if (FINISHED.compareAndSet(this, 0, 1)) {
            call.pipeline().overtaken(call, this);
            call.pipeline().attemptEnded(call, this);
        }
    }

    void finish() {
        if (FINISHED.compareAndSet(this, 0, 1)) {
            call.pipeline().attemptEnded(call, this);
        }
    }
}
