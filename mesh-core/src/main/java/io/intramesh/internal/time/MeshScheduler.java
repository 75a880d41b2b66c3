package io.intramesh.internal.time;

import java.time.Duration;

/** Runs tasks one at a time, in order of their due time. Safe for use by several threads. */
public interface MeshScheduler {

    /** Runs a task soon. Ignored after the scheduler has stopped. */
    void execute(Runnable task);

    /** Runs a task once after a delay. Ignored after the scheduler has stopped. */
    Task schedule(Runnable task, Duration delay);

    /** Tells whether the current thread is the one that runs the tasks. */
    boolean isSchedulerThread();

    /** A task that has not run yet. */
    interface Task {
        /** Forgets the task if it has not begun. Idempotent. */
        void cancel();
    }
}
