package io.intramesh.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.call.Endpoint;
import io.intramesh.call.LoadBalancer;
import io.intramesh.testing.FakeNanoClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class SlowStartTest extends LoadBalancerContract {
    private static final long SEED = 20_261_121;
    private static final Duration WINDOW = Duration.ofSeconds(30);

    @Override
    LoadBalancer balancer() {
        return over(FakeNanoClock.create());
    }

    static Stream<FakeNanoClock> clocks() {
        return Stream.of(FakeNanoClock.create(), FakeNanoClock.aboutToWrap());
    }

    @ParameterizedTest
    @MethodSource("clocks")
    void aNewEndpointsShareGrowsToThatOfTheOthers(FakeNanoClock clock) {
        List<Endpoint> all = endpoints(3);
        Endpoint fresh = all.get(2);
        LoadBalancer balancer = over(clock);
        picks(balancer, all.subList(0, 2), Set.of(), 10);
        clock.advance(Duration.ofMinutes(5));

        // It takes part in that share of the picks, and gets a third of these. Bounds: five standard deviations.
        assertThat(share(balancer, all, fresh)).as("seed %d", SEED).isBetween(0.033 - 0.006, 0.033 + 0.006);
        clock.advance(Duration.ofSeconds(15));
        assertThat(share(balancer, all, fresh)).as("seed %d", SEED).isBetween(0.167 - 0.012, 0.167 + 0.012);
        clock.advance(Duration.ofSeconds(15));
        assertThat(share(balancer, all, fresh)).as("seed %d", SEED).isBetween(0.333 - 0.001, 0.333 + 0.001);
    }

    @Test
    void whoIsThereFromTheStartIsWarm() {
        List<Endpoint> endpoints = endpoints(3);

        Map<Endpoint, Integer> picks = picks(over(FakeNanoClock.create()), endpoints, Set.of(), 3_000);

        assertThat(picks.values()).containsOnly(1_000);
    }

    @Test
    void ageCountsFromWhenItIsUsable() {
        FakeNanoClock clock = FakeNanoClock.create();
        List<Endpoint> all = endpoints(3);
        Endpoint ill = all.get(2);
        LoadBalancer balancer = over(clock);
        picks(balancer, all, Set.of(ill), 10);
        clock.advance(Duration.ofMinutes(5));
        picks(balancer, all, Set.of(ill), 10);

        assertThat(share(balancer, all, ill)).as("seed %d", SEED).isBetween(0.033 - 0.006, 0.033 + 0.006);
    }

    @Test
    void whoFailedItsHealthChecksAndPassesThemAgainIsNew() {
        FakeNanoClock clock = FakeNanoClock.create();
        List<Endpoint> all = endpoints(3);
        LoadBalancer balancer = over(clock);
        picks(balancer, all, Set.of(), 10);
        clock.advance(Duration.ofMinutes(5));
        picks(balancer, all, Set.of(all.get(2)), 10);

        balancer.recovered(all.get(2));

        assertThat(share(balancer, all, all.get(2))).as("seed %d", SEED).isBetween(0.033 - 0.006, 0.033 + 0.006);
        clock.advance(WINDOW);
        assertThat(share(balancer, all, all.get(2))).as("seed %d", SEED).isBetween(0.333 - 0.001, 0.333 + 0.001);
    }

    @Test
    void whereAllAreNewTheyShareEvenly() {
        FakeNanoClock clock = FakeNanoClock.create();
        LoadBalancer balancer = over(clock);
        picks(balancer, endpoints(1), Set.of(), 10);
        List<Endpoint> replaced = endpoints(4);
        picks(balancer, replaced, Set.of(), 1);
        clock.advance(Duration.ofSeconds(10));

        Map<Endpoint, Integer> picks = picks(balancer, replaced, Set.of(), 4_000);

        // p = 1/4: standard deviation 27; five of them.
        assertThat(picks.values())
                .hasSize(4)
                .allSatisfy(count -> assertThat(count).isBetween(1_000 - 137, 1_000 + 137));
    }

    @Test
    void whatIsWarmStaysSoUnderAnotherBalancer() {
        FakeNanoClock clock = FakeNanoClock.create();
        List<Endpoint> all = endpoints(3);
        LoadBalancer before = over(clock);
        picks(before, all.subList(0, 2), Set.of(), 10);
        picks(before, all, Set.of(), 10);
        clock.advance(Duration.ofSeconds(15));

        // As after a reload with another setting: still half its age.
        assertThat(share(over(clock), all, all.get(2))).as("seed %d", SEED).isBetween(0.167 - 0.012, 0.167 + 0.012);
    }

    private static double share(LoadBalancer balancer, List<Endpoint> endpoints, Endpoint of) {
        int picks = 30_000;
        return (double) picks(balancer, endpoints, Set.of(), picks).getOrDefault(of, 0) / picks;
    }

    private static LoadBalancer over(FakeNanoClock clock) {
        SplittableRandom chance = new SplittableRandom(SEED);
        return new SlowStart(new RoundRobin(0), clock, WINDOW, (request, salt) -> chance.nextDouble());
    }
}
