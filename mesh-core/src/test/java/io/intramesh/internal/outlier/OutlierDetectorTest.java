package io.intramesh.internal.outlier;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.call.Endpoint;
import io.intramesh.model.OutlierDetection;
import io.intramesh.model.TrafficPolicy;
import io.intramesh.testing.FakeNanoClock;
import io.intramesh.testing.FakeScheduler;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every rule in virtual time; those that measure time also with a clock about to wrap. */
final class OutlierDetectorTest {
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration BASE = Duration.ofSeconds(30);

    private final List<String> events = new CopyOnWriteArrayList<>();
    private FakeScheduler scheduler = FakeScheduler.create();
    private List<Endpoint> endpoints = endpoints(4);

    @Test
    void failuresInARowEjectAtOnce() {
        OutlierDetector detector = detector(3, 50);
        Endpoint bad = endpoints.get(1);

        fail(detector, bad, 2);
        assertThat(detector.ejections().of(bad)).isNull();
        fail(detector, bad, 1);

        assertThat(detector.ejections().of(bad)).isNotNull().satisfies(ejection -> {
            assertThat(ejection.lasting()).isEqualTo(BASE);
            assertThat(ejection.inARow()).isEqualTo(1);
            assertThat(ejection.reason()).isEqualTo("3 failures in a row, the last: status 503");
        });
        assertThat(events).containsExactly("ejected 10.0.0.1:8080 PT30S");
    }

    @Test
    void aSuccessBeginsTheCountAnew() {
        OutlierDetector detector = detector(3, 50);
        Endpoint flaky = endpoints.get(0);

        for (int i = 0; i < 20; i++) {
            fail(detector, flaky, 2);
            detector.succeeded(flaky);
        }

        assertThat(detector.ejections().count()).isZero();
    }

    @Test
    void endpointsAreCountedApart() {
        OutlierDetector detector = detector(3, 100);

        endpoints.forEach(endpoint -> fail(detector, endpoint, 2));

        assertThat(detector.ejections().count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEjectedEndpointReturnsWithTheFirstSweepAfterItsTime(boolean clockWraps) {
        scheduler = FakeScheduler.on(clockWraps ? FakeNanoClock.aboutToWrap() : FakeNanoClock.create());
        OutlierDetector detector = detector(1, Duration.ofSeconds(25), 50);
        Endpoint bad = endpoints.get(0);
        fail(detector, bad, 1);

        scheduler.advance(Duration.ofSeconds(29));
        assertThat(detector.ejections().of(bad)).isNotNull();
        scheduler.advance(Duration.ofSeconds(1));

        assertThat(detector.ejections().of(bad)).isNull();
        assertThat(events).containsExactly("ejected 10.0.0.0:8080 PT25S", "returned 10.0.0.0:8080");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoFailsAgainStaysOutLongerUpToTheCap(boolean clockWraps) {
        scheduler = FakeScheduler.on(clockWraps ? FakeNanoClock.aboutToWrap() : FakeNanoClock.create());
        OutlierDetector detector = detector(1, Duration.ofSeconds(100), 50);
        Endpoint bad = endpoints.get(0);

        List<Duration> lasted = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            fail(detector, bad, 1);
            Ejection ejection = detector.ejections().of(bad);
            assertThat(ejection).isNotNull();
            lasted.add(ejection.lasting());
            scheduler.advance(ejection.lasting());
            assertThat(detector.ejections().of(bad)).isNull();
        }

        assertThat(lasted).extracting(Duration::toSeconds).containsExactly(100L, 200L, 300L, 300L, 300L);
    }

    @Test
    void aBaseAboveTheCapStaysAsItIs() {
        OutlierDetector detector = detector(1, Duration.ofMinutes(10), 50);
        Endpoint bad = endpoints.get(0);

        fail(detector, bad, 1);
        scheduler.advance(Duration.ofMinutes(10));
        fail(detector, bad, 1);

        assertThat(detector.ejections().of(bad)).extracting(Ejection::lasting).isEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void eachSweepOfGoodBehaviourForgivesOneEjection() {
        OutlierDetector detector = detector(1, BASE, 50);
        Endpoint bad = endpoints.get(0);
        fail(detector, bad, 1);
        scheduler.advance(BASE);
        fail(detector, bad, 1);
        scheduler.advance(Duration.ofSeconds(60));
        assertThat(detector.ejections().of(bad)).isNull();

        scheduler.advance(INTERVAL);
        fail(detector, bad, 1);

        // Two in a row, one forgiven, and this one.
        assertThat(detector.ejections().of(bad)).extracting(Ejection::inARow).isEqualTo(2);
    }

    @Test
    void onceAllIsForgivenNoTimerRuns() {
        OutlierDetector detector = detector(1, BASE, 50);
        fail(detector, endpoints.get(0), 1);

        scheduler.advance(Duration.ofMinutes(2));

        assertThat(scheduler.waiting()).isZero();
        assertThat(detector.ejections()).isSameAs(Ejections.NONE);
    }

    @Test
    void noMoreThanTheShareIsEjected() {
        endpoints = endpoints(10);
        OutlierDetector detector = detector(1, 30);

        endpoints.forEach(endpoint -> fail(detector, endpoint, 1));

        assertThat(detector.ejections().count()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 24})
    void theFirstIsAlwaysEjected(int percent) {
        OutlierDetector detector = detector(1, percent);

        endpoints.forEach(endpoint -> fail(detector, endpoint, 1));

        assertThat(detector.ejections().count()).isEqualTo(1);
    }

    @Test
    void theOnlyEndpointIsEjectedToo() {
        endpoints = endpoints(1);
        OutlierDetector detector = detector(1, 0);

        fail(detector, endpoints.get(0), 1);

        assertThat(detector.ejections().count()).isEqualTo(1);
    }

    @Test
    void whoCouldNotBeEjectedMustFailAsOftenAgain() {
        OutlierDetector detector = detector(3, 0);
        fail(detector, endpoints.get(0), 3);
        Endpoint second = endpoints.get(1);
        fail(detector, second, 5);
        scheduler.advance(BASE);
        assertThat(detector.ejections().count()).isZero();

        fail(detector, second, 1);

        assertThat(detector.ejections().of(second)).isNotNull();
    }

    @Test
    void aPassedHealthCheckBringsBackAndClearsTheCount() {
        OutlierDetector detector = detector(3, 50);
        Endpoint bad = endpoints.get(0);
        fail(detector, bad, 3);
        fail(detector, bad, 2);

        detector.passedHealthCheck(bad);
        fail(detector, bad, 2);

        assertThat(detector.ejections().of(bad)).isNull();
        assertThat(events).containsExactly("ejected 10.0.0.0:8080 PT30S", "returned 10.0.0.0:8080");
    }

    @Test
    void whoLeavesDiscoveryGivesItsPlaceBack() {
        OutlierDetector detector = detector(1, 0);
        fail(detector, endpoints.get(0), 1);

        endpoints = List.of(endpoints.get(1), endpoints.get(2));
        scheduler.advance(INTERVAL);
        fail(detector, endpoints.get(0), 1);

        assertThat(detector.ejections().of(endpoints.get(0))).isNotNull();
        assertThat(detector.ejections().count()).isEqualTo(1);
    }

    @Test
    void otherRulesLeaveWhoIsOutAlone() {
        OutlierDetector detector = detector(1, 50);
        fail(detector, endpoints.get(0), 1);

        detector.configure(settings(5, BASE, 50, null));
        assertThat(detector.ejections().count()).isEqualTo(1);
        detector.configure(null);

        assertThat(detector.ejections().count()).isZero();
        assertThat(events).containsExactly("ejected 10.0.0.0:8080 PT30S", "returned 10.0.0.0:8080");
    }

    @Test
    void withoutRulesNothingIsCounted() {
        OutlierDetector detector = detector(1, 50);
        detector.configure(null);

        fail(detector, endpoints.get(0), 100);

        assertThat(detector.ejections()).isSameAs(Ejections.NONE);
        assertThat(scheduler.waiting()).isZero();
    }

    @Test
    void anIntervalOfNothingStillLetsTheThreadDoOtherThings() {
        OutlierDetector detector = detector(1, 50);
        detector.configure(new OutlierSettings(1, Duration.ZERO, Duration.ofSeconds(1), 50, 1, null));

        fail(detector, endpoints.get(0), 1);
        int sweeps = scheduler.advance(Duration.ofSeconds(1));

        assertThat(detector.ejections().count()).isZero();
        assertThat(sweeps).isLessThanOrEqualTo(10);
    }

    @Test
    void anEndpointWellBelowTheMeanSuccessRateIsEjectedByTheSweep() {
        endpoints = endpoints(10);
        OutlierDetector detector = detector(OutlierSettings.NEVER, 50);
        detector.configure(settings(OutlierSettings.NEVER, BASE, 50, new TrafficPolicy.SuccessRate(5, 100, 1900)));
        Endpoint bad = endpoints.get(7);
        for (Endpoint endpoint : endpoints) {
            for (int i = 0; i < 200; i++) {
                if (endpoint == bad && i % 2 == 0) {
                    detector.failed(endpoint, "status 500");
                } else {
                    detector.succeeded(endpoint);
                }
            }
        }

        assertThat(detector.ejections().count()).isZero();
        scheduler.advance(INTERVAL);

        // Mean 95 %, deviation 15 %: below 66.5 % is out.
        assertThat(events).containsExactly("ejected 10.0.0.7:8080 PT30S");
        assertThat(detector.ejections().of(bad))
                .extracting(Ejection::reason)
                .isEqualTo("success rate 50.0 % (mean 95.0 %, least 66.5 %)");
    }

    @Test
    void successRatesOfTooFewRequestsOrEndpointsSayNothing() {
        OutlierDetector detector = detector(OutlierSettings.NEVER, 50);
        detector.configure(settings(OutlierSettings.NEVER, BASE, 50, new TrafficPolicy.SuccessRate(4, 10, 1000)));
        for (Endpoint endpoint : endpoints) {
            for (int i = 0; i < (endpoint == endpoints.get(3) ? 9 : 10); i++) {
                if (endpoint == endpoints.get(0)) {
                    detector.failed(endpoint, "status 500");
                } else {
                    detector.succeeded(endpoint);
                }
            }
        }

        scheduler.advance(INTERVAL.multipliedBy(3));

        assertThat(events).isEmpty();
    }

    @Test
    void whereNothingIsWrittenDownFiveFailuresEjectButNeverTheOnlyEndpoint() {
        OutlierDetector detector = detector(5, 10);
        detector.configure(OutlierSettings.of(null, null));
        fail(detector, endpoints.get(0), 4);
        assertThat(detector.ejections().count()).isZero();
        fail(detector, endpoints.get(0), 1);
        fail(detector, endpoints.get(1), 5);
        assertThat(events).containsExactly("ejected " + endpoints.get(0) + " PT30S");

        endpoints = endpoints(1);
        OutlierDetector alone = detector(5, 10);
        alone.configure(OutlierSettings.of(null, null));
        fail(alone, endpoints.get(0), 50);

        assertThat(alone.ejections().count()).isZero();
    }

    @Test
    void threadsTogetherNeverEjectMoreThanTheShare() throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            endpoints = endpoints(8);
            events.clear();
            OutlierDetector detector = detector(1, 25);
            CountDownLatch go = new CountDownLatch(1);
            List<Thread> threads = new ArrayList<>();
            for (Endpoint endpoint : endpoints) {
                Thread thread = new Thread(() -> {
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    detector.failed(endpoint, "status 503");
                });
                thread.start();
                threads.add(thread);
            }
            go.countDown();
            for (Thread thread : threads) {
                thread.join();
            }

            assertThat(detector.ejections().count()).as("round %d", round).isEqualTo(2);
            assertThat(events).as("round %d", round).hasSize(2);
        }
    }

    private OutlierDetector detector(long failures, int percent) {
        return detector(failures, BASE, percent);
    }

    private OutlierDetector detector(long failures, Duration base, int percent) {
        OutlierDetector detector =
                new OutlierDetector(scheduler.clock(), scheduler, () -> endpoints, new OutlierDetector.Events() {
                    @Override
                    public void ejected(Endpoint endpoint, Ejection ejection) {
                        events.add("ejected " + endpoint + " " + ejection.lasting());
                    }

                    @Override
                    public void returned(Endpoint endpoint, Ejection ended) {
                        events.add("returned " + endpoint);
                    }
                });
        detector.configure(settings(failures, base, percent, null));
        return detector;
    }

    private static OutlierSettings settings(
            long failures, Duration base, int percent, TrafficPolicy.@Nullable SuccessRate successRate) {
        return OutlierSettings.of(new OutlierDetection(failures, INTERVAL, base, percent), successRate);
    }

    private static void fail(OutlierDetector detector, Endpoint endpoint, int times) {
        for (int i = 0; i < times; i++) {
            detector.failed(endpoint, "status 503");
        }
    }

    private static List<Endpoint> endpoints(int count) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            endpoints.add(
                    new Endpoint("payments", "10.0.0." + i, 8080, null, List.of(InetAddress.getLoopbackAddress())));
        }
        return List.copyOf(endpoints);
    }
}
