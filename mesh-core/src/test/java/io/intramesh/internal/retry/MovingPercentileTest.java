package io.intramesh.internal.retry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MovingPercentileTest {
    private static final long SLICE = MovingPercentile.SLICE_NANOS;

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 1_500_000_000L})
    void itIsAtMostASixteenthAboveTheTruth(long origin) {
        for (int percent : new int[] {1, 5, 50}) {
            long seed = 40L + percent;
            Random random = new Random(seed);
            MovingPercentile moving = new MovingPercentile(origin);
            long[] durations = new long[10_000];
            for (int i = 0; i < durations.length; i++) {
                // From microseconds to minutes, spread over the magnitudes.
                durations[i] = (long) Math.pow(10, 3 + 8 * random.nextDouble());
                moving.add(origin + i * SLICE / durations.length, durations[i]);
            }

            long found = moving.allBut(origin + SLICE, percent);

            Arrays.sort(durations);
            long truth = durations[durations.length - durations.length * percent / 100 - 1];
            assertThat(found).as("seed %d, all but %d %%", seed, percent).isBetween(truth, truth + truth / 16 + 1000);
        }
    }

    @Test
    void withFewerThanOneForEachShareThereIsNoAnswer() {
        MovingPercentile moving = new MovingPercentile(0);
        for (int i = 0; i < 99; i++) {
            moving.add(0, 1_000_000);
        }

        assertThat(moving.allBut(SLICE, 1)).isZero();
        assertThat(moving.allBut(SLICE, 2)).isBetween(1_000_000L, 1_063_000L);
        moving.add(SLICE, 1_000_000);
        assertThat(moving.allBut(2 * SLICE, 1)).isBetween(1_000_000L, 1_063_000L);
    }

    @Test
    void whatHasJustBegunDoesNotCountYetAndWhatIsHalfAMinuteOldNoLonger() {
        MovingPercentile moving = new MovingPercentile(0);
        add(moving, 0, 1_000_000);

        assertThat(moving.allBut(SLICE - 1, 10)).isZero();
        assertThat(moving.allBut(SLICE, 10)).isPositive();
        assertThat(moving.allBut(MovingPercentile.SLICES * SLICE, 10)).isPositive();
        assertThat(moving.allBut((MovingPercentile.SLICES + 1) * SLICE, 10)).isZero();
    }

    @Test
    void itFollowsALatencyThatChanges() {
        MovingPercentile moving = new MovingPercentile(0);
        for (int slice = 0; slice < 20; slice++) {
            add(moving, slice * SLICE, 1_000_000);
        }
        for (int slice = 20; slice < 40; slice++) {
            add(moving, slice * SLICE, 8_000_000);
        }

        assertThat(moving.allBut(21 * SLICE, 9)).isGreaterThan(7_900_000);
        assertThat(moving.allBut(40 * SLICE, 50)).isBetween(8_000_000L, 8_500_000L);
    }

    @Test
    void nothingIsLostBetweenThreads() throws Exception {
        MovingPercentile moving = new MovingPercentile(0);
        int threads = 4;
        int each = 25_000;
        CountDownLatch over = new CountDownLatch(threads);
        for (int t = 0; t < threads; t++) {
            int offset = t;
            new Thread(() -> {
                        for (int i = 0; i < each; i++) {
                            // All of them cross from slice to slice; one in a hundred is slow.
                            moving.add(i * 2L * SLICE / each, i % 100 == offset ? 50_000_000 : 1_000_000);
                        }
                        over.countDown();
                    })
                    .start();
        }
        assertThat(over.await(30, TimeUnit.SECONDS)).isTrue();

        // Exactly one in a hundred: with one more or less of the fast ones the answer would be theirs.
        assertThat(moving.allBut(3 * SLICE, 1)).isBetween(1_000_000L, 1_063_000L);
    }

    private static void add(MovingPercentile moving, long now, long nanos) {
        for (int i = 0; i < 100; i++) {
            moving.add(now, nanos);
        }
    }
}
