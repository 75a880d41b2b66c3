package io.intramesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.call.MeshRequest;
import io.intramesh.call.Outbound;
import io.intramesh.call.OutboundCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AttemptTimersTest {
    private static final long MILLIS = 1_000_000;

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 50 * MILLIS})
    void whatIsNotLeftInTimeHasItsTimeUpThen(long start) {
        VirtualOutbound outbound = new VirtualOutbound(start);
        AttemptTimers timers = new AttemptTimers(outbound);
        Limit first = new Limit();
        Limit second = new Limit();

        timers.enter(first, start + 100 * MILLIS);
        timers.enter(second, start + 150 * MILLIS);
        outbound.advance(99 * MILLIS);
        assertThat(first.ends).isEmpty();
        outbound.advance(MILLIS);
        assertThat(first.ends).containsExactly("up");
        assertThat(second.ends).isEmpty();
        outbound.advance(50 * MILLIS);

        assertThat(second.ends).containsExactly("up");
        assertThat(timers.leave(first)).isFalse();
        assertThat(outbound.tasks).isEmpty();
    }

    @Test
    void whatIsLeftInTimeHearsNothing() {
        VirtualOutbound outbound = new VirtualOutbound(0);
        AttemptTimers timers = new AttemptTimers(outbound);
        Limit limit = new Limit();

        timers.enter(limit, 100 * MILLIS);

        assertThat(timers.leave(limit)).isTrue();
        assertThat(timers.leave(limit)).isFalse();
        outbound.advance(200 * MILLIS);
        assertThat(limit.ends).isEmpty();
    }

    @Test
    void aShorterLimitThatBeginsLaterIsUpFirst() {
        VirtualOutbound outbound = new VirtualOutbound(0);
        AttemptTimers timers = new AttemptTimers(outbound);
        Limit hour = new Limit();
        Limit instant = new Limit();

        timers.enter(hour, 3_600_000 * MILLIS);
        outbound.advance(500 * MILLIS);
        timers.enter(instant, 501 * MILLIS);
        outbound.advance(MILLIS);

        assertThat(instant.ends).containsExactly("up");
        assertThat(hour.ends).isEmpty();
        assertThat(outbound.tasks)
                .as("the one that was planned before, and what took its place")
                .hasSize(2);
        outbound.advance(10_000 * MILLIS);
        assertThat(outbound.tasks).hasSize(1);
        outbound.advance(3_600_000 * MILLIS);
        assertThat(hour.ends).containsExactly("up");
    }

    @Test
    void manyLimitsCostOneTask() {
        VirtualOutbound outbound = new VirtualOutbound(0);
        AttemptTimers timers = new AttemptTimers(outbound);
        List<Limit> limits = new ArrayList<>();

        for (int i = 0; i < 1000; i++) {
            Limit limit = new Limit();
            limits.add(limit);
            timers.enter(limit, (100 + i % 10) * MILLIS);
        }

        assertThat(outbound.tasks).hasSize(1);
        outbound.advance(109 * MILLIS);
        assertThat(limits).allMatch(limit -> limit.ends.equals(List.of("up")));
        assertThat(outbound.tasks).isEmpty();
    }

    @Test
    void whenTheMeshIsClosedLimitsGoOnElsewhere() {
        VirtualOutbound outbound = new VirtualOutbound(0);
        AttemptTimers timers = new AttemptTimers(outbound);
        Limit before = new Limit();
        timers.enter(before, 100 * MILLIS);

        outbound.close();
        Limit after = new Limit();
        timers.enter(after, 30 * MILLIS);

        assertThat(before.ends).containsExactly("100 ms left");
        assertThat(after.ends).containsExactly("30 ms left");
    }

    @Test
    void threadsThatComeAndGoLoseNothing() throws Exception {
        long seed = RandomGenerator.getDefault().nextLong();
        try (FakeOutbound outbound = new FakeOutbound()) {
            AttemptTimers timers = new AttemptTimers(outbound);
            ExecutorService threads = Executors.newFixedThreadPool(8);
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                long own = seed + i;
                done.add(threads.submit(() -> {
                    RandomGenerator random =
                            RandomGeneratorFactory.of("L64X128MixRandom").create(own);
                    for (int round = 0; round < 2_000; round++) {
                        Limit limit = new Limit();
                        long due = outbound.nanoTime() + random.nextInt(1, 60_000);
                        timers.enter(limit, due);
                        if (round % 3 == 0) {
                            while (limit.ends.isEmpty() && outbound.nanoTime() - due < 10_000 * MILLIS) {
                                Thread.onSpinWait();
                            }
                            assertThat(limit.ends).as("seed %s", seed).containsExactly("up");
                        } else if (!timers.leave(limit)) {
                            assertThat(outbound.nanoTime() - due)
                                    .as("seed %s", seed)
                                    .isNotNegative();
                        }
                    }
                }));
            }
            for (Future<?> each : done) {
                each.get(60, TimeUnit.SECONDS);
            }
            threads.shutdown();
        }
    }

    private static final class Limit implements AttemptTimers.Timed {
        private int slot;
        private long due;
        private final List<String> ends = new CopyOnWriteArrayList<>();

        @Override
        public void inSlot(int value) {
            slot = value;
        }

        @Override
        public int slot() {
            return slot;
        }

        @Override
        public void dueAt(long nanos) {
            due = nanos;
        }

        @Override
        public long dueNanos() {
            return due;
        }

        @Override
        public void timeUp() {
            ends.add("up");
        }

        @Override
        public void untimed(long leftNanos) {
            ends.add(leftNanos / MILLIS + " ms left");
        }
    }

    /** A mesh's clock and timer in virtual time. */
    private static final class VirtualOutbound implements Outbound {
        private record Task(long due, Runnable run) {}

        private final PriorityQueue<Task> tasks;
        private long now;
        private boolean isClosed;

        VirtualOutbound(long start) {
            now = start;
            tasks = new PriorityQueue<>(Comparator.comparingLong(task -> task.due() - start));
        }

        void advance(long nanos) {
            long end = now + nanos;
            for (Task next = tasks.peek(); next != null && next.due() - end <= 0; next = tasks.peek()) {
                now = next.due();
                tasks.remove();
                next.run().run();
            }
            now = end;
        }

        void close() {
            isClosed = true;
            while (!tasks.isEmpty()) {
                tasks.remove().run().run();
            }
        }

        @Override
        public OutboundCall begin(MeshRequest request) {
            throw new AssertionError("no call is made here");
        }

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public void schedule(Runnable task, Duration pause, Executor executor) {
            if (isClosed) {
                executor.execute(task);
            } else {
                tasks.add(new Task(now + pause.toNanos(), task));
            }
        }
    }
}
