package io.intramesh.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.call.Endpoint;
import io.intramesh.call.LoadBalancer;
import io.intramesh.testing.FakeNanoClock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RoundRobinTest extends LoadBalancerContract {
    private final LoadBalancers balancers = new LoadBalancers(FakeNanoClock.create(), new Random(7), null);

    @Override
    LoadBalancer balancer() {
        return balancers.roundRobin();
    }

    @Test
    void eachEndpointHasItsTurn() {
        List<Endpoint> endpoints = endpoints(3);
        LoadBalancer balancer = new RoundRobin(0);

        for (int round = 0; round < 3; round++) {
            for (Endpoint expected : endpoints) {
                assertThat(balancer.pick(endpoints, endpoint -> true)).isSameAs(expected);
            }
        }
    }

    @Test
    void theShareOfAnUnusableEndpointIsSpreadOverAllOthers() {
        List<Endpoint> endpoints = endpoints(5);
        Set<Endpoint> unusable = Set.of(endpoints.get(1));

        // 5 turns per round, one of them spare; after 4 rounds each of the 4 usable endpoints has had 4 turns and 1
        // spare one.
        Map<Endpoint, Integer> picks = picks(new RoundRobin(0), endpoints, unusable, 20);

        assertThat(picks.values()).hasSize(4).containsOnly(5);
    }

    @Test
    void aHeavyEndpointHasItsTurnsSpreadAndSharesAreRightSoon() {
        List<Endpoint> endpoints = weighted(1, 3);
        LoadBalancer balancer = new RoundRobin(0);

        for (int end = 1; end <= 400; end++) {
            int light = 0;
            LoadBalancer fresh = new RoundRobin(end);
            for (int i = 0; i < 40; i++) {
                light += fresh.pick(endpoints, endpoint -> true) == endpoints.get(0) ? 1 : 0;
            }
            assertThat(light).as("of 40 turns from turn %d", end).isBetween(8, 12);
        }
        int inARow = 0;
        for (int i = 0; i < 1000; i++) {
            inARow = balancer.pick(endpoints, endpoint -> true) == endpoints.get(1) ? inARow + 1 : 0;
            assertThat(inARow).isLessThanOrEqualTo(5);
        }
    }

    @Test
    void severalUnusableNeighboursDoNotBurdenTheirSuccessor() {
        List<Endpoint> endpoints = endpoints(6);
        Set<Endpoint> unusable = Set.of(endpoints.get(0), endpoints.get(1), endpoints.get(2));

        Map<Endpoint, Integer> picks = picks(new RoundRobin(0), endpoints, unusable, 6_000);

        assertThat(picks.values()).hasSize(3).containsOnly(2_000);
    }

    @Test
    void theTurnsGoOnWhenTheCounterOverflows() {
        List<Endpoint> endpoints = endpoints(3);

        for (int start : new int[] {Integer.MAX_VALUE - 2, -3}) {
            Map<Endpoint, Integer> picks = picks(new RoundRobin(start), endpoints, Set.of(), 9);

            // At most one endpoint loses a turn to another where the unsigned counter wraps.
            assertThat(picks.values())
                    .hasSize(3)
                    .allSatisfy(count -> assertThat(count).isBetween(2, 4));
        }
    }

    @Test
    void theListMayShrinkAndGrowBetweenPicks() {
        List<Endpoint> endpoints = endpoints(7);
        LoadBalancer balancer = new RoundRobin(0);

        for (int i = 0; i < 100; i++) {
            List<Endpoint> now = endpoints.subList(0, 1 + i % endpoints.size());
            assertThat(now).contains(balancer.pick(now, endpoint -> true));
        }
    }

    @Test
    void balancersDoNotAllBeginWithTheSameEndpoint() {
        List<Endpoint> endpoints = endpoints(4);
        Set<Endpoint> first = new HashSet<>();

        // 200 draws miss one of four with a likelihood of 4 x 0.75^200, which is less than 1e-24.
        for (int i = 0; i < 200; i++) {
            first.add(balancers.roundRobin().pick(endpoints, endpoint -> true));
        }

        assertThat(first).hasSize(4);
    }
}
