package io.intramesh.okhttp;

import io.intramesh.call.Attempt;
import io.intramesh.call.OutboundCall;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Response;
import okio.AsyncTimeout;
import okio.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that a second one may run beside, until one of them decides. The first runs where it would have run alone, a blocking
 * call on the thread of its caller; a timer of okio, no thread, waits beside it; the second runs on the dispatcher. There is a race
 * only for calls that may hedge.
 *
 * <p>The call is still driven by one thread at a time: what comes of the attempts, and the timer, are put into a queue, and
 * whichever thread finds nobody at work on it works it off. So reports are taken in turn and without a lock, and each sees what
 * the one before it did.
 */
final class HedgeRace {
    private static final AtomicIntegerFieldUpdater<HedgeRace> WAITING =
            AtomicIntegerFieldUpdater.newUpdater(HedgeRace.class, "waiting");

    private final LogicalCall logical;
    private final OutboundCall outbound;
    private final Alarm alarm;
    private final Queue<Runnable> reports = new ConcurrentLinkedQueue<>();

    /** Reports that are not worked off yet; whoever takes it from 0 to 1 is at work. */
    @SuppressWarnings("unused") // through the updater
    private volatile int waiting;

    // Touched by whoever is at work, after the constructor.
    private AttemptCall first;
    private @Nullable AttemptCall second;
    private boolean firstIsOver;
    private boolean secondIsOver;
    private boolean decided;

    /** Opens once the race is decided; null where nobody blocks on it. */
    private LogicalCall.@Nullable Latch latch;

    // Written before the latch opens.
    private @Nullable Response answer;
    private @Nullable Exception failure;

    /**
     * @param delayNanos how long the first attempt may stay unanswered before another one begins
     */
    HedgeRace(LogicalCall logical, OutboundCall outbound, AttemptCall first, long delayNanos) {
        this.logical = logical;
        this.outbound = outbound;
        this.first = first;
        this.alarm = new Alarm(delayNanos);
    }

    /** Runs on this thread, and returns the answer, or null where the mesh wants another attempt. */
    @Nullable
    Response run() throws IOException {
        LogicalCall.Latch decision = new LogicalCall.Latch();
        AttemptCall own = first;
        latch = decision;
        alarm.enter();
        try {
            Response response = own.execute();
            take(() -> answered(own, response));
        } catch (InterruptedIOException e) {
            // With an interrupt the application wants an end, whatever the other attempt may bring.
            take(Thread.currentThread().isInterrupted() ? () -> giveUp(e) : () -> failed(own, e));
        } catch (IOException e) {
            take(() -> failed(own, e));
        } catch (RuntimeException | Error e) {
            take(() -> giveUp(new IOException("canceled due to " + e, e)));
            decision.awaitUninterruptibly();
            Response unwanted = answer;
            if (unwanted != null) {
                unwanted.close();
            }
            throw e;
        }
        try {
            decision.await(Timeout.NONE);
        } catch (InterruptedIOException e) {
            take(() -> giveUp(e));
            decision.awaitUninterruptibly();
        }
        Exception thrown = failure;
        if (thrown instanceof IOException io) {
            throw io;
        }
        if (thrown instanceof RuntimeException defect) {
            throw defect;
        }
        return answer;
    }

    /** Runs on the dispatcher; the call goes on from there. */
    void start() {
        alarm.enter();
        first.enqueue(new Report(first));
    }

    /** Takes a report, and works off whatever there is unless somebody does. What follows from a decision runs after that. */
    private void take(Runnable report) {
        reports.add(report);
        if (WAITING.getAndIncrement(this) != 0) {
            return;
        }
        boolean decidesHere = false;
        int done = 1;
        do {
            Runnable next;
            while ((next = reports.poll()) != null) {
                boolean before = decided;
                next.run();
                decidesHere |= decided && !before;
            }
            done = WAITING.addAndGet(this, -done);
        } while (done != 0);
        if (decidesHere) {
            goOn();
        }
    }

    private void goOn() {
        LogicalCall.Latch blocked = latch;
        if (blocked != null) {
            blocked.run();
            return;
        }
        logical.attemptsSettled(answer, failure);
    }

    // ---- one at a time

    private void begin() {
        if (decided || logical.isAborted()) {
            return;
        }
        try {
            Attempt hedge = outbound.hedge();
            if (hedge != null) {
                AttemptCall other = logical.beside(hedge);
                second = other;
                other.enqueue(new Report(other));
            }
        } catch (RuntimeException e) {
            giveUp(e);
        }
    }

    private void answered(AttemptCall attempt, Response response) {
        over(attempt);
        if (decided) {
            response.close();
            return;
        }
        try {
            Response settled = logical.settle(attempt, response);
            if (settled != null) {
                decide(attempt, settled, null);
            } else if (!logical.awaitsOther()) {
                decide(null, null, null);
            }
        } catch (IOException e) {
            decide(null, null, e);
        } catch (RuntimeException e) {
            response.close();
            giveUp(e);
        }
    }

    private void failed(AttemptCall attempt, IOException thrown) {
        over(attempt);
        if (decided) {
            return;
        }
        try {
            logical.settle(attempt, thrown);
            AttemptCall again = logical.resent(attempt);
            if (again != null) {
                replace(attempt, again);
                again.enqueue(new Report(again));
            } else if (!logical.awaitsOther()) {
                decide(null, null, null);
            }
        } catch (IOException e) {
            decide(null, null, e);
        } catch (RuntimeException e) {
            giveUp(e);
        }
    }

    private void giveUp(Exception thrown) {
        if (!decided) {
            decide(null, null, thrown);
            outbound.cancel();
        }
    }

    /** Ends the race, and with it whichever attempt is still under way. */
    private void decide(@Nullable AttemptCall winner, @Nullable Response settled, @Nullable Exception thrown) {
        decided = true;
        answer = settled;
        failure = thrown;
        alarm.exit();
        AttemptCall other = second;
        if (!firstIsOver) {
            drop(first);
        }
        if (other != null) {
            if (!secondIsOver) {
                drop(other);
            }
            logical.decidedBy(winner == null ? first : winner);
        }
    }

    private void replace(AttemptCall lost, AttemptCall by) {
        if (lost == first) {
            first = by;
            firstIsOver = false;
        } else {
            second = by;
            secondIsOver = false;
        }
    }

    private void over(AttemptCall attempt) {
        if (attempt == first) {
            firstIsOver = true;
        } else {
            secondIsOver = true;
        }
    }

    private static void drop(AttemptCall loser) {
        loser.abandon();
        loser.cancel();
    }

    // ---- reporters

    /** Takes what comes of an attempt on a thread of the dispatcher. */
    private final class Report implements Callback {
        private final AttemptCall attempt;

        private Report(AttemptCall attempt) {
            this.attempt = attempt;
        }

        @Override
        public void onResponse(Call inner, Response response) {
            IOException late = attempt.late(response);
            take(late == null ? () -> answered(attempt, response) : () -> failed(attempt, late));
        }

        @Override
        public void onFailure(Call inner, IOException thrown) {
            IOException known = attempt.orLate(thrown);
            take(() -> failed(attempt, known));
        }
    }

    /** Goes off when the first attempt has stayed unanswered for long enough. */
    private final class Alarm extends AsyncTimeout {
        private Alarm(long delayNanos) {
            timeout(delayNanos, TimeUnit.NANOSECONDS);
        }

        /** On okio's one thread for all timeouts, which must not do the work. */
        @Override
        protected void timedOut() {
            logical.client().dispatch(() -> take(HedgeRace.this::begin));
        }
    }
}
