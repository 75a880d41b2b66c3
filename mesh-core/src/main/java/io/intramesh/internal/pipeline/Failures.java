package io.intramesh.internal.pipeline;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Locale;

/** Turns what went wrong on the wire into what the application gets. */
final class Failures {
    private static final int MAX_CAUSES = 5;

    private Failures() {}

    static MeshCallException of(MeshCall call, MeshAttempt attempt, IOException failure, boolean mayHaveReachedPeer) {
        if (failure instanceof MeshCallException known) {
            return known;
        }
        if (UntrustedPeer.is(attempt, failure, mayHaveReachedPeer)) {
            return new MeshCallException(
                    Reason.PEER_UNTRUSTED,
                    Reason.PEER_UNTRUSTED.status(),
                    call.where() + " endpoint " + attempt.endpoint() + ": " + UntrustedPeer.words(failure)
                            + attemptsText(attempt.number())
                            + (call.whyNotAgain() == null ? "" : ", " + call.whyNotAgain()) + "; "
                            + UntrustedPeer.mend(failure),
                    false,
                    failure);
        }
        boolean timedOut = failure instanceof InterruptedIOException && mayHaveReachedPeer;
        Reason reason = timedOut ? Reason.DEADLINE_EXCEEDED : Reason.CONNECTION_FAILED;
        String message = timedOut
                ? timedOut(call, attempt.number())
                : call.where() + " endpoint " + attempt.endpoint() + ": "
                        + (mayHaveReachedPeer ? "connection lost before an answer" : "no connection") + " ("
                        + text(failure)
                        + ")" + attemptsText(attempt.number())
                        + (call.whyNotAgain() == null ? "" : ", " + call.whyNotAgain())
                        + (mayHaveReachedPeer ? "" : "; check that it runs and listens there");
        return new MeshCallException(reason, reason.status(), message, mayHaveReachedPeer, failure);
    }

    static String timedOut(MeshCall call, int attempts) {
        return call.where() + ": no complete answer within " + inForce(call) + attemptsText(attempts)
                + "; raise the timeout of the route and of the listeners on both sides, or find out why the callee is slow";
    }

    private static String inForce(MeshCall call) {
        long request = call.timeoutNanos();
        long idle = call.decision().idleNanos();
        if (request == 0) {
            return "the idle timeout of " + text(Duration.ofNanos(idle));
        }
        return "the request timeout of " + text(Duration.ofNanos(request))
                + (idle != 0 && idle < request ? " (idle timeout " + text(Duration.ofNanos(idle)) + ")" : "");
    }

    private static String attemptsText(int attempts) {
        return attempts > 1 ? " after " + attempts + " attempts" : "";
    }

    /** What happened, in the words of the first cause: transports wrap it in words about a URL that is not where they went. */
    private static String text(IOException failure) {
        Throwable first = failure;
        for (int depth = 0; depth < MAX_CAUSES && first.getCause() instanceof IOException cause; depth++) {
            first = cause;
        }
        String message = first.getMessage();
        String kind = first.getClass().getSimpleName();
        return message == null ? kind : kind + ": " + message;
    }

    private static String text(Duration duration) {
        return duration.toMillis() % 1000 == 0
                ? duration.toSeconds() + " s"
                : String.format(Locale.ROOT, "%d ms", duration.toMillis());
    }
}
