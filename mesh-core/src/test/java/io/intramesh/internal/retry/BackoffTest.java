package io.intramesh.internal.retry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class BackoffTest {
    @Test
    void pausesSpreadEvenlyUpToABoundThatDoublesToACap() {
        long[] boundsMillis = {25, 75, 175, 250, 250, 250};
        long seed = System.nanoTime();
        Random chance = new Random(seed);
        for (int retry = 1; retry <= boundsMillis.length; retry++) {
            long bound = boundsMillis[retry - 1] * 1_000_000;
            int draws = 20_000;
            double sum = 0;
            for (int i = 0; i < draws; i++) {
                long pause = Backoff.pauseNanos(retry, chance);
                assertThat(pause).as("retry %d, seed %d", retry, seed).isBetween(0L, bound - 1);
                sum += pause;
            }
            // The mean of an even spread is half the bound; 20 000 draws miss it by 0.2 % at one sigma.
            assertThat(sum / draws / bound).as("retry %d, seed %d", retry, seed).isBetween(0.48, 0.52);
        }
    }

    @Test
    void theLargestNumberOfRetriesThatAppMeshKnewDoesNotOverflow() {
        assertThat(Backoff.pauseNanos(Long.MAX_VALUE, new Random(1))).isBetween(0L, 250_000_000L);
    }
}
