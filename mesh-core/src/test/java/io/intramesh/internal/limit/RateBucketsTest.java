package io.intramesh.internal.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.model.RateLimit;
import io.intramesh.testing.FakeNanoClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RateBucketsTest {
    private static final long SEED = 20_261_121;
    private static final Duration SECOND = Duration.ofSeconds(1);

    static Stream<FakeNanoClock> clocks() {
        return Stream.of(FakeNanoClock.create(), FakeNanoClock.aboutToWrap());
    }

    @ParameterizedTest
    @MethodSource("clocks")
    void aFullBucketGivesItsBurstAndThenTheRate(FakeNanoClock clock) {
        RateBuckets buckets = buckets(10, 5, clock);
        assertThat(taken(buckets, 20)).isEqualTo(5);

        clock.advance(Duration.ofMillis(1_250));
        // It cannot hold more than its burst, however long it was quiet.
        assertThat(taken(buckets, 20)).isEqualTo(5);

        clock.advance(Duration.ofMillis(250));
        assertThat(taken(buckets, 20)).isEqualTo(2);
        clock.advance(Duration.ofMillis(50));
        assertThat(taken(buckets, 20)).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("clocks")
    void whoComesBackWhenToldIsServed(FakeNanoClock clock) {
        RateBuckets buckets = buckets(3, 1, clock);
        Random chance = new Random(SEED);
        for (int i = 0; i < 1_000; i++) {
            long wait = buckets.take("a");
            if (wait != 0) {
                clock.advance(Duration.ofNanos(wait - 1));
                assertThat(buckets.take("a")).as("seed %d", SEED).isEqualTo(1);
                clock.advance(Duration.ofNanos(1));
                assertThat(buckets.take("a")).as("seed %d", SEED).isZero();
            }
            clock.advance(Duration.ofMillis(chance.nextInt(500)));
        }
    }

    @Test
    void noPeriodEverHoldsMoreThanRateAndBurst() {
        FakeNanoClock clock = FakeNanoClock.create();
        RateBuckets buckets = buckets(50, 20, clock);
        Random chance = new Random(SEED);
        List<Long> taken = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            if (buckets.take(null) == 0) {
                taken.add(clock.nanoTime());
            }
            clock.advance(Duration.ofNanos(chance.nextInt(8_000_000)));
        }

        for (int i = 0; i + 70 < taken.size(); i++) {
            assertThat(taken.get(i + 70) - taken.get(i))
                    .as("seed %d, from %d on", SEED, i)
                    .isGreaterThanOrEqualTo(SECOND.toNanos());
        }
        assertThat(taken.size()).isGreaterThan(3_000);
    }

    @Test
    void keysDoNotTakeFromOneAnother() {
        RateBuckets buckets = buckets(1, 1, FakeNanoClock.create());

        assertThat(buckets.take("a")).isZero();
        assertThat(buckets.take("b")).isZero();
        assertThat(buckets.take(null)).isZero();
        assertThat(buckets.take("a")).isPositive();
        assertThat(buckets.take("b")).isPositive();
        assertThat(buckets.take(null)).isPositive();
    }

    @Test
    void manyKeysBuyNoMoreRoomAndQuietOnesMakeRoom() {
        FakeNanoClock clock = FakeNanoClock.create();
        RateBuckets buckets = buckets(1, 1, clock);
        for (int i = 0; i < RateBuckets.MAX_KEYS; i++) {
            assertThat(buckets.take("key-" + i)).isZero();
        }

        // All buckets are in use: the first further key takes the token of the shared one.
        assertThat(buckets.take("one more")).isZero();
        assertThat(buckets.take("and another")).isPositive();
        assertThat(buckets.take("key-7")).isPositive();

        clock.advance(SECOND);
        assertThat(buckets.take("and another")).isZero();
        assertThat(buckets.take("a third")).isZero();
    }

    @Test
    void threadsTogetherTakeNoMoreThanThereIs() throws Exception {
        RateBuckets buckets = buckets(1, 1_000, FakeNanoClock.create());
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Callable<Integer> task = () -> taken(buckets, 1_000);
            List<Future<Integer>> results = threads.invokeAll(List.of(task, task, task, task));
            int sum = 0;
            for (Future<Integer> result : results) {
                sum += result.get();
            }

            assertThat(sum).isEqualTo(1_000);
        } finally {
            threads.shutdownNow();
        }
    }

    private static int taken(RateBuckets buckets, int tries) {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            taken += buckets.take("a") == 0 ? 1 : 0;
        }
        return taken;
    }

    private static RateBuckets buckets(int requests, int burst, FakeNanoClock clock) {
        return new RateBuckets(new RateLimit(requests, SECOND, burst, new RateLimit.All()), clock);
    }
}
