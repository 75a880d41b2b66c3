package io.intramesh.internal.pipeline;

import static java.util.Objects.requireNonNull;

import io.intramesh.call.Attempt;
import io.intramesh.call.Verdict;
import io.intramesh.internal.limit.CircuitBreaker;
import io.intramesh.internal.outlier.OutlierDetector;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.Protocol;
import java.io.IOException;
import java.io.InterruptedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Judges what came of each attempt, once, and tells outlier detection and circuit breakers. A failure is an answer of 500 or
 * more, or none (OD-02). Of gRPC the status of the call counts (OD-03), which comes with the trailers unless there is nothing
 * but them. What the application gave up says nothing. Nor does a refusal by a callee that has too much to do: it works, and
 * to eject it would give its load to the others, who then refuse as well; but retries go elsewhere.
 */
final class OutcomeStage implements CallStage.OfAnswers, CallStage.OfEnds {
    private static final int FIRST_SERVER_ERROR = 500;

    private final NanoClock clock;

    OutcomeStage(NanoClock clock) {
        this.clock = clock;
    }

    @Override
    public @Nullable Verdict responded(MeshCall call, MeshAttempt attempt, int status, Attempt.HeaderLookup headers) {
        if (attempt.isTurnedAway()) {
            // It leaves of its own accord, and says nothing of how well it serves.
            attempt.judged();
            release(attempt);
            return null;
        }
        Protocol protocol = attempt.protocol();
        if (protocol == Protocol.TCP || status < FIRST_SERVER_ERROR) {
            if (protocol == Protocol.GRPC) {
                grpc(call, attempt, headers.get(GrpcStatus.HEADER));
            } else if (isJudged(call, attempt)) {
                succeeded(call, attempt);
            }
        } else if (Overload.isSaid(status, headers)) {
            attempt.judged();
            attempt.endpoint().attemptJudged(true);
            release(attempt);
        } else {
            failed(call, attempt, "status " + status);
        }
        return null;
    }

    @Override
    public @Nullable Verdict failed(
            MeshCall call, MeshAttempt attempt, IOException failure, boolean mayHaveReachedPeer) {
        if (!mayHaveReachedPeer) {
            // Perhaps it is gone, and discovery knows better by now. However many calls ask, it is one hint.
            call.binding().endpoints().refresh();
        }
        // A tcp listener is judged by its connections alone.
        if (!isInterrupt(failure) && !(attempt.protocol() == Protocol.TCP && mayHaveReachedPeer)) {
            failed(
                    call,
                    attempt,
                    !mayHaveReachedPeer
                            ? UntrustedPeer.is(attempt, failure, false) ? "not trusted" : "no connection"
                            : failure instanceof InterruptedIOException ? "no answer in time" : "connection lost");
        }
        return null;
    }

    @Override
    public void trailers(MeshCall call, MeshAttempt attempt, Attempt.HeaderLookup trailers) {
        if (attempt.protocol() == Protocol.GRPC && !attempt.isJudged()) {
            grpc(call, attempt, trailers.get(GrpcStatus.HEADER));
        }
    }

    @Override
    public void answerEnded(MeshCall call, MeshAttempt attempt, Attempt.End end) {
        if (end == Attempt.End.FAILED && attempt.protocol() != Protocol.TCP) {
            // After an answer that counted as a success: the endpoint is judged by both, as in Envoy.
            failed(call, attempt, "answer broken off");
        } else if (end == Attempt.End.COMPLETED && !attempt.isJudged() && isJudged(call, attempt)) {
            // No trailers were seen; what is whole counts as well.
            succeeded(call, attempt);
        }
    }

    @Override
    public void attemptEnded(MeshCall call, MeshAttempt attempt) {
        release(attempt);
    }

    private void grpc(MeshCall call, MeshAttempt attempt, @Nullable String status) {
        if (status == null) {
            return;
        }
        if (GrpcStatus.isServerError(status)) {
            failed(call, attempt, "grpc-status " + GrpcStatus.name(status));
        } else {
            succeeded(call, attempt);
        }
    }

    private void succeeded(MeshCall call, MeshAttempt attempt) {
        attempt.judged();
        attempt.endpoint().attemptJudged(false);
        detector(call).succeeded(attempt.endpoint());
        Object permit = attempt.takePermit();
        if (permit != null) {
            breaker(attempt).succeeded(permit, clock.nanoTime() - attempt.startNanos());
        }
    }

    private void failed(MeshCall call, MeshAttempt attempt, String what) {
        attempt.judged();
        attempt.endpoint().attemptJudged(true);
        detector(call).failed(attempt.endpoint(), what);
        Object permit = attempt.takePermit();
        if (permit != null) {
            breaker(attempt).failed(permit, clock.nanoTime() - attempt.startNanos(), what);
        }
    }

    private static void release(MeshAttempt attempt) {
        Object permit = attempt.takePermit();
        if (permit != null) {
            breaker(attempt).released(permit);
        }
    }

    /** Tells whether a success is news to anybody. */
    private static boolean isJudged(MeshCall call, MeshAttempt attempt) {
        return attempt.breaker() != null
                || detector(call).settings() != null
                || attempt.endpoint().isFailing();
    }

    private static CircuitBreaker breaker(MeshAttempt attempt) {
        return requireNonNull(attempt.breaker());
    }

    /** The application wants an end; the endpoint may be well. */
    static boolean isInterrupt(IOException failure) {
        return failure instanceof InterruptedIOException
                && Thread.currentThread().isInterrupted();
    }

    private static OutlierDetector detector(MeshCall call) {
        return call.binding().availability().outliers();
    }
}
