package io.intramesh.internal.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.model.Concurrency;
import io.intramesh.testing.FakeNanoClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongUnaryOperator;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The adaptive limit in front of a simulated server that works on some requests at a time and lets the others wait. */
final class GradientLimitTest {
    private static final Concurrency.Gradient WIDE = new Concurrency.Gradient(3, 1000);

    @Test
    void itFindsWhatAServerDoesAtATimeWhateverThatIs() {
        for (int seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int workers = 5 + random.nextInt(60);
            double millis = 2 + random.nextDouble() * 80;
            Server server = new Server(seed, FakeNanoClock.create(), WIDE, workers, millis);

            server.run(30, 2 * server.capacity());
            server.forget();
            server.run(30, 2 * server.capacity());

            String who = "seed " + seed + ", " + workers + " workers of " + millis + " ms: " + server;
            assertThat(server.limit.limit()).as(who).isBetween(workers * 9 / 10, workers * 2 + 3);
            assertThat(server.answeredPerSecond()).as(who).isGreaterThan(0.9 * server.capacity());
            assertThat(server.medianMillis()).as(who).isLessThan(2 * millis);
        }
    }

    @Test
    void anOverloadAtTheVeryBeginningIsNotTakenForTheNorm() {
        Server server = new Server(1, FakeNanoClock.create(), WIDE, 4, 20);

        server.run(20, 4 * server.capacity());
        server.forget();
        server.run(10, 4 * server.capacity());

        assertThat(server.limit.limit()).as(server.toString()).isBetween(4, 11);
        assertThat(server.medianMillis()).as(server.toString()).isLessThan(40);
    }

    @Test
    void anOverloadThatLastsDoesNotBecomeTheNorm() {
        for (int seed = 0; seed < 5; seed++) {
            Server server = new Server(seed, FakeNanoClock.create(), WIDE, 10, 20);

            server.run(900, 3 * server.capacity());

            assertThat(server.limit.limit()).as("seed %d: %s", seed, server).isBetween(9, 23);
        }
    }

    @Test
    void itShrinksWhenTheServerSlowsDownAndComesBack() {
        for (int seed = 0; seed < 10; seed++) {
            Server server = new Server(seed, FakeNanoClock.create(), WIDE, 40, 20);
            double rate = 0.8 * server.capacity();
            server.run(30, rate);
            int before = server.limit.limit();

            // One worker in ten is left.
            server.workers = 4;
            server.run(20, rate);
            int during = server.limit.limit();
            server.workers = 40;
            server.run(20, rate);
            server.forget();
            server.run(10, rate);

            assertThat(before).as("seed %d", seed).isGreaterThanOrEqualTo(32);
            assertThat(during).as("seed %d", seed).isBetween(3, 12);
            assertThat(server.refusedShare()).as("seed %d: %s", seed, server).isLessThan(0.02);
        }
    }

    @Test
    void aServerThatHasBecomeSlowerForGoodGetsItsLimitBack() {
        Server server = new Server(3, FakeNanoClock.create(), WIDE, 30, 10);
        server.run(30, 0.7 * server.capacity());

        // A release that takes four times as long.
        server.millis = 40;
        server.run(60, 0.7 * server.capacity());
        server.forget();
        server.run(20, 0.7 * server.capacity());

        assertThat(server.refusedShare()).as(server.toString()).isLessThan(0.02);
        assertThat(server.limit.limit()).as(server.toString()).isGreaterThanOrEqualTo(30);
    }

    @Test
    void littleTrafficIsNeverRefused() {
        for (int seed = 0; seed < 20; seed++) {
            Server server = new Server(seed, FakeNanoClock.create(), WIDE, 100, 30);

            server.run(600, 5);

            assertThat(server.refused).as("seed %d: %s", seed, server).isZero();
            assertThat(server.limit.limit()).as("seed %d", seed).isEqualTo(GradientLimit.START);
        }
    }

    @Test
    void aServerThatNeverSlowsDownIsNotHeldBack() {
        for (int seed = 0; seed < 10; seed++) {
            Server server = new Server(seed, FakeNanoClock.create(), WIDE, 100_000, 50);
            server.isSteady = true;

            server.run(30, 10_000);
            server.forget();
            server.run(120, 10_000);

            // 500 under way on average.
            assertThat(server.limit.limit()).as("seed %d", seed).isBetween(500, 1000);
            assertThat(server.refusedShare()).as("seed %d", seed).isLessThan(0.001);
        }
    }

    @Test
    void whatIsNotUsedDoesNotGrow() {
        Server server = new Server(5, FakeNanoClock.create(), WIDE, 1000, 10);

        server.run(600, 800);

        // 8 under way on average.
        assertThat(server.limit.limit()).as(server.toString()).isLessThan(64);
    }

    @Test
    void itStaysWithinItsBounds() {
        Concurrency.Gradient narrow = new Concurrency.Gradient(8, 12);
        Server slow = new Server(1, FakeNanoClock.create(), narrow, 1, 20);
        Server quick = new Server(1, FakeNanoClock.create(), narrow, 1000, 20);

        slow.run(60, 500);
        quick.run(60, 5000);

        assertThat(slow.limit.limit()).isBetween(8, 12);
        assertThat(quick.limit.limit()).isEqualTo(12);
    }

    @Test
    void quickFailuresDoNotPassForAQuickServer() {
        Server server = new Server(2, FakeNanoClock.create(), WIDE, 10, 20);
        server.run(30, 1.5 * server.capacity());
        int before = server.limit.limit();

        // Whatever it cannot do at once it fails in a tenth of a millisecond.
        server.failsFastBeyond = 10;
        server.run(60, 20 * server.capacity());

        assertThat(server.limit.limit()).as(server.toString()).isLessThanOrEqualTo(2 * before);
    }

    @Test
    void errorsThatHaveNothingToDoWithLoadCostNothing() {
        Server server = new Server(2, FakeNanoClock.create(), WIDE, 50, 20);
        server.run(30, 0.6 * server.capacity());

        server.failingShare = 0.3;
        server.forget();
        server.run(120, 0.6 * server.capacity());

        assertThat(server.refusedShare()).as(server.toString()).isLessThan(0.01);
    }

    @Test
    void dropsCutTheLimitToItsMinimum() {
        Server server = new Server(2, FakeNanoClock.create(), WIDE, 50, 20);
        server.run(30, 0.8 * server.capacity());
        int before = server.limit.limit();

        server.droppingShare = 1;
        server.run(10, 0.8 * server.capacity());
        int during = server.limit.limit();
        server.droppingShare = 0;
        server.run(20, 0.8 * server.capacity());

        assertThat(before).isGreaterThan(35);
        assertThat(during).isEqualTo(3);
        assertThat(server.limit.limit()).as(server.toString()).isGreaterThan(35);
    }

    @Test
    void fewDropsAreNoSign() {
        Server server = new Server(2, FakeNanoClock.create(), WIDE, 50, 20);
        server.run(30, 0.6 * server.capacity());

        server.droppingShare = 0.02;
        server.forget();
        server.run(60, 0.6 * server.capacity());

        assertThat(server.refusedShare()).as(server.toString()).isLessThan(0.02);
    }

    @Test
    void timeOutsCountByTheirLength() {
        Server server = new Server(2, FakeNanoClock.create(), WIDE, 50, 20);
        server.run(30, 0.8 * server.capacity());

        // Everything ends in an error after a second.
        server.millis = 1000;
        server.failingShare = 1;
        server.run(30, 800);

        assertThat(server.limit.limit()).as(server.toString()).isLessThan(10);
    }

    @Test
    void theClockMayWrap() {
        Server one = new Server(9, FakeNanoClock.create(), WIDE, 10, 20);
        Server wrapping = new Server(9, FakeNanoClock.aboutToWrap(), WIDE, 10, 20);

        one.run(90, 2 * one.capacity());
        wrapping.run(90, 2 * wrapping.capacity());

        assertThat(wrapping).hasToString(one.toString());
    }

    @Test
    void aLimitThatIsSetAnewKeepsItsCount() {
        FakeNanoClock clock = FakeNanoClock.create();
        RequestLimit limit = new RequestLimit(new Concurrency.Fixed(2), clock, new SplittableRandom(1));
        limit.tryAcquire();
        limit.tryAcquire();

        limit.configure(WIDE);
        boolean adaptive = limit.tryAcquire();
        limit.configure(new Concurrency.Fixed(3));
        boolean fixed = limit.tryAcquire();

        assertThat(adaptive).isTrue();
        assertThat(fixed).isFalse();
        assertThat(limit.inUse()).isEqualTo(3);
        assertThat(limit.refused()).isEqualTo(1);
        assertThat(limit.describe()).isEqualTo("3 of 3 requests under way");
    }

    @Test
    void equalSettingsKeepWhatWasLearnt() {
        Server server = new Server(4, FakeNanoClock.create(), WIDE, 100, 20);
        server.run(30, 0.9 * server.capacity());
        int learnt = server.limit.limit();

        server.limit.configure(new Concurrency.Gradient(3, 1000));

        assertThat(learnt).isGreaterThan(GradientLimit.START);
        assertThat(server.limit.limit()).isEqualTo(learnt);
        assertThat(server.limit.describe()).contains(" of " + learnt + " requests under way (adaptive, 3 to 1000; ");
    }

    @Test
    void otherBoundsKeepWhatWasLearntWithinThem() {
        Server server = new Server(4, FakeNanoClock.create(), WIDE, 100, 20);
        server.run(30, 0.9 * server.capacity());
        int learnt = server.limit.limit();

        server.limit.configure(new Concurrency.Gradient(5, 2000));
        int wider = server.limit.limit();
        server.limit.configure(new Concurrency.Gradient(5, 30));
        int narrower = server.limit.limit();
        server.limit.configure(new Concurrency.Fixed(40));
        server.run(5, 5 * server.capacity());

        assertThat(learnt).isGreaterThan(40);
        assertThat(wider).isEqualTo(learnt);
        assertThat(narrower).isEqualTo(30);
        assertThat(server.limit.limit()).as("whatever is observed").isEqualTo(40);
    }

    @Test
    void manyThreadsNeverExceedItAndGiveAllBack() throws Exception {
        FakeNanoClock clock = FakeNanoClock.create();
        RequestLimit limit = new RequestLimit(new Concurrency.Gradient(5, 50), clock, new SplittableRandom(1));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        AtomicInteger most = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(4);

        for (int thread = 0; thread < 4; thread++) {
            SplittableRandom random = new SplittableRandom(thread);
            threads.execute(() -> {
                for (int i = 0; i < 50_000; i++) {
                    if (limit.tryAcquire()) {
                        most.accumulateAndGet(limit.inUse(), Math::max);
                        long start = clock.nanoTime() - random.nextInt(10_000_000);
                        clock.advance(Duration.ofNanos(20_000));
                        switch (random.nextInt(10)) {
                            case 0 -> limit.dropped();
                            case 1 -> limit.failed(start);
                            default -> limit.succeeded(start);
                        }
                        limit.release();
                    }
                }
                done.countDown();
            });
        }

        assertThat(done.await(1, TimeUnit.MINUTES)).isTrue();
        threads.shutdown();
        assertThat(limit.inUse()).isZero();
        assertThat(most.get()).isLessThanOrEqualTo(50);
        assertThat(limit.limit()).isBetween(5, 50);
    }

    @Test
    void theMiddleHalfIsNotMovedByWhatIsStuck() {
        Latencies latencies = new Latencies();
        for (int i = 0; i < 80; i++) {
            latencies.record(TimeUnit.MILLISECONDS.toNanos(10));
        }
        for (int i = 0; i < 20; i++) {
            latencies.record(Long.MAX_VALUE);
        }

        double midmean = latencies.takeMidmean();

        assertThat(midmean).isBetween(9.7e6, 10.3e6);
        assertThat(latencies.takeMidmean()).isZero();
    }

    @Test
    void latenciesAreReadBackWithinThreePercent() {
        RandomGenerator random = new SplittableRandom(11);
        for (int i = 0; i < 10_000; i++) {
            long nanos = (long) Math.exp(Math.log(1100) + random.nextDouble() * 20);
            Latencies latencies = new Latencies();

            latencies.record(nanos);

            assertThat(latencies.takeMidmean() / nanos).as("%d ns", nanos).isBetween(0.968, 1.032);
        }
    }

    /** Requests come at random; a number of workers serves them in turn. */
    private static final class Server {
        private final RandomGenerator random;
        private final FakeNanoClock clock;
        private final RequestLimit limit;
        private final PriorityQueue<Work> busy = new PriorityQueue<>();
        private final ArrayDeque<Work> queue = new ArrayDeque<>();
        private final List<Long> took = new ArrayList<>();
        private int workers;
        private double millis;
        private boolean isSteady;
        private int failsFastBeyond = Integer.MAX_VALUE;
        private double failingShare;
        private double droppingShare;
        private int refused;
        private int asked;
        private long now;
        private long forgotten;

        Server(long seed, FakeNanoClock clock, Concurrency settings, int workers, double millis) {
            this.random = new SplittableRandom(seed);
            this.clock = clock;
            this.limit = new RequestLimit(settings, clock, new SplittableRandom(seed + 1));
            this.workers = workers;
            this.millis = millis;
        }

        /** Returns how many it can answer in a second. */
        double capacity() {
            return workers * 1000 / millis;
        }

        void run(int seconds, double perSecond) {
            long end = now + TimeUnit.SECONDS.toNanos(seconds);
            LongUnaryOperator next =
                    from -> from + Math.max(1, (long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9));
            long arrival = next.applyAsLong(now);
            while (true) {
                Work first = busy.peek();
                if (first != null && first.end - arrival <= 0) {
                    if (first.end > end) {
                        return;
                    }
                    moveTo(first.end);
                    finish(busy.remove());
                } else {
                    if (arrival > end) {
                        return;
                    }
                    moveTo(arrival);
                    arrive();
                    arrival = next.applyAsLong(arrival);
                }
            }
        }

        void forget() {
            took.clear();
            refused = 0;
            asked = 0;
            forgotten = now;
        }

        private void moveTo(long time) {
            clock.advance(Duration.ofNanos(time - now));
            now = time;
        }

        private void arrive() {
            asked++;
            if (!limit.tryAcquire()) {
                refused++;
                return;
            }
            Work work = new Work(clock.nanoTime(), now);
            if (busy.size() >= failsFastBeyond) {
                work.isRefused = true;
                work.end = now + 100_000;
                busy.add(work);
            } else if (busy.size() < workers) {
                begin(work);
            } else {
                queue.add(work);
            }
        }

        private void begin(Work work) {
            // Times vary by half in both directions, as those of one kind of request do.
            double factor = isSteady ? 1 : 0.5 + random.nextDouble();
            work.end = now + (long) (millis * 1e6 * factor);
            busy.add(work);
        }

        private void finish(Work work) {
            if (random.nextDouble() < droppingShare) {
                limit.dropped();
            } else if (work.isRefused || random.nextDouble() < failingShare) {
                limit.failed(work.startNanos);
            } else {
                limit.succeeded(work.startNanos);
                took.add(now - work.came);
            }
            limit.release();
            while (busy.size() < workers && !queue.isEmpty()) {
                begin(queue.remove());
            }
        }

        double medianMillis() {
            Collections.sort(took);
            return took.get(took.size() / 2) / 1e6;
        }

        double answeredPerSecond() {
            return took.size() * 1e9 / (now - forgotten);
        }

        double refusedShare() {
            return (double) refused / asked;
        }

        @Override
        public String toString() {
            return limit.describe() + ", refused " + refused + " of " + asked + ", answered " + took.size()
                    + (took.isEmpty() ? "" : ", median " + medianMillis() + " ms");
        }
    }

    private static final class Work implements Comparable<Work> {
        private final long startNanos;
        private final long came;
        private long end;
        private boolean isRefused;

        Work(long startNanos, long came) {
            this.startNanos = startNanos;
            this.came = came;
        }

        @Override
        public int compareTo(Work other) {
            return Long.compare(end, other.end);
        }
    }
}
