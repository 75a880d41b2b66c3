package io.intramesh.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.call.Endpoint;
import io.intramesh.call.LoadBalancer;
import io.intramesh.internal.time.Chance;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class LeastRequestTest extends LoadBalancerContract {
    private static final long SEED = 20_261_121;

    /** A generator of many threads has to be one for many threads, as in a mesh. */
    @Override
    LoadBalancer balancer() {
        return new LeastRequest(Chance.shared());
    }

    @Test
    void ofTwoEndpointsTheLessBusyIsPicked() {
        List<Endpoint> endpoints = endpoints(2);
        endpoints.get(0).requestStarted();

        Map<Endpoint, Integer> picks = picks(seeded(), endpoints, Set.of(), 1_000);

        assertThat(picks).containsOnlyKeys(endpoints.get(1));
    }

    @Test
    void whatAnEndpointHasToDoIsHeldAgainstItsWeight() {
        List<Endpoint> endpoints = weighted(1, 4);
        endpoints.get(0).requestStarted();
        for (int i = 0; i < 3; i++) {
            endpoints.get(1).requestStarted();
        }

        assertThat(picks(seeded(), endpoints, Set.of(), 1_000)).containsOnlyKeys(endpoints.get(1));
        endpoints.get(1).requestStarted();
        endpoints.get(1).requestStarted();
        assertThat(picks(seeded(), endpoints, Set.of(), 1_000)).containsOnlyKeys(endpoints.get(0));
    }

    @Test
    void theBusiestOfAllIsNeverPicked() {
        List<Endpoint> endpoints = endpoints(5);
        for (Endpoint endpoint : endpoints) {
            endpoint.requestStarted();
        }
        endpoints.get(2).requestStarted();

        Map<Endpoint, Integer> picks = picks(seeded(), endpoints, Set.of(), 10_000);

        // Every draw puts it beside a less busy one, for the two are always different.
        assertThat(picks).hasSize(4).doesNotContainKey(endpoints.get(2));
    }

    @Test
    void tiesAreSpreadEvenly() {
        List<Endpoint> endpoints = endpoints(10);

        Map<Endpoint, Integer> picks = picks(seeded(), endpoints, Set.of(), 100_000);

        // p = 1/10: standard deviation 95; five of them.
        assertThat(picks.values())
                .hasSize(10)
                .allSatisfy(count -> assertThat(count).as("seed %d", SEED).isBetween(10_000 - 475, 10_000 + 475));
    }

    @Test
    void theShareOfUnusableEndpointsIsSpreadOverAllOthers() {
        List<Endpoint> endpoints = endpoints(6);
        Set<Endpoint> unusable = Set.of(endpoints.get(0), endpoints.get(1));

        Map<Endpoint, Integer> picks = picks(seeded(), endpoints, unusable, 100_000);

        // p = 1/4: standard deviation 137; five of them.
        assertThat(picks.values())
                .hasSize(4)
                .allSatisfy(count -> assertThat(count).as("seed %d", SEED).isBetween(25_000 - 685, 25_000 + 685));
    }

    @Test
    void amongTheUsableTheLessBusyIsPickedToo() {
        List<Endpoint> endpoints = endpoints(8);
        Set<Endpoint> usable = Set.of(endpoints.get(3), endpoints.get(6));
        endpoints.get(3).requestStarted();
        Set<Endpoint> unusable = new HashSet<>(endpoints);
        unusable.removeAll(usable);

        Map<Endpoint, Integer> picks = picks(seeded(), endpoints, unusable, 1_000);

        assertThat(picks).containsOnlyKeys(endpoints.get(6));
    }

    @Test
    void twoChoicesKeepTheFullestEndpointNearTheMean() {
        // Requests that never end: n = 100 endpoints, m = 10,000 requests, mean 100. Theory: the maximum is the mean
        // plus about ln ln n / ln 2 = 2.2 (and a constant); one random choice gives the mean plus sqrt(2 m ln n / n) =
        // 30.
        List<Endpoint> endpoints = endpoints(100);
        LoadBalancer balancer = seeded();

        for (int i = 0; i < 10_000; i++) {
            Endpoint picked = balancer.pick(endpoints, endpoint -> true);
            assertThat(picked).isNotNull();
            picked.requestStarted();
        }

        assertThat(endpoints.stream().mapToInt(Endpoint::inFlight).max().orElseThrow())
                .as("seed %d", SEED)
                .isLessThanOrEqualTo(106);
    }

    private static LoadBalancer seeded() {
        RandomGenerator chance = new SplittableRandom(SEED);
        return new LeastRequest(chance);
    }
}
