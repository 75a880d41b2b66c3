package io.intramesh.internal.pipeline;

import io.intramesh.Reason;
import io.intramesh.call.MeshContext;
import io.intramesh.call.Refusal;
import io.intramesh.internal.limit.ConcurrencyLimit;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.internal.time.OnceAMinute;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds each listener to its connection pool: so many requests at a time, and for http so many that wait. */
final class InboundLimitStage implements InboundStage {
    private static final Logger log = LoggerFactory.getLogger(InboundLimitStage.class);
    private static final Refusal OVERFLOW = Refusal.of(Reason.LIMIT_REACHED, "Too many requests at a time");

    /** Envoy answers a request whose time is up while it waits with its time-out response, not with the overflow's. */
    private static final Refusal WAITED_TOO_LONG = Refusal.of(Reason.DEADLINE_EXCEEDED, "No place came free in time");

    private final NanoClock clock;
    private final AtomicLong refusedSinceWarning = new AtomicLong();
    private final OnceAMinute warning;

    InboundLimitStage(NanoClock clock) {
        this.clock = clock;
        this.warning = new OnceAMinute(clock);
    }

    @Override
    public InboundAdmission admit(InboundExchange exchange) {
        InboundListener listener = exchange.listener();
        if (listener == null || exchange.isHealthCheck() || listener.limit().tryAcquire()) {
            return InboundAdmission.PASS;
        }
        ConcurrencyLimit.Place place = listener.limit().enqueue();
        if (place == null) {
            warn(listener);
            return new InboundAdmission.Refused(OVERFLOW);
        }
        if (place.isGranted()) {
            return InboundAdmission.PASS;
        }
        // Nobody waits here for longer than the caller does.
        MeshContext context = exchange.context();
        long left = context.isLimited() ? Math.max(1, context.leftNanos(clock.nanoTime())) : Long.MAX_VALUE;
        return new Queued(place, Math.min(listener.maxWaitNanos(), left));
    }

    @Override
    public void ended(InboundExchange exchange, int status, @Nullable Throwable failure) {
        InboundListener listener = exchange.listener();
        if (listener != null && !exchange.isHealthCheck()) {
            listener.limit().release();
        }
    }

    private void warn(InboundListener listener) {
        refusedSinceWarning.incrementAndGet();
        if (warning.isTime()) {
            ConcurrencyLimit.Bounds bounds = listener.limit().bounds();
            log.warn(
                    "inbound limit reached listener={} maxConcurrent={} maxWaiting={} refused={}",
                    listener.port(),
                    bounds.maxConcurrent(),
                    bounds.maxWaiting(),
                    refusedSinceWarning.getAndSet(0));
        }
    }

    private record Queued(ConcurrencyLimit.Place place, long maxWaitNanos) implements InboundAdmission.Waiting {
        @Override
        public @Nullable Refusal await() throws InterruptedException {
            return place.await(maxWaitNanos) ? null : WAITED_TOO_LONG;
        }

        @Override
        public void abandon() {
            place.abandon();
        }
    }
}
