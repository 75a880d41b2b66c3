package io.intramesh.internal.pipeline;

import io.intramesh.call.Attempt;
import io.intramesh.call.Endpoint;
import io.intramesh.call.Verdict;
import io.intramesh.internal.outlier.OutlierDetector;
import io.intramesh.model.Protocol;
import java.io.IOException;
import java.io.InterruptedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Feeds outlier detection with what came of each attempt: an answer, none, or one that broke off (OD-02). Of gRPC the status
 * of the call counts (OD-03), which comes with the trailers unless there is nothing but them.
 */
final class OutlierStage implements CallStage {
    private static final int FIRST_SERVER_ERROR = 500;

    @Override
    public @Nullable Verdict responded(MeshCall call, MeshAttempt attempt, int status, Attempt.HeaderLookup headers) {
        OutlierDetector outliers = detector(call);
        if (outliers.settings() == null) {
            return null;
        }
        Protocol protocol = attempt.protocol();
        if (protocol == Protocol.TCP || status < FIRST_SERVER_ERROR) {
            if (protocol == Protocol.GRPC) {
                grpc(outliers, attempt, headers.get(GrpcStatus.HEADER));
            } else {
                outliers.succeeded(attempt.endpoint());
            }
        } else {
            attempt.judged();
            outliers.failed(attempt.endpoint(), "status " + status);
        }
        return null;
    }

    @Override
    public @Nullable Verdict failed(
            MeshCall call, MeshAttempt attempt, IOException failure, boolean mayHaveReachedPeer) {
        OutlierDetector outliers = detector(call);
        if (outliers.settings() == null || isInterrupt(failure)) {
            return null;
        }
        // A tcp listener is judged by its connections alone.
        if (attempt.protocol() != Protocol.TCP || !mayHaveReachedPeer) {
            outliers.failed(
                    attempt.endpoint(),
                    !mayHaveReachedPeer
                            ? "no connection"
                            : failure instanceof InterruptedIOException ? "no answer in time" : "connection lost");
        }
        return null;
    }

    @Override
    public void trailers(MeshCall call, MeshAttempt attempt, Attempt.HeaderLookup trailers) {
        if (attempt.protocol() == Protocol.GRPC && !attempt.isJudged()) {
            grpc(detector(call), attempt, trailers.get(GrpcStatus.HEADER));
        }
    }

    @Override
    public void attemptEnded(MeshCall call, MeshAttempt attempt) {
        Attempt.End end = attempt.end();
        if (end == Attempt.End.FAILED) {
            if (attempt.protocol() != Protocol.TCP) {
                detector(call).failed(attempt.endpoint(), "answer broken off");
            }
        } else if (end == Attempt.End.COMPLETED && attempt.protocol() == Protocol.GRPC && !attempt.isJudged()) {
            // No trailers were seen; what is whole counts as well.
            detector(call).succeeded(attempt.endpoint());
        }
    }

    private static void grpc(OutlierDetector outliers, MeshAttempt attempt, @Nullable String status) {
        if (status == null) {
            return;
        }
        attempt.judged();
        Endpoint endpoint = attempt.endpoint();
        if (GrpcStatus.isServerError(status)) {
            outliers.failed(endpoint, "grpc-status " + GrpcStatus.name(status));
        } else {
            outliers.succeeded(endpoint);
        }
    }

    /** The application wants an end; the endpoint may be well. */
    private static boolean isInterrupt(IOException failure) {
        return failure instanceof InterruptedIOException
                && Thread.currentThread().isInterrupted();
    }

    private static OutlierDetector detector(MeshCall call) {
        return call.binding().availability().outliers();
    }
}
