package io.intramesh.internal.time;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one daemon thread of a mesh: timers, health checks and compiling. It starts with its first task. */
public final class MeshThread implements MeshScheduler, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MeshThread.class);
    private static final long CLOSE_WAIT_SECONDS = 5;

    private final ScheduledThreadPoolExecutor executor;
    private volatile @Nullable Thread thread;

    public MeshThread(String name) {
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread created = new Thread(task, name);
            created.setDaemon(true);
            thread = created;
            return created;
        });
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public void execute(Runnable task) {
        try {
            executor.execute(guarded(task));
        } catch (RejectedExecutionException stopped) {
            log.debug("task ignored reason=stopped");
        }
    }

    @Override
    public Task schedule(Runnable task, Duration delay) {
        try {
            Future<?> future = executor.schedule(guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException stopped) {
            return () -> {};
        }
    }

    @Override
    public boolean isSchedulerThread() {
        return Thread.currentThread() == thread;
    }

    /** Stops after the task that runs, if one does, and waits for its end. Idempotent. */
    @Override
    public void close() {
        executor.shutdownNow();
        if (isSchedulerThread()) {
            return;
        }
        try {
            if (!executor.awaitTermination(CLOSE_WAIT_SECONDS, TimeUnit.SECONDS)) {
                log.warn("mesh thread still busy after={}s", CLOSE_WAIT_SECONDS);
                return;
            }
            Thread ending = thread;
            if (ending != null) {
                // The pool counts as ended a moment before its thread is.
                ending.join(TimeUnit.SECONDS.toMillis(CLOSE_WAIT_SECONDS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                log.error("mesh task failed task={}", task, e);
            }
        };
    }
}
