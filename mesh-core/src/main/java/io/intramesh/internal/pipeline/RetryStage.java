package io.intramesh.internal.pipeline;

import io.intramesh.call.Verdict;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.RetryPolicy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Sends again what is safe to send again: what cannot have reached the peer, and idempotent requests that were lost without
 * an answer, such as those that met a connection which the peer had just closed. A policy with {@code maxRetries: 0} turns
 * it off (RT-01).
 */
final class RetryStage implements CallStage {
    /** As many as App Mesh's default policy made. */
    static final int MAX_RETRIES = 2;

    /** Envoy's backoff (RT-06): random in [0, (2^n - 1) × 25 ms), at most 250 ms. */
    private static final long BACKOFF_BASE_NANOS = 25_000_000;

    private static final long BACKOFF_CAP_NANOS = 250_000_000;

    private final RandomGenerator chance;
    private final NanoClock clock;

    RetryStage(RandomGenerator chance, NanoClock clock) {
        this.chance = chance;
        this.clock = clock;
    }

    @Override
    public @Nullable Verdict failed(
            MeshCall call, MeshAttempt attempt, IOException failure, boolean mayHaveReachedPeer) {
        if (attempt.number() > limit(call) || !isSafe(call, failure, mayHaveReachedPeer)) {
            return null;
        }
        long pause = pauseNanos(attempt.number());
        long limit = call.timeoutNanos();
        if (limit != 0 && limit - (clock.nanoTime() - call.startNanos()) <= pause) {
            return null;
        }
        return Verdict.retryAfter(pause);
    }

    private static int limit(MeshCall call) {
        RetryPolicy policy = call.decision().retryPolicy();
        return policy == null ? MAX_RETRIES : (int) Math.min(MAX_RETRIES, policy.maxRetries());
    }

    private static boolean isSafe(MeshCall call, IOException failure, boolean mayHaveReachedPeer) {
        if (!call.request().isRepeatable()) {
            return false;
        }
        if (!mayHaveReachedPeer) {
            return true;
        }
        // Whoever was slow once gets no second request; and an interrupt or cancellation wants an end.
        return !(failure instanceof InterruptedIOException)
                && isIdempotent(call.request().method());
    }

    /** RFC 9110, section 9.2.2. */
    private static boolean isIdempotent(@Nullable String method) {
        if (method == null) {
            return false;
        }
        return switch (method) {
            case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
            default -> false;
        };
    }

    private long pauseNanos(int retry) {
        long bound = Math.min(BACKOFF_CAP_NANOS, ((1L << retry) - 1) * BACKOFF_BASE_NANOS);
        return chance.nextLong(bound);
    }
}
