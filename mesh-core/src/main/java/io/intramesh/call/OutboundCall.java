package io.intramesh.call;

import io.intramesh.MeshCallException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A call that the mesh lets out. One thread at a time drives it: attempt, report, and again while the verdict says so.
 *
 * <pre>{@code
 * OutboundCall call = outbound.begin(request);
 * if (call.isPassThrough()) { send as it is, end }
 * for (;;) {
 *     Attempt attempt = call.nextAttempt();
 *     … send to attempt.endpoint() …
 *     Verdict verdict = attempt.responded(status, headers);   // or attempt.failed(…)
 *     if (!verdict.isRetry()) { deliver; attempt.ended(…) when the body is through; break; }
 * }
 * }</pre>
 */
public interface OutboundCall {

    /** Tells whether the destination lies outside the mesh and may be reached: send as it is, by the user's own client. */
    boolean isPassThrough();

    /** Returns the path to send in place of the request's own, without query; null where it stays. */
    @Nullable
    String forwardedPath();

    /** Returns the name of the virtual service, or the outside host. */
    String destination();

    /** Returns a stage that completes when endpoints are known, or null where nothing is to be waited for. */
    @Nullable
    CompletionStage<?> pending();

    /**
     * Picks an endpoint for the next attempt.
     *
     * @throws MeshCallException when none can be used, or the time is up
     */
    Attempt nextAttempt() throws MeshCallException;

    /**
     * Ends a call that will have no further attempt, because the application cancelled it or the transport failed before an
     * attempt began. Idempotent; not needed after {@link Attempt#ended}.
     */
    void cancel();
}
