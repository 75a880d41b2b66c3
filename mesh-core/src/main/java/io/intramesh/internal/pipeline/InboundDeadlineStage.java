package io.intramesh.internal.pipeline;

import io.intramesh.Reason;
import io.intramesh.call.MeshContext;
import io.intramesh.call.Refusal;
import io.intramesh.internal.retry.RetryBudget;
import io.intramesh.internal.time.NanoClock;

/**
 * Refuses work that nobody waits for any more. At most a fifth of the requests of 10 s is refused for that reason, as Finagle
 * does: a caller whose arithmetic is wrong cannot take the service down.
 */
final class InboundDeadlineStage implements InboundStage {
    /** Finagle's DeadlineFilter: 20 % over 10 s; and one a second, so that it works where there is little traffic. */
    static final RetryBudget.Terms MAX_REFUSED = new RetryBudget.Terms(20, 1, 10);

    private static final InboundAdmission EXPIRED =
            new InboundAdmission.Refused(Refusal.of(Reason.DEADLINE_EXCEEDED, "The time for this request is up"));

    private final NanoClock clock;
    private final RetryBudget share;

    InboundDeadlineStage(NanoClock clock) {
        this.clock = clock;
        this.share = new RetryBudget(clock.nanoTime());
    }

    @Override
    public InboundAdmission admit(InboundExchange exchange) {
        MeshContext context = exchange.context();
        if (!context.isLimited() || exchange.isHealthCheck()) {
            return InboundAdmission.PASS;
        }
        long now = clock.nanoTime();
        share.deposit(now);
        return context.leftNanos(now) <= 0 && share.withdraw(now, MAX_REFUSED) ? EXPIRED : InboundAdmission.PASS;
    }
}
