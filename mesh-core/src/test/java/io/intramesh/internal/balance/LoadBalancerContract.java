package io.intramesh.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.call.Endpoint;
import io.intramesh.call.LoadBalancer;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.Test;

/** What every load balancer keeps. */
abstract class LoadBalancerContract {

    /** Returns a fresh balancer. */
    abstract LoadBalancer balancer();

    @Test
    void anEmptyListHasNoPick() {
        assertThat(balancer().pick(List.of(), endpoint -> true)).isNull();
    }

    @Test
    void nothingIsPickedWhereNothingIsUsable() {
        for (int size = 1; size <= 5; size++) {
            assertThat(balancer().pick(endpoints(size), endpoint -> false))
                    .as("%d endpoints", size)
                    .isNull();
        }
    }

    @Test
    void theOnlyEndpointIsAlwaysPicked() {
        List<Endpoint> endpoints = endpoints(1);
        LoadBalancer balancer = balancer();

        for (int i = 0; i < 100; i++) {
            assertThat(balancer.pick(endpoints, endpoint -> true)).isSameAs(endpoints.get(0));
        }
    }

    @Test
    void theOnlyUsableEndpointIsAlwaysPickedWhereverItStands() {
        List<Endpoint> endpoints = endpoints(5);
        LoadBalancer balancer = balancer();

        for (Endpoint only : endpoints) {
            for (int i = 0; i < 20; i++) {
                assertThat(balancer.pick(endpoints, endpoint -> endpoint == only))
                        .isSameAs(only);
            }
        }
    }

    @Test
    void anUnusableEndpointIsNeverPicked() {
        List<Endpoint> endpoints = endpoints(6);
        Set<Endpoint> unusable = Set.of(endpoints.get(0), endpoints.get(3), endpoints.get(4));

        Map<Endpoint, Integer> picks = picks(balancer(), endpoints, unusable, 10_000);

        assertThat(picks).doesNotContainKeys(unusable.toArray(Endpoint[]::new)).hasSize(3);
    }

    @Test
    void anEndpointThatBecomesUnusableBetweenTwoLooksIsNoFailure() {
        List<Endpoint> endpoints = endpoints(4);
        AtomicInteger looks = new AtomicInteger();

        for (int usableLooks = 0; usableLooks < 12; usableLooks++) {
            looks.set(usableLooks);
            Endpoint picked = balancer().pick(endpoints, endpoint -> looks.getAndDecrement() > 0);

            assertThat(picked == null || endpoints.contains(picked)).isTrue();
        }
    }

    @Test
    void allThreadsTogetherSpreadEvenlyToo() throws ExecutionException, InterruptedException {
        List<Endpoint> endpoints = endpoints(4);
        LoadBalancer balancer = balancer();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<Map<Endpoint, Integer>>> results = new ArrayList<>();
        try {
            Callable<Map<Endpoint, Integer>> task = () -> picks(balancer, endpoints, Set.of(), 25_000);
            for (int i = 0; i < 4; i++) {
                results.add(threads.submit(task));
            }

            Map<Endpoint, Integer> total = new HashMap<>();
            for (Future<Map<Endpoint, Integer>> result : results) {
                result.get().forEach((endpoint, count) -> total.merge(endpoint, count, Integer::sum));
            }
            // 100,000 draws with p = 1/4 have a standard deviation of 137; five of them are passed once in 1.7 million
            // runs.
            assertThat(total.values())
                    .hasSize(4)
                    .allSatisfy(count -> assertThat(count).isBetween(25_000 - 685, 25_000 + 685));
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void sharesFollowWeights() {
        List<Endpoint> endpoints = weighted(1, 5, 2, 2);

        Map<Endpoint, Integer> picks = picks(balancer(), endpoints, Set.of(), 20_000);
        Map<Endpoint, Integer> without = picks(balancer(), endpoints, Set.of(endpoints.get(1)), 20_000);

        // 20,000 draws have a standard deviation of at most 71; five of them.
        assertThat(endpoints)
                .extracting(picks::get)
                .satisfiesExactly(about(2_000), about(10_000), about(4_000), about(4_000));
        assertThat(List.of(endpoints.get(0), endpoints.get(2), endpoints.get(3)))
                .extracting(without::get)
                .satisfiesExactly(about(4_000), about(8_000), about(8_000));
    }

    @Test
    void weightsThatAreAlikeChangeNothing() {
        List<Endpoint> endpoints = weighted(7, 7, 7);

        Map<Endpoint, Integer> picks = picks(balancer(), endpoints, Set.of(), 9_000);

        // p = 1/3: a standard deviation of 45; five of them.
        assertThat(picks.values())
                .hasSize(3)
                .allSatisfy(count -> assertThat(count).isBetween(3_000 - 225, 3_000 + 225));
    }

    private static ThrowingConsumer<Integer> about(int expected) {
        return count -> assertThat(count).isBetween(expected - 355, expected + 355);
    }

    static List<Endpoint> weighted(int... weights) {
        List<Endpoint> endpoints = endpoints(weights.length);
        for (int i = 0; i < weights.length; i++) {
            endpoints.get(i).describedBy(true, weights[i], Map.of());
        }
        return endpoints;
    }

    static Map<Endpoint, Integer> picks(
            LoadBalancer balancer, List<Endpoint> endpoints, Set<Endpoint> unusable, int count) {
        Map<Endpoint, Integer> picks = new HashMap<>();
        for (int i = 0; i < count; i++) {
            Endpoint picked = balancer.pick(endpoints, endpoint -> !unusable.contains(endpoint));
            assertThat(picked).isNotNull();
            picks.merge(picked, 1, Integer::sum);
        }
        return picks;
    }

    static List<Endpoint> endpoints(int count) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            endpoints.add(
                    new Endpoint("payments", "10.0.0." + i, 8080, null, List.of(InetAddress.getLoopbackAddress())));
        }
        return List.copyOf(endpoints);
    }
}
