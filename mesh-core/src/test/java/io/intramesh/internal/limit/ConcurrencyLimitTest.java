package io.intramesh.internal.limit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.internal.limit.ConcurrencyLimit.Bounds;
import io.intramesh.internal.limit.ConcurrencyLimit.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ConcurrencyLimitTest {
    private static final long FOREVER = Long.MAX_VALUE;
    private static final long A_MOMENT = TimeUnit.MILLISECONDS.toNanos(20);

    @Test
    void placesAreGrantedUpToTheLimit() {
        ConcurrencyLimit limit = new ConcurrencyLimit(new Bounds(2, 0));

        assertThat(limit.tryAcquire()).isTrue();
        assertThat(limit.tryAcquire()).isTrue();
        assertThat(limit.tryAcquire()).isFalse();
        assertThat(limit.enqueue()).isNull();
        assertThat(limit.inUse()).isEqualTo(2);
    }

    @Test
    void aPlaceThatIsGivenBackIsFreeAgain() {
        ConcurrencyLimit limit = full(1, 0);

        limit.release();

        assertThat(limit.inUse()).isZero();
        assertThat(limit.tryAcquire()).isTrue();
    }

    @Test
    void withoutBoundsEverythingIsCounted() {
        ConcurrencyLimit limit = new ConcurrencyLimit(Bounds.NONE);

        for (int i = 0; i < 10_000; i++) {
            assertThat(limit.tryAcquire()).isTrue();
        }

        assertThat(limit.inUse()).isEqualTo(10_000);
    }

    @Test
    void whoQueuesWhileAPlaceIsFreeGetsItAtOnce() {
        ConcurrencyLimit limit = new ConcurrencyLimit(new Bounds(1, 5));

        Place place = enqueue(limit);

        assertThat(place.isGranted()).isTrue();
        assertThat(limit.inUse()).isOne();
        assertThat(limit.waiting()).isZero();
    }

    @Test
    void whoWaitsIsLetInInOrderOfArrival() throws InterruptedException {
        ConcurrencyLimit limit = full(1, 3);
        Place first = enqueue(limit);
        Place second = enqueue(limit);
        Place third = enqueue(limit);

        limit.release();
        assertThat(first.await(0)).isTrue();
        assertThat(second.isGranted()).isFalse();
        limit.release();
        assertThat(second.await(0)).isTrue();
        assertThat(third.isGranted()).isFalse();
        limit.release();
        assertThat(third.await(0)).isTrue();

        assertThat(limit.inUse()).isOne();
        assertThat(limit.waiting()).isZero();
    }

    @Test
    void whoComesLaterDoesNotPassThoseWhoWait() {
        ConcurrencyLimit limit = full(1, 1);
        Place waiting = enqueue(limit);

        limit.release();

        assertThat(limit.tryAcquire()).isFalse();
        assertThat(waiting.isGranted()).isTrue();
    }

    @Test
    void noMoreWaitThanMay() {
        ConcurrencyLimit limit = full(1, 2);
        enqueue(limit);
        enqueue(limit);

        assertThat(limit.enqueue()).isNull();
        assertThat(limit.waiting()).isEqualTo(2);
    }

    @Test
    void aWaitEndsAfterItsTime() throws InterruptedException {
        ConcurrencyLimit limit = full(1, 1);

        assertThat(enqueue(limit).await(A_MOMENT)).isFalse();

        assertThat(limit.waiting()).isZero();
        assertThat(limit.enqueue()).as("the place in the queue is free again").isNotNull();
    }

    @Test
    void whoGaveUpIsPassedOver() throws InterruptedException {
        ConcurrencyLimit limit = full(1, 2);
        Place first = enqueue(limit);
        Place second = enqueue(limit);

        first.abandon();
        limit.release();

        assertThat(second.await(0)).isTrue();
        assertThat(limit.inUse()).isOne();
    }

    @Test
    void aPlaceGrantedToWhoGivesUpGoesToTheNext() {
        ConcurrencyLimit limit = full(1, 2);
        Place first = enqueue(limit);
        Place second = enqueue(limit);
        limit.release();
        assertThat(first.isGranted()).isTrue();

        first.abandon();

        assertThat(second.isGranted()).isTrue();
        assertThat(limit.inUse()).isOne();
        second.abandon();
        assertThat(limit.inUse()).isZero();
    }

    @Test
    void anInterruptedWaitHoldsNothing() {
        ConcurrencyLimit limit = full(1, 1);
        Place place = enqueue(limit);

        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> place.await(FOREVER)).isInstanceOf(InterruptedException.class);

        assertThat(limit.waiting()).isZero();
        limit.release();
        assertThat(limit.inUse()).isZero();
    }

    @Test
    void aGreaterLimitLetsInWhoWaits() {
        ConcurrencyLimit limit = full(1, 5);
        Place first = enqueue(limit);
        Place second = enqueue(limit);
        Place third = enqueue(limit);

        limit.resize(new Bounds(3, 5));

        assertThat(List.of(first.isGranted(), second.isGranted(), third.isGranted()))
                .containsExactly(true, true, false);
        assertThat(limit.inUse()).isEqualTo(3);
        assertThat(limit.waiting()).isOne();
    }

    @Test
    void aSmallerLimitKeepsWhatIsInUseAndLetsNobodyInUntilItFits() {
        ConcurrencyLimit limit = full(4, 5);
        Place waiting = enqueue(limit);

        limit.resize(new Bounds(2, 5));
        limit.release();
        limit.release();
        assertThat(waiting.isGranted()).isFalse();
        assertThat(limit.inUse()).isEqualTo(2);
        limit.release();

        assertThat(waiting.isGranted()).isTrue();
        assertThat(limit.inUse()).isEqualTo(2);
    }

    @Test
    void aSmallerQueueKeepsThoseWhoWait() {
        ConcurrencyLimit limit = full(1, 3);
        Place first = enqueue(limit);
        enqueue(limit);

        limit.resize(new Bounds(1, 1));

        assertThat(limit.waiting()).isEqualTo(2);
        assertThat(limit.enqueue()).isNull();
        limit.release();
        assertThat(first.isGranted()).isTrue();
    }

    @Test
    void boundsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> new Bounds(0, 1)).hasMessageContaining("maxConcurrent: 0 (expected: 1 or more)");
        assertThatThrownBy(() -> new Bounds(1, -1)).hasMessageContaining("maxWaiting: -1 (expected: 0 or more)");
    }

    /** Places are taken, waited for, given up and given back by many threads while the bounds change. */
    @Test
    void theLimitHoldsAndNothingIsLostUnderContention() throws Exception {
        for (long seed = 1; seed <= 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int threads = 2 + random.nextInt(10);
            int greatest = 1 + random.nextInt(4);
            int maxWaiting = random.nextInt(6);
            ConcurrencyLimit limit = new ConcurrencyLimit(new Bounds(greatest, maxWaiting));
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger mostInside = new AtomicInteger();
            AtomicInteger served = new AtomicInteger();
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                RandomGenerator own = random.split();
                tasks.add(() -> {
                    for (int round = 0; round < 500; round++) {
                        if (!enter(limit, own)) {
                            continue;
                        }
                        mostInside.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        LockSupport.parkNanos(1);
                        inside.decrementAndGet();
                        served.incrementAndGet();
                        limit.release();
                    }
                    return true;
                });
            }
            RandomGenerator resizing = random.split();
            tasks.add(() -> {
                for (int round = 0; round < 200; round++) {
                    limit.resize(new Bounds(1 + resizing.nextInt(greatest), maxWaiting));
                    LockSupport.parkNanos(1);
                }
                return true;
            });

            runAll(tasks);

            assertThat(mostInside.get()).as("seed %d: most at a time", seed).isBetween(1, greatest);
            assertThat(limit.inUse()).as("seed %d: left in use", seed).isZero();
            assertThat(limit.waiting()).as("seed %d: left waiting", seed).isZero();
            assertThat(served.get()).as("seed %d: served", seed).isPositive();
        }
    }

    /** With a queue for everybody nobody is refused, so each of them must come through: no wake-up is lost. */
    @Test
    void everyoneWhoMayWaitComesThrough() throws Exception {
        ConcurrencyLimit limit = new ConcurrencyLimit(new Bounds(2, Integer.MAX_VALUE));
        AtomicInteger served = new AtomicInteger();
        List<Callable<Boolean>> tasks = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            tasks.add(() -> {
                for (int round = 0; round < 1_000; round++) {
                    if (!limit.tryAcquire()) {
                        assertThat(enqueue(limit).await(FOREVER)).isTrue();
                    }
                    served.incrementAndGet();
                    limit.release();
                }
                return true;
            });
        }

        runAll(tasks);

        assertThat(served).hasValue(16_000);
        assertThat(limit.inUse()).isZero();
        assertThat(limit.waiting()).isZero();
    }

    private static boolean enter(ConcurrencyLimit limit, RandomGenerator random) throws InterruptedException {
        if (limit.tryAcquire()) {
            return true;
        }
        Place place = limit.enqueue();
        if (place == null) {
            return false;
        }
        switch (random.nextInt(4)) {
            case 0 -> {
                place.abandon();
                return false;
            }
            case 1 -> {
                return place.await(random.nextInt(50_000));
            }
            default -> {
                return place.await(FOREVER);
            }
        }
    }

    private static void runAll(List<Callable<Boolean>> tasks) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(tasks.size());
        try {
            for (Future<Boolean> task : executor.invokeAll(tasks)) {
                assertThat(task.get()).isTrue();
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private static ConcurrencyLimit full(int maxConcurrent, int maxWaiting) {
        ConcurrencyLimit limit = new ConcurrencyLimit(new Bounds(maxConcurrent, maxWaiting));
        for (int i = 0; i < maxConcurrent; i++) {
            assertThat(limit.tryAcquire()).isTrue();
        }
        return limit;
    }

    private static Place enqueue(ConcurrencyLimit limit) {
        return requireNonNull(limit.enqueue(), "place");
    }
}
