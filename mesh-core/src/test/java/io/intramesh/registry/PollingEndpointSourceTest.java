package io.intramesh.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.ServiceDiscovery.CloudMap;
import io.intramesh.registry.EndpointSource.Found;
import io.intramesh.registry.EndpointSource.Observer;
import io.intramesh.registry.EndpointSource.Query;
import io.intramesh.registry.EndpointSource.Watch;
import io.intramesh.testing.FakeNanoClock;
import io.intramesh.testing.FakeScheduler;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PollingEndpointSourceTest {
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final FakeCatalog catalog = new FakeCatalog();
    private final Heard heard = new Heard();
    private FakeScheduler scheduler = FakeScheduler.create();

    @Test
    void nothingIsAskedBeforeTheFirstWatchAndThenAtOnce() {
        catalog.knows("10.0.0.1");
        EndpointSource source = source();
        assertThat(scheduler.waiting()).isZero();

        source.watch(query("payments"), heard);
        scheduler.runDue();

        assertThat(heard.events).containsExactly("found [10.0.0.1]");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 3_000_000_000L, Long.MAX_VALUE - 12_000_000_000L})
    void eachNodeIsAskedAgainAfterTheIntervalAndUpToATenthMore(long origin) {
        scheduler = FakeScheduler.on(FakeNanoClock.startingAt(origin));
        watched("10.0.0.1");
        List<Duration> pauses = new ArrayList<>();

        for (int i = 0; i < 50; i++) {
            Duration pause = Objects.requireNonNull(scheduler.untilNext());
            pauses.add(pause);
            scheduler.advance(pause);
        }

        assertThat(pauses).allSatisfy(pause -> assertThat(pause).isBetween(INTERVAL, Duration.ofSeconds(11)));
        assertThat(pauses.stream().distinct()).as("seed 1").hasSizeGreaterThan(40);
        assertThat(catalog.asked).isEqualTo(51);
        assertThat(heard.events).as("what does not change is told once").hasSize(1);
    }

    @Test
    void whatComesAndGoesIsTold() {
        watched("10.0.0.1");

        catalog.knows("10.0.0.1", "10.0.0.2");
        askAgain();
        catalog.knows("10.0.0.2");
        askAgain();

        assertThat(heard.events).containsExactly("found [10.0.0.1]", "found [10.0.0.1, 10.0.0.2]", "found [10.0.0.2]");
    }

    @Test
    void aFailureKeepsWhatWasFoundIsToldOnceAndEndsWithTheNextAnswerEvenIfThatIsTheSame() {
        watched("10.0.0.1");

        catalog.fails("Cloud Map: throttled");
        askAgain();
        askAgain();
        catalog.fails(null);
        askAgain();

        assertThat(heard.events)
                .containsExactly(
                        "found [10.0.0.1]",
                        "failed virtualNode 'payments': Cloud Map: throttled; the endpoints found before stay in use",
                        "found [10.0.0.1]");
    }

    @Test
    void beforeAnythingWasFoundTheFailurePromisesNothing() {
        catalog.fails("no region");

        source().watch(query("payments"), heard);
        scheduler.runDue();

        assertThat(heard.events).containsExactly("failed virtualNode 'payments': no region");
    }

    @Test
    void aRegistryThatFailsIsAskedEverLessOftenUpToOnceAMinute() {
        watched("10.0.0.1");
        catalog.fails("down");
        askAgain();

        long[] expected = {1, 2, 4, 8, 16, 32, 60, 60, 60};
        for (long seconds : expected) {
            Duration pause = Objects.requireNonNull(scheduler.untilNext());
            assertThat(pause.toMillis()).as("seed 1, after " + catalog.asked).isBetween(seconds * 800, seconds * 1_200);
            askAgain();
        }

        catalog.fails(null);
        askAgain();
        assertThat(scheduler.untilNext()).isBetween(INTERVAL, Duration.ofSeconds(11));
        catalog.fails("down");
        askAgain();
        assertThat(scheduler.untilNext()).as("the next failure starts anew").isLessThan(Duration.ofMillis(1_201));
    }

    @Test
    void aHintShortensThePauseButNotTheOneAfterAFailure() {
        Watch watch = watched("10.0.0.1");

        watch.refresh();
        watch.refresh();
        scheduler.runDue();
        assertThat(scheduler.untilNext()).isEqualTo(INTERVAL.dividedBy(5));
        scheduler.advance(Duration.ofSeconds(2));
        assertThat(catalog.asked).isEqualTo(2);

        scheduler.advance(Duration.ofSeconds(5));
        watch.refresh();
        scheduler.runDue();
        assertThat(catalog.asked).as("long enough ago: at once").isEqualTo(3);

        catalog.fails("throttled");
        askAgain();
        askAgain();
        askAgain();
        Duration pause = Objects.requireNonNull(scheduler.untilNext());
        watch.refresh();
        scheduler.runDue();
        assertThat(scheduler.untilNext()).isEqualTo(pause);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 20_000_000_000L})
    void anEmptyAnswerIsBelievedWhenNothingElseIsSaidForHalfAMinute(long origin) {
        scheduler = FakeScheduler.on(FakeNanoClock.startingAt(origin));
        watched("10.0.0.1");

        catalog.knows();
        askAgain();
        assertThat(scheduler.untilNext()).isEqualTo(Duration.ofSeconds(5));
        scheduler.advance(Duration.ofSeconds(26));
        assertThat(heard.events).containsExactly("found [10.0.0.1]");
        catalog.knows("10.0.0.1");
        askAgain();
        assertThat(heard.events).as("it was a moment only").containsExactly("found [10.0.0.1]");

        catalog.knows();
        askAgain();
        scheduler.advance(Duration.ofSeconds(29));
        assertThat(heard.events).containsExactly("found [10.0.0.1]");
        scheduler.advance(Duration.ofSeconds(1));
        assertThat(heard.events).containsExactly("found [10.0.0.1]", "found []");
        assertThat(scheduler.untilNext()).isBetween(INTERVAL, Duration.ofSeconds(11));
    }

    @Test
    void aFailureInBetweenSaysNothingAboutEmptiness() {
        watched("10.0.0.1");
        catalog.knows();
        askAgain();
        catalog.fails("down");
        askAgain();
        catalog.fails(null);
        askAgain();
        scheduler.advance(Duration.ofSeconds(29));
        assertThat(heard.events).doesNotContain("found []");

        scheduler.advance(Duration.ofSeconds(1));

        assertThat(heard.events).endsWith("found []");
    }

    @Test
    void anEmptyAnswerIsBelievedAtOnceWhereNothingWasKnown() {
        source().watch(query("payments"), heard);
        scheduler.runDue();

        assertThat(heard.events).containsExactly("found []");
    }

    @Test
    void aDefectOfTheRegistrysClientIsToldAsAFailureAndTheSourceGoesOn() {
        watched("10.0.0.1");

        catalog.defect = new IllegalStateException("a bug");
        askAgain();
        catalog.defect = null;
        catalog.knows("10.0.0.2");
        askAgain();

        assertThat(heard.events)
                .containsExactly(
                        "found [10.0.0.1]",
                        "failed virtualNode 'payments': endpoint source fake failed: java.lang.IllegalStateException: a"
                                + " bug; see the log; the endpoints found before stay in use",
                        "found [10.0.0.2]");
    }

    @Test
    void oneNodeThatFailsDoesNotHoldUpTheOthers() {
        Heard other = new Heard();
        catalog.knows("10.0.0.1");
        catalog.brokenNode = "broken";
        EndpointSource source = source();

        source.watch(query("broken"), heard);
        source.watch(query("payments"), other);
        scheduler.runDue();

        assertThat(heard.events).containsExactly("failed virtualNode 'broken': down");
        assertThat(other.events).containsExactly("found [10.0.0.1]");
    }

    @Test
    void theEndOfAWatchEndsItsLookUpsAndNothingElse() {
        catalog.knows("10.0.0.1");
        Heard other = new Heard();
        EndpointSource source = source();
        Watch watch = source.watch(query("payments"), heard);
        source.watch(query("stock"), other);
        scheduler.runDue();

        watch.close();
        watch.close();
        scheduler.runDue();
        catalog.knows("10.0.0.2");
        scheduler.advance(Duration.ofMinutes(1));

        assertThat(heard.events).containsExactly("found [10.0.0.1]");
        assertThat(other.events).containsExactly("found [10.0.0.1]", "found [10.0.0.2]");
        assertThat(scheduler.waiting()).isEqualTo(1);
    }

    @Test
    void whatIsFoundWhileTheWatchEndsIsNotTold() {
        Watch[] watch = new Watch[1];
        catalog.knows("10.0.0.1");
        catalog.during = () -> watch[0].close();
        watch[0] = source().watch(query("payments"), heard);

        scheduler.runDue();

        assertThat(heard.events).isEmpty();
        assertThat(scheduler.waiting()).isZero();
    }

    @Test
    void closingEndsTheCallUnderWayBeforeTheThreadAndAFailureByItIsNoNews() {
        List<String> ends = new ArrayList<>();
        EndpointSource[] source = new EndpointSource[1];
        catalog.onClose = () -> ends.add("catalog");
        catalog.during = () -> source[0].close();
        catalog.fails("aborted");
        source[0] = PollingEndpointSource.builder("fake", catalog)
                .build(scheduler, () -> ends.add("thread"), scheduler.clock(), new SplittableRandom(1));
        source[0].watch(query("payments"), heard);

        scheduler.runDue();
        source[0].close();

        assertThat(ends).containsExactly("catalog", "thread");
        assertThat(heard.events).isEmpty();
        assertThat(scheduler.waiting()).isZero();
    }

    @Test
    void anIntervalBelowASecondIsRefused() {
        assertThatThrownBy(() -> PollingEndpointSource.builder("fake", catalog).interval(Duration.ofMillis(999)))
                .hasMessage("interval: PT0.999S (expected: 1 s or more)");
    }

    private Watch watched(String... addresses) {
        catalog.knows(addresses);
        Watch watch = source().watch(query("payments"), heard);
        scheduler.runDue();
        return watch;
    }

    private EndpointSource source() {
        return PollingEndpointSource.builder("fake", catalog)
                .interval(INTERVAL)
                .build(scheduler, scheduler::stop, scheduler.clock(), new SplittableRandom(1));
    }

    /** Lets the time pass until the look-up that is planned. */
    private void askAgain() {
        scheduler.advance(Objects.requireNonNull(scheduler.untilNext()));
    }

    private static Query query(String node) {
        return new Query("shop", node, new CloudMap("prod", node, Map.of(), null), null, List.of(8080));
    }

    private static Found found(String address) {
        try {
            return new Found(address, List.of(InetAddress.getByName(address)), null, null);
        } catch (IOException e) {
            throw new IllegalArgumentException(address, e);
        }
    }

    private static final class FakeCatalog implements EndpointCatalog {
        int asked;
        String brokenNode = "";
        Runnable during = () -> {};
        Runnable onClose = () -> {};

        @Nullable
        RuntimeException defect;

        private List<Found> known = List.of();
        private @Nullable String failure;

        void knows(String... addresses) {
            known = List.of(addresses).stream()
                    .map(PollingEndpointSourceTest::found)
                    .toList();
        }

        void fails(@Nullable String why) {
            failure = why;
        }

        @Override
        public boolean supports(ServiceDiscovery discovery) {
            return true;
        }

        @Override
        public Lookup lookup(Query query) {
            return () -> {
                asked++;
                during.run();
                if (defect != null) {
                    throw defect;
                }
                if (failure != null || query.virtualNode().equals(brokenNode)) {
                    throw new IOException(failure == null ? "down" : failure);
                }
                return known;
            };
        }

        @Override
        public void close() {
            onClose.run();
        }
    }

    private static final class Heard implements Observer {
        final List<String> events = new ArrayList<>();

        @Override
        public void found(List<Found> endpoints) {
            events.add("found " + endpoints.stream().map(Found::name).toList());
        }

        @Override
        public void failed(String message) {
            events.add("failed " + message);
        }
    }
}
