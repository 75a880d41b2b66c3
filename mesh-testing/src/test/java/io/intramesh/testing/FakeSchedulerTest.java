package io.intramesh.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.internal.time.MeshScheduler.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each also on a clock that is about to wrap. */
final class FakeSchedulerTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final List<String> ran = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 1_500_000_000L, Long.MAX_VALUE, Long.MIN_VALUE})
    void tasksRunInTheOrderOfTheirTimeEachAtItsOwn(long start) {
        FakeScheduler scheduler = FakeScheduler.on(FakeNanoClock.startingAt(start));
        scheduler.schedule(() -> ran.add("two at " + at(scheduler, start)), SECOND.multipliedBy(2));
        scheduler.schedule(() -> ran.add("one at " + at(scheduler, start)), SECOND);
        scheduler.execute(() -> ran.add("now at " + at(scheduler, start)));
        assertThat(ran).isEmpty();

        assertThat(scheduler.runDue()).isEqualTo(1);
        assertThat(ran).containsExactly("now at 0");

        assertThat(scheduler.advance(SECOND.multipliedBy(3))).isEqualTo(2);
        assertThat(ran).containsExactly("now at 0", "one at 1", "two at 2");
        assertThat(at(scheduler, start)).isEqualTo(3);
        assertThat(scheduler.waiting()).isZero();
        assertThat(scheduler.untilNext()).isNull();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE})
    void tasksThatTasksPlanRunInTheSameAdvanceIfTheyFallDue(long start) {
        FakeScheduler scheduler = FakeScheduler.on(FakeNanoClock.startingAt(start));
        scheduler.schedule(
                () -> {
                    ran.add("first");
                    scheduler.schedule(() -> ran.add("second"), SECOND);
                    scheduler.schedule(() -> ran.add("later"), SECOND.multipliedBy(2));
                },
                SECOND);

        scheduler.advance(SECOND.multipliedBy(2));

        assertThat(ran).containsExactly("first", "second");
        assertThat(scheduler.untilNext()).isEqualTo(SECOND);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE})
    void aCancelledOrStoppedTaskNeverRuns(long start) {
        FakeScheduler scheduler = FakeScheduler.on(FakeNanoClock.startingAt(start));
        Task cancelled = scheduler.schedule(() -> ran.add("cancelled"), SECOND);
        cancelled.cancel();
        cancelled.cancel();
        scheduler.schedule(() -> ran.add("stopped"), SECOND);
        scheduler.stop();
        scheduler.execute(() -> ran.add("after the stop"));

        scheduler.advance(SECOND.multipliedBy(5));

        assertThat(ran).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {0})
    void tasksRunOnTheSchedulersThread(long start) {
        FakeScheduler scheduler = FakeScheduler.on(FakeNanoClock.startingAt(start));
        scheduler.execute(() -> ran.add("inside " + scheduler.isSchedulerThread()));

        scheduler.runDue();

        assertThat(ran).containsExactly("inside true");
        assertThat(scheduler.isSchedulerThread()).isFalse();
    }

    private static long at(FakeScheduler scheduler, long start) {
        return Duration.ofNanos(scheduler.clock().nanoTime() - start).toSeconds();
    }
}
