package io.intramesh.internal.drain;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.call.Endpoint;
import io.intramesh.testing.FakeNanoClock;
import io.intramesh.testing.FakeScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long an endpoint's word that it shuts down is taken. */
final class DrainTrackerTest {
    private final Endpoint one = endpoint(1);
    private final Endpoint two = endpoint(2);
    private final List<String> told = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEndpointIsBelievedForItsTimeAndNoLonger(boolean clockWraps) {
        FakeScheduler scheduler = FakeScheduler.on(clockWraps ? FakeNanoClock.aboutToWrap() : FakeNanoClock.create());
        DrainTracker tracker = tracker(scheduler);
        tracker.said(one, false);
        scheduler.advance(Duration.ofSeconds(20));
        tracker.said(two, false);

        scheduler.advance(Duration.ofSeconds(9));
        assertThat(tracker.drains().of(one)).isNotNull();
        scheduler.advance(Duration.ofSeconds(1));
        assertThat(tracker.drains().of(one)).isNull();
        assertThat(tracker.drains().of(two)).isNotNull();
        scheduler.advance(Duration.ofSeconds(20));

        assertThat(tracker.drains().isEmpty()).isTrue();
        assertThat(told)
                .containsExactly(
                        "draining 10.0.0.1:80",
                        "draining 10.0.0.2:80",
                        "ended 10.0.0.1:80: its time to shut down is over",
                        "ended 10.0.0.2:80: its time to shut down is over");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAnswerAsUsualEndsItUnlessItsRequestWasSentBefore(boolean clockWraps) {
        FakeNanoClock clock = clockWraps ? FakeNanoClock.aboutToWrap() : FakeNanoClock.create();
        FakeScheduler scheduler = FakeScheduler.on(clock);
        DrainTracker tracker = tracker(scheduler);
        long sentBefore = clock.nanoTime();
        scheduler.advance(Duration.ofMillis(5));
        tracker.said(one, true);
        scheduler.advance(Duration.ofMillis(5));

        tracker.answered(one, sentBefore);
        assertThat(tracker.drains().of(one)).isNotNull();
        tracker.answered(two, clock.nanoTime());
        assertThat(tracker.drains().of(one)).isNotNull();
        tracker.answered(one, clock.nanoTime());

        assertThat(tracker.drains()).isSameAs(Drains.NONE);
        assertThat(told).containsExactly("draining 10.0.0.1:80", "ended 10.0.0.1:80: it answers as usual");
    }

    @Test
    void whoSaysItAgainIsBelievedAnewButTellsNothingNew() {
        FakeScheduler scheduler = FakeScheduler.on(FakeNanoClock.create());
        DrainTracker tracker = tracker(scheduler);
        tracker.said(one, false);
        Drains first = tracker.drains();
        tracker.said(one, false);
        assertThat(tracker.drains()).as("nothing moved").isSameAs(first);

        tracker.said(one, true);
        assertThat(requireNonNull(tracker.drains().of(one)).refuses()).isTrue();
        scheduler.advance(Duration.ofSeconds(20));
        tracker.said(one, false);
        scheduler.advance(Duration.ofSeconds(29));

        Drain drain = requireNonNull(tracker.drains().of(one));
        assertThat(drain.refuses()).as("who refuses does not begin to serve").isTrue();
        assertThat(drain.left(scheduler.clock().nanoTime())).isEqualTo(Duration.ofSeconds(1));
        assertThat(told).containsExactly("draining 10.0.0.1:80");
    }

    @Test
    void manyThreadsThatHearItAtOnceTellItOnce() throws Exception {
        AtomicInteger draining = new AtomicInteger();
        DrainTracker tracker = new DrainTracker(
                FakeNanoClock.create(), FakeScheduler.on(FakeNanoClock.create()), new DrainTracker.Events() {
                    @Override
                    public void draining(Endpoint endpoint, Drain drain) {
                        draining.incrementAndGet();
                    }

                    @Override
                    public void drainEnded(Endpoint endpoint, String reason) {}
                });
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    return;
                }
                for (int round = 0; round < 1000; round++) {
                    tracker.said(endpointOf(round), false);
                }
            });
            thread.start();
            threads.add(thread);
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(draining).hasValue(2);
        assertThat(tracker.drains().of(one)).isNotNull();
        assertThat(tracker.drains().of(two)).isNotNull();
    }

    private Endpoint endpointOf(int round) {
        return round % 2 == 0 ? one : two;
    }

    private DrainTracker tracker(FakeScheduler scheduler) {
        return new DrainTracker(scheduler.clock(), scheduler, new DrainTracker.Events() {
            @Override
            public void draining(Endpoint endpoint, Drain drain) {
                assertThat(drain.lasting()).isEqualTo(DrainTracker.LASTING);
                told.add("draining " + endpoint);
            }

            @Override
            public void drainEnded(Endpoint endpoint, String reason) {
                told.add("ended " + endpoint + ": " + reason);
            }
        });
    }

    private static Endpoint endpoint(int last) {
        return new Endpoint("pay", "10.0.0." + last, 80, null, List.of());
    }
}
