package io.intramesh.internal.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.internal.retry.RetryBudget.Terms;
import io.intramesh.testing.FakeNanoClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RetryBudgetTest {
    private static final Terms SHARE_ALONE = new Terms(20, 0, 10);

    static List<FakeNanoClock> clocks() {
        return List.of(FakeNanoClock.create(), FakeNanoClock.aboutToWrap());
    }

    @ParameterizedTest
    @MethodSource("clocks")
    void aFifthOfTheCallsMayBeRepeated(FakeNanoClock clock) {
        RetryBudget budget = budget(clock);
        deposit(budget, clock, 1000);

        assertThat(budget.left(clock.nanoTime(), SHARE_ALONE)).isEqualTo(200);
        assertThat(withdraw(budget, clock, SHARE_ALONE, 1000)).isEqualTo(200);
        assertThat(budget.left(clock.nanoTime(), SHARE_ALONE)).isZero();
    }

    @ParameterizedTest
    @MethodSource("clocks")
    void callsCountForTheWindowAndNoLonger(FakeNanoClock clock) {
        RetryBudget budget = budget(clock);
        deposit(budget, clock, 1000);

        clock.advance(Duration.ofSeconds(9));
        assertThat(budget.left(clock.nanoTime(), SHARE_ALONE)).isEqualTo(200);

        clock.advance(Duration.ofSeconds(1));
        assertThat(budget.left(clock.nanoTime(), SHARE_ALONE)).isZero();
    }

    @ParameterizedTest
    @MethodSource("clocks")
    void retriesAreForgottenWithTheWindow(FakeNanoClock clock) {
        RetryBudget budget = budget(clock);
        deposit(budget, clock, 100);
        assertThat(withdraw(budget, clock, SHARE_ALONE, 100)).isEqualTo(20);

        // Retries of the first second's end are 10 s old only now.
        clock.advance(Duration.ofSeconds(11));
        deposit(budget, clock, 100);

        assertThat(withdraw(budget, clock, SHARE_ALONE, 100)).isEqualTo(20);
    }

    @ParameterizedTest
    @MethodSource("clocks")
    void whoIsDownForThirtySecondsGetsThreeWindowsOfRetriesWheneverThatBegins(FakeNanoClock clock) {
        for (int beginsAt = 0; beginsAt < 10; beginsAt++) {
            RetryBudget budget = budget(clock);
            int retries = 0;
            for (int tenth = 0; tenth < 100 + beginsAt + 300; tenth++) {
                deposit(budget, clock, 10);
                if (tenth >= 100 + beginsAt) {
                    retries += withdraw(budget, clock, SHARE_ALONE, 30);
                }
                clock.advance(Duration.ofMillis(100));
            }
            assertThat(retries)
                    .as("of 3000 calls, down from second 10.%d on", beginsAt)
                    .isBetween(500, 600);
        }
    }

    @Test
    void theFloorHoldsWhereThereAreFewCalls() {
        FakeNanoClock clock = FakeNanoClock.create();
        RetryBudget budget = budget(clock);
        deposit(budget, clock, 1);

        assertThat(withdraw(budget, clock, Terms.DEFAULT, 1000)).isEqualTo(30);
    }

    @Test
    void theFloorIsNotAddedToTheShare() {
        FakeNanoClock clock = FakeNanoClock.create();
        RetryBudget budget = budget(clock);
        deposit(budget, clock, 1000);

        assertThat(withdraw(budget, clock, Terms.DEFAULT, 1000)).isEqualTo(200);
    }

    @Test
    void nothingIsAllowedWhereNothingIsGranted() {
        FakeNanoClock clock = FakeNanoClock.create();
        RetryBudget budget = budget(clock);
        deposit(budget, clock, 1000);

        assertThat(budget.withdraw(clock.nanoTime(), new Terms(0, 0, 10))).isFalse();
    }

    @Test
    void aLongSilenceLeavesNothingOld() {
        FakeNanoClock clock = FakeNanoClock.create();
        RetryBudget budget = budget(clock);
        deposit(budget, clock, 1000);

        // Once round the ring and more, so that old slots stand where new ones are looked for.
        clock.advance(Duration.ofSeconds(64 + 5));

        assertThat(budget.left(clock.nanoTime(), new Terms(20, 0, 60))).isZero();
    }

    /**
     * Holds for every window that ends with a retry; windows that end between two retries may have lost the calls that allowed
     * them. Laid end to end from the last retry backwards, such windows cover all retries: so it holds for the sum, too.
     */
    @Test
    void whateverTheTrafficNoWindowHoldsMoreRetriesThanItAllows() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        FakeNanoClock clock = FakeNanoClock.aboutToWrap();
        RetryBudget budget = budget(clock);
        int seconds = 300;
        long[] calls = new long[seconds];
        long[] retries = new long[seconds];
        for (int second = 0; second < seconds; second++) {
            calls[second] = random.nextInt(4) == 0 ? 0 : random.nextInt(200);
            for (int i = 0; i < calls[second]; i++) {
                budget.deposit(clock.nanoTime());
                if (random.nextBoolean() && budget.withdraw(clock.nanoTime(), SHARE_ALONE)) {
                    retries[second]++;
                }
            }
            clock.advance(Duration.ofSeconds(1));
        }
        assertThat(LongStream.of(retries).sum())
                .as("retries in all, seed %d", seed)
                .isPositive()
                .isLessThanOrEqualTo(LongStream.of(calls).sum() / 5);
        for (int end = 10; end <= seconds; end++) {
            if (retries[end - 1] == 0) {
                continue;
            }
            long callsThen = 0;
            long retriesThen = 0;
            for (int second = end - 10; second < end; second++) {
                callsThen += calls[second];
                retriesThen += retries[second];
            }
            assertThat(retriesThen).as("retries of 10 s, seed %d", seed).isLessThanOrEqualTo(callsThen / 5);
        }
    }

    /**
     * The bound is exact, not statistical: each retry is taken by one compare-and-set that sees all earlier ones, and the calls
     * that it counts only grow.
     */
    @Test
    void manyThreadsTogetherGetNoMoreThanOneWould() throws InterruptedException {
        FakeNanoClock clock = FakeNanoClock.create();
        RetryBudget budget = budget(clock);
        int threads = 16;
        int callsEach = 20_000;
        AtomicInteger retries = new AtomicInteger();
        AtomicLong passed = new AtomicLong();
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> callers = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            Thread caller = new Thread(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
                for (int i = 0; i < callsEach; i++) {
                    budget.deposit(clock.nanoTime());
                    if (budget.withdraw(clock.nanoTime(), Terms.DEFAULT)) {
                        retries.incrementAndGet();
                    }
                    // Time goes on, within one window: slots begin while others count.
                    if (passed.incrementAndGet() % 40_000 == 0) {
                        clock.advance(Duration.ofSeconds(1));
                    }
                }
            });
            callers.add(caller);
            caller.start();
        }
        start.countDown();
        for (Thread caller : callers) {
            caller.join();
        }

        int calls = threads * callsEach;
        assertThat(retries.get()).isLessThanOrEqualTo(calls / 5);
        // And what is allowed is to be had.
        assertThat(retries.get() + withdraw(budget, clock, Terms.DEFAULT, calls))
                .isEqualTo(calls / 5);
    }

    @Test
    void aServicesBudgetIsOneObjectUntilTheServiceIsGone() {
        FakeNanoClock clock = FakeNanoClock.create();
        RetryBudgets budgets = new RetryBudgets(clock);
        RetryBudget first = budgets.of("payments.local");

        budgets.retain(Set.of("payments.local", "stock.local"));
        assertThat(budgets.of("payments.local")).isSameAs(first);

        budgets.retain(Set.of("stock.local"));
        assertThat(budgets.of("payments.local")).isNotSameAs(first);
    }

    private static RetryBudget budget(FakeNanoClock clock) {
        return new RetryBudget(clock.nanoTime());
    }

    private static void deposit(RetryBudget budget, FakeNanoClock clock, int calls) {
        for (int i = 0; i < calls; i++) {
            budget.deposit(clock.nanoTime());
        }
    }

    private static int withdraw(RetryBudget budget, FakeNanoClock clock, Terms terms, int tries) {
        int got = 0;
        for (int i = 0; i < tries; i++) {
            got += budget.withdraw(clock.nanoTime(), terms) ? 1 : 0;
        }
        return got;
    }
}
