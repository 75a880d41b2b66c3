package io.intramesh.internal.pipeline;

import io.intramesh.Reason;
import io.intramesh.call.Refusal;
import io.intramesh.internal.time.NanoClock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a process leave without a failed call: first its health checks fail and its responses close connections, so that
 * callers go elsewhere; after a grace it refuses what still comes; and it knows when the last request has ended.
 */
final class InboundDrainStage implements InboundStage {
    private static final Logger log = LoggerFactory.getLogger(InboundDrainStage.class);
    private static final InboundAdmission REFUSED =
            new InboundAdmission.Refused(Refusal.of(Reason.DRAINING, "This service is shutting down"));

    /**
     * How long nothing must have come or ended. A request has ended for us before its container has written the last of the
     * response, and what a caller sent before it heard of the drain may still be on its way; to stop the container then would
     * cut either off. Ours, not measured: it must outlast a thread that waits for a processor.
     */
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Callers who know nothing of draining come on and on; they do not hold the end up for longer. */
    private static final long LONGEST_LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final NanoClock clock;
    private final long graceNanos;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Written under the lock before {@link #draining}, read after it. */
    private long drainingSince;

    /** When a request came or ended last; kept only while draining. */
    private volatile long lastActivity;

    private volatile boolean draining;
    private volatile boolean watched;
    private volatile boolean hasServed;

    InboundDrainStage(NanoClock clock, Duration grace) {
        this.clock = clock;
        this.graceNanos = saturatedNanos(grace);
    }

    @Override
    public InboundAdmission admit(InboundExchange exchange) {
        // Counted before looking: either the drain sees this request, or this request sees the drain.
        inFlight.incrementAndGet();
        noteActivity();
        if (draining && (exchange.isHealthCheck() || clock.nanoTime() - drainingSince >= graceNanos)) {
            countDown();
            return REFUSED;
        }
        if (!hasServed && !exchange.isHealthCheck()) {
            hasServed = true;
        }
        return InboundAdmission.PASS;
    }

    @Override
    public void ended(InboundExchange exchange, int status, @Nullable Throwable failure) {
        noteActivity();
        countDown();
    }

    void drain() {
        lock.lock();
        try {
            if (draining) {
                return;
            }
            drainingSince = clock.nanoTime();
            lastActivity = drainingSince - QUIET_NANOS;
            draining = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        log.info("inbound draining inFlight={} graceMillis={}", inFlight.get(), graceNanos / 1_000_000);
    }

    boolean isDraining() {
        return draining;
    }

    int inFlight() {
        return inFlight.get();
    }

    /**
     * Waits until nothing is in flight and, once draining, nothing more can come: until the grace is over. A process that
     * never served a request has no callers who would need that grace. What has ended gets a moment to be written.
     */
    boolean awaitDrained(Duration limit) throws InterruptedException {
        long limitNanos = saturatedNanos(limit);
        long start = clock.nanoTime();
        long lingersSince = 0;
        boolean lingers = false;
        lock.lockInterruptibly();
        try {
            watched = true;
            while (true) {
                long now = clock.nanoTime();
                boolean isIdle = inFlight.get() == 0;
                long grace = draining && hasServed ? graceNanos - (now - drainingSince) : 0;
                if (isIdle && grace <= 0 && !lingers) {
                    lingers = true;
                    lingersSince = now;
                }
                long quiet = draining ? QUIET_NANOS - (now - lastActivity) : 0;
                if (isIdle && grace <= 0 && (quiet <= 0 || now - lingersSince >= LONGEST_LINGER_NANOS)) {
                    return true;
                }
                long left = limitNanos - (now - start);
                if (left <= 0) {
                    return isIdle;
                }
                changed.awaitNanos(isIdle ? Math.min(left, grace > 0 ? grace : quiet) : left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void noteActivity() {
        if (draining) {
            lastActivity = clock.nanoTime();
        }
    }

    private void countDown() {
        if (inFlight.decrementAndGet() == 0 && watched) {
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private static long saturatedNanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException tooLong) {
            return Long.MAX_VALUE;
        }
    }
}
