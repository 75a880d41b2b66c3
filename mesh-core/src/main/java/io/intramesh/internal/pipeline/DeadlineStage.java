package io.intramesh.internal.pipeline;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.MeshContext;
import io.intramesh.call.MeshRequest;
import io.intramesh.internal.retry.RetryRules;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.Protocol;
import java.util.function.BiConsumer;

/**
 * Bounds the whole call, attempts and pauses together (TO-05), and each attempt (RT-02). A call for a request that this process
 * works on gets no more time than is left for that request; and what is left goes to the callee with every attempt, so that
 * nobody works for a caller that has gone.
 */
final class DeadlineStage implements CallStage.OfAttempts, CallStage.OfHeaders {
    /** Envoy's header by which a request limits itself. Here it can only shorten what the configuration allows. */
    static final String CALL_LIMIT_HEADER = "x-envoy-upstream-rq-timeout-ms";

    /** The same for each attempt. */
    static final String ATTEMPT_LIMIT_HEADER = "x-envoy-upstream-rq-per-try-timeout-ms";

    private final NanoClock clock;

    DeadlineStage(NanoClock clock) {
        this.clock = clock;
    }

    @Override
    public void begin(MeshCall call) throws MeshCallException {
        MeshRequest request = call.request();
        long configured = call.decision().perRequestNanos();
        long limit = configured == 0 ? Long.MAX_VALUE : configured;
        limit = Math.min(limit, positive(TimeLeft.millis(request.header(CALL_LIMIT_HEADER))));
        boolean grpc = isGrpc(call);
        if (grpc) {
            limit = Math.min(limit, TimeLeft.grpc(request.header(MeshContext.GRPC_TIMEOUT_HEADER)));
        }
        MeshContext context = call.context();
        if (context != null && context.isLimited()) {
            limit = Math.min(limit, context.leftNanos(call.startNanos()));
        }
        if (limit <= 0) {
            throw new MeshCallException(
                    Reason.DEADLINE_EXCEEDED,
                    call.where()
                            + " is not called: the time of the request that this call is for is up; have its caller"
                            + " wait longer, or find out what took the time");
        }
        call.limitTo(limit == Long.MAX_VALUE ? 0 : limit);
        long perTry = RetryRules.perTryNanos(call.decision().retryPolicy());
        long own = positive(TimeLeft.millis(request.header(ATTEMPT_LIMIT_HEADER)));
        call.limitAttemptsTo(perTry == 0 ? (own == TimeLeft.UNSAID ? 0 : own) : Math.min(perTry, own));
    }

    @Override
    public void prepare(MeshCall call, MeshAttempt attempt) throws MeshCallException {
        // The first attempt, too, may come long after the call began: after a wait for endpoints.
        long now = clock.nanoTime();
        long limit = call.timeoutNanos();
        long left = 0;
        if (limit != 0) {
            left = limit - (now - call.startNanos());
            if (left <= 0) {
                throw new MeshCallException(
                        Reason.DEADLINE_EXCEEDED,
                        Reason.DEADLINE_EXCEEDED.status(),
                        Failures.timedOut(call, call.attempts() - 1),
                        call.attempts() > 1,
                        null);
            }
        }
        long perTry = call.attemptNanos();
        // One that is longer than what is left never fires (TO-11).
        attempt.limitTo(now, left, perTry != 0 && (left == 0 || perTry < left) ? perTry : 0);
    }

    @Override
    public void headers(MeshCall call, MeshAttempt attempt, BiConsumer<String, String> set) {
        long limit = attempt.answerTimeoutNanos() == 0 ? attempt.timeoutNanos() : attempt.answerTimeoutNanos();
        if (limit == 0) {
            return;
        }
        set.accept(MeshContext.TIME_LEFT_HEADER, TimeLeft.toMillis(limit));
        if (isGrpc(call)) {
            set.accept(MeshContext.GRPC_TIMEOUT_HEADER, TimeLeft.toGrpc(limit));
        }
    }

    private static boolean isGrpc(MeshCall call) {
        return call.request().protocol() == Protocol.GRPC || call.binding().protocol() == Protocol.GRPC;
    }

    /** Zero stands for no limit in Envoy's headers. */
    private static long positive(long nanos) {
        return nanos == 0 ? TimeLeft.UNSAID : nanos;
    }
}
