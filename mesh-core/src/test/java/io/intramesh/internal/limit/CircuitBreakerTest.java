package io.intramesh.internal.limit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.model.TrafficPolicy;
import io.intramesh.model.TrafficPolicy.CircuitBreaker.Per;
import io.intramesh.testing.FakeNanoClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CircuitBreakerTest {
    private static final Duration OPEN_FOR = Duration.ofSeconds(10);
    private static final long QUICK = Duration.ofMillis(1).toNanos();
    private static final long SLOW = Duration.ofMillis(500).toNanos();

    private final List<String> events = new CopyOnWriteArrayList<>();
    private FakeNanoClock clock = FakeNanoClock.create();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void threeFailuresInARowOpenItForTenSeconds(boolean clockWraps) {
        clock = clockWraps ? FakeNanoClock.aboutToWrap() : FakeNanoClock.create();
        CircuitBreaker breaker = inARow(3);

        fail(breaker, 3);

        assertThat(breaker.tryAcquire()).isNull();
        assertThat(breaker.mayPass()).isFalse();
        assertThat(breaker.describe()).isEqualTo("open for 10000 ms more: 3 failures in a row, the last: status 503");
        clock.advance(Duration.ofMillis(9_999));
        assertThat(breaker.tryAcquire()).isNull();
        clock.advance(Duration.ofMillis(1));
        assertThat(breaker.mayPass()).isTrue();
        succeed(breaker, 1);
        assertThat(breaker.isClosed()).isTrue();
        assertThat(events).containsExactly("opened 3 failures in a row, the last: status 503", "half open", "closed");
    }

    @Test
    void aSuccessInBetweenBeginsTheCountAnew() {
        CircuitBreaker breaker = inARow(3);

        for (int i = 0; i < 10; i++) {
            fail(breaker, 2);
            succeed(breaker, 1);
        }

        assertThat(breaker.isClosed()).isTrue();
        assertThat(events).isEmpty();
    }

    @Test
    void whileHalfOpenOnlySoManyCallsPass() {
        CircuitBreaker breaker = breaker(1, null, null, null, 2);
        fail(breaker, 1);
        clock.advance(OPEN_FOR);

        Object first = breaker.tryAcquire();
        Object second = breaker.tryAcquire();

        assertThat(first).isNotNull();
        assertThat(second).isNotNull();
        assertThat(breaker.tryAcquire()).isNull();
        breaker.succeeded(requireNonNull(first), QUICK);
        assertThat(breaker.isClosed()).isFalse();
        breaker.succeeded(requireNonNull(second), QUICK);
        assertThat(breaker.isClosed()).isTrue();
    }

    @Test
    void oneFailedTryOpensItAgain() {
        CircuitBreaker breaker = breaker(1, null, null, null, 3);
        fail(breaker, 1);
        clock.advance(OPEN_FOR);
        Object first = breaker.tryAcquire();
        Object second = breaker.tryAcquire();

        breaker.failed(requireNonNull(first), QUICK, "status 500");
        breaker.failed(requireNonNull(second), QUICK, "status 500");

        assertThat(breaker.tryAcquire()).isNull();
        assertThat(events)
                .containsExactly("opened status 503", "half open", "opened the call that tried it failed: status 500");
    }

    @Test
    void aPermitGivenBackLetsAnotherTry() {
        CircuitBreaker breaker = inARow(1);
        fail(breaker, 1);
        clock.advance(OPEN_FOR);
        Object permit = requireNonNull(breaker.tryAcquire());
        assertThat(breaker.tryAcquire()).isNull();

        breaker.released(permit);

        assertThat(breaker.tryAcquire()).isNotNull();
    }

    @Test
    void aTryThatNeverReportsDoesNotKeepItShut() {
        CircuitBreaker breaker = inARow(1);
        fail(breaker, 1);
        clock.advance(OPEN_FOR);
        Object lost = requireNonNull(breaker.tryAcquire());

        clock.advance(OPEN_FOR);
        Object next = requireNonNull(breaker.tryAcquire());
        breaker.failed(lost, QUICK, "no answer in time");
        assertThat(breaker.describe()).isEqualTo("half open");
        breaker.succeeded(next, QUICK);

        assertThat(breaker.isClosed()).isTrue();
    }

    @Test
    void whatBeganBeforeItOpenedIsNoTry() {
        CircuitBreaker breaker = inARow(1);
        Object early = requireNonNull(breaker.tryAcquire());
        Object alsoEarly = requireNonNull(breaker.tryAcquire());
        fail(breaker, 1);
        clock.advance(OPEN_FOR);
        Object probe = requireNonNull(breaker.tryAcquire());

        breaker.failed(early, SLOW, "no answer in time");
        breaker.succeeded(alsoEarly, SLOW);

        assertThat(breaker.describe()).isEqualTo("half open");
        breaker.succeeded(probe, QUICK);
        assertThat(breaker.isClosed()).isTrue();
    }

    @Test
    void theFailureRateOpensItOnceThereAreEnoughCalls() {
        CircuitBreaker breaker = breaker(null, 50, null, null, 1);

        for (int i = 0; i < 4; i++) {
            fail(breaker, 1);
            succeed(breaker, 1);
        }
        succeed(breaker, 1);
        assertThat(breaker.isClosed()).isTrue();
        fail(breaker, 1);

        assertThat(events).containsExactly("opened 50 % of 10 calls failed, 0 % were slow");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatLiesLongerBackThanTheWindowDoesNotCount(boolean clockWraps) {
        clock = clockWraps ? FakeNanoClock.aboutToWrap() : FakeNanoClock.create();
        CircuitBreaker breaker = breaker(null, 50, null, null, 1);
        fail(breaker, 9);
        clock.advance(Duration.ofSeconds(11));

        succeed(breaker, 5);
        fail(breaker, 4);
        assertThat(breaker.isClosed()).isTrue();
        fail(breaker, 1);

        assertThat(events).containsExactly("opened 50 % of 10 calls failed, 0 % were slow");
    }

    @Test
    void slowCallsOpenItTooAndFailuresAloneDoNot() {
        CircuitBreaker breaker = breaker(null, null, 40, Duration.ofMillis(500), 1);

        fail(breaker, 20);
        assertThat(breaker.isClosed()).isTrue();
        clock.advance(Duration.ofSeconds(11));
        succeed(breaker, 6);
        for (int i = 0; i < 4; i++) {
            breaker.succeeded(requireNonNull(breaker.tryAcquire()), SLOW);
        }

        assertThat(events).containsExactly("opened 0 % of 10 calls failed, 40 % were slow");
        clock.advance(OPEN_FOR);
        breaker.succeeded(requireNonNull(breaker.tryAcquire()), SLOW);
        assertThat(breaker.isClosed()).isFalse();
    }

    @Test
    void afterItClosedTheRatesBeginAnew() {
        CircuitBreaker breaker = breaker(null, 50, null, null, 1);
        fail(breaker, 10);
        clock.advance(OPEN_FOR);
        succeed(breaker, 1);

        fail(breaker, 9);

        assertThat(breaker.isClosed()).isTrue();
    }

    @Test
    void amongManyThreadsItOpensOnceAndLetsNoMoreThanTheTriesThrough() throws InterruptedException {
        for (int round = 0; round < 100; round++) {
            events.clear();
            CircuitBreaker breaker = breaker(3, null, null, null, 2);
            AtomicInteger passed = new AtomicInteger();
            together(8, () -> {
                for (int i = 0; i < 3; i++) {
                    Object permit = breaker.tryAcquire();
                    if (permit != null) {
                        breaker.failed(permit, QUICK, "status 503");
                    }
                }
            });
            assertThat(events).as("round %d", round).hasSize(1);

            clock.advance(OPEN_FOR);
            together(8, () -> {
                if (breaker.tryAcquire() != null) {
                    passed.incrementAndGet();
                }
            });

            assertThat(passed).as("round %d", round).hasValue(2);
            assertThat(events).as("round %d", round).hasSize(2);
        }
    }

    private static void together(int count, Runnable task) throws InterruptedException {
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Thread thread = new Thread(() -> {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                task.run();
            });
            thread.start();
            threads.add(thread);
        }
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private CircuitBreaker inARow(int failures) {
        return breaker(failures, null, null, null, 1);
    }

    private CircuitBreaker breaker(
            @Nullable Integer inARow,
            @Nullable Integer failureRate,
            @Nullable Integer slowCallRate,
            @Nullable Duration slow,
            int halfOpenCalls) {
        return new CircuitBreaker(
                new TrafficPolicy.CircuitBreaker(
                        inARow,
                        failureRate,
                        slowCallRate,
                        slow,
                        10,
                        Duration.ofSeconds(10),
                        OPEN_FOR,
                        halfOpenCalls,
                        Per.ENDPOINT),
                clock,
                new CircuitBreaker.Events() {
                    @Override
                    public void opened(Duration lasting, String reason) {
                        events.add("opened " + reason);
                    }

                    @Override
                    public void halfOpened() {
                        events.add("half open");
                    }

                    @Override
                    public void closed() {
                        events.add("closed");
                    }
                });
    }

    private static void fail(CircuitBreaker breaker, int times) {
        for (int i = 0; i < times; i++) {
            breaker.failed(requireNonNull(breaker.tryAcquire()), QUICK, "status 503");
        }
    }

    private static void succeed(CircuitBreaker breaker, int times) {
        for (int i = 0; i < times; i++) {
            breaker.succeeded(requireNonNull(breaker.tryAcquire()), QUICK);
        }
    }
}
