package io.intramesh.testing;

import static java.util.Objects.requireNonNull;

import io.intramesh.internal.time.MeshScheduler;
import java.time.Duration;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A scheduler whose time is a {@link FakeNanoClock}: tasks run in the calling thread, in the order of their due time, and
 * only when the test says so.
 *
 * <pre>{@code
 * FakeScheduler scheduler = FakeScheduler.create();
 * scheduler.schedule(task, Duration.ofSeconds(5));
 * scheduler.advance(Duration.ofSeconds(5)); // runs the task; the clock reads five seconds more
 * }</pre>
 *
 * <p>Any thread may add tasks; one thread at a time may run them.
 */
public final class FakeScheduler implements MeshScheduler {
    private final FakeNanoClock clock;
    private final long start;

    // Guarded by this.
    private final NavigableSet<FakeTask> tasks = new TreeSet<>();
    private long nextNumber;
    private @Nullable Thread runner;
    private boolean stopped;

    private FakeScheduler(FakeNanoClock clock) {
        this.clock = clock;
        this.start = clock.nanoTime();
    }

    /** Returns a scheduler with a clock of its own. */
    public static FakeScheduler create() {
        return on(FakeNanoClock.create());
    }

    /** Returns a scheduler that shares a clock. Only the scheduler may advance it from then on. */
    public static FakeScheduler on(FakeNanoClock clock) {
        return new FakeScheduler(requireNonNull(clock, "clock"));
    }

    /** Returns the clock that {@link #advance} moves. */
    public FakeNanoClock clock() {
        return clock;
    }

    @Override
    public void execute(Runnable task) {
        schedule(task, Duration.ZERO);
    }

    @Override
    public synchronized Task schedule(Runnable task, Duration delay) {
        long wait = Math.max(0, delay.toNanos());
        FakeTask created = new FakeTask(requireNonNull(task, "task"), elapsed() + wait, nextNumber++);
        if (!stopped) {
            tasks.add(created);
        }
        return created;
    }

    @Override
    public synchronized boolean isSchedulerThread() {
        return runner == Thread.currentThread();
    }

    /** Runs what is due now, and what that makes due now. Returns the number of tasks that ran. */
    public int runDue() {
        return advance(Duration.ZERO);
    }

    /**
     * Lets the time pass and runs what falls due, each task at its own due time. Returns the number of tasks that ran. A
     * task that throws ends the advance; the exception reaches the caller.
     */
    public int advance(Duration by) {
        long end = elapsed() + by.toNanos();
        int count = 0;
        for (FakeTask task = takeDue(end); task != null; task = takeDue(end)) {
            clock.advance(Duration.ofNanos(Math.max(0, task.due - elapsed())));
            run(task);
            count++;
        }
        clock.advance(Duration.ofNanos(end - elapsed()));
        return count;
    }

    /** Returns how many tasks wait, due or not. */
    public synchronized int waiting() {
        return tasks.size();
    }

    /** Returns how long until the next task is due: zero where one is due now, null where none waits. */
    public synchronized @Nullable Duration untilNext() {
        FakeTask next = first();
        return next == null ? null : Duration.ofNanos(Math.max(0, next.due - elapsed()));
    }

    /** Forgets every task, and ignores those to come, as a scheduler does that was stopped. */
    public synchronized void stop() {
        stopped = true;
        tasks.clear();
    }

    private void run(FakeTask task) {
        Thread outer;
        synchronized (this) {
            outer = runner;
            runner = Thread.currentThread();
        }
        try {
            task.action.run();
        } finally {
            synchronized (this) {
                runner = outer;
            }
        }
    }

    private synchronized @Nullable FakeTask takeDue(long end) {
        FakeTask next = first();
        if (next == null || next.due > end) {
            return null;
        }
        tasks.remove(next);
        return next;
    }

    private synchronized @Nullable FakeTask first() {
        return tasks.isEmpty() ? null : tasks.first();
    }

    /** Counts from the start, so that a clock that wraps does not matter. */
    private long elapsed() {
        return clock.nanoTime() - start;
    }

    private synchronized void forget(FakeTask task) {
        tasks.remove(task);
    }

    /** No two have the same number, so the order agrees with identity. */
    private final class FakeTask implements Task, Comparable<FakeTask> {
        private final Runnable action;
        private final long due;
        private final long number;

        FakeTask(Runnable action, long due, long number) {
            this.action = action;
            this.due = due;
            this.number = number;
        }

        @Override
        public int compareTo(FakeTask other) {
            int byDue = Long.compare(due, other.due);
            return byDue == 0 ? Long.compare(number, other.number) : byDue;
        }

        @Override
        public void cancel() {
            forget(this);
        }
    }
}
