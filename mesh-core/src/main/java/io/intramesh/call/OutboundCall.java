package io.intramesh.call;

import io.intramesh.MeshCallException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A call that the mesh lets out. One thread at a time drives it: attempt, report, and again while the verdict says so. With a
 * {@linkplain #hedge() hedge} two attempts run at a time, but asking for one and reporting both stay one after the other: a
 * transport whose attempts end on several threads puts their reports in order, and hands over in such a way that each thread
 * sees what the one before it did.
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
     * Picks an endpoint for another attempt after an answer whose verdict was to try again. The answer is kept until then, where
     * that takes no pause: with none to be had any more, it is what the application gets.
     *
     * @return null where there is no further attempt, for want of an endpoint that would take it
     * @throws MeshCallException when the time is up
     */
    default @Nullable Attempt retry() throws MeshCallException {
        return nextAttempt();
    }

    /**
     * Picks another endpoint for an attempt beside the one under way, which has stayed unanswered for
     * {@link Attempt#hedgeAfterNanos}. From now on a report of one may have the verdict to await the other. Once one is
     * delivered, or has failed for good, the transport cancels the other and reports nothing more of it.
     *
     * @return null where there is to be none: the attempt is answered by now, no other endpoint or no budget is left
     */
    default @Nullable Attempt hedge() {
        return null;
    }

    /**
     * Tells whether a copy of the request is to go elsewhere as well. Asked once, when the first attempt is there: what is refused
     * has no copy.
     */
    default boolean isMirrored() {
        return false;
    }

    /**
     * Begins the copy of a mirrored call. It has one attempt, whose answer is read and dropped; nothing that becomes of it concerns
     * this call, which does not wait for it. The transport ends it by {@link Attempt#ended} as any other, or by {@link #cancel}.
     *
     * @param copy the request of the copy, which stays as it is
     * @return null where the copy is not sent
     */
    default @Nullable OutboundCall mirror(MeshRequest copy) {
        return null;
    }

    /**
     * Ends a call that will have no further attempt, because the application cancelled it or the transport failed before an
     * attempt began. Idempotent; not needed after {@link Attempt#ended}.
     */
    void cancel();
}
