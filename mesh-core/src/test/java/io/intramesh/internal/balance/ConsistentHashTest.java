package io.intramesh.internal.balance;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.call.Endpoint;
import io.intramesh.call.LoadBalancer;
import io.intramesh.call.MeshRequest;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.internal.time.Chance;
import io.intramesh.model.LoadBalancing.HashKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class ConsistentHashTest extends LoadBalancerContract {
    private static final long SEED = 20_261_121;

    /** Without a request there is no key, and the balancer has to spread. */
    @Override
    LoadBalancer balancer() {
        return onHeader(125);
    }

    @Test
    void aKeyAlwaysGoesToTheSameEndpointInEveryProcess() {
        List<Endpoint> endpoints = endpoints(7);
        List<Endpoint> elsewhere = endpoints(7);
        LoadBalancer balancer = onHeader(125);
        LoadBalancer other = onHeader(125);

        for (int key = 0; key < 200; key++) {
            Endpoint picked = pick(balancer, endpoints, "user-" + key);

            assertThat(pick(balancer, endpoints, "user-" + key)).isSameAs(picked);
            assertThat(endpoints.indexOf(picked)).isEqualTo(elsewhere.indexOf(pick(other, elsewhere, "user-" + key)));
        }
    }

    @Test
    void whereKeysGoDoesNotChangeWithVersions() {
        List<Endpoint> endpoints = endpoints(5);
        List<Integer> places = new ArrayList<>();
        for (String key : List.of("", "a", "b", "user-1", "user-2", "größe")) {
            places.add(endpoints.indexOf(pick(onHeader(125), endpoints, key)));
        }

        // Callers of two versions at a time have to agree.
        assertThat(places).containsExactly(0, 4, 4, 4, 2, 0);
    }

    @Test
    void keysSpreadEvenly() {
        List<Endpoint> endpoints = endpoints(10);
        LoadBalancer balancer = onHeader(125);
        Map<Endpoint, Integer> picks = new HashMap<>();
        for (int key = 0; key < 100_000; key++) {
            picks.merge(pick(balancer, endpoints, "user-" + key), 1, Integer::sum);
        }

        // p = 1/10: standard deviation 95; five of them. The keys are fixed, and so is the outcome.
        assertThat(picks.values())
                .hasSize(10)
                .allSatisfy(count -> assertThat(count).isBetween(10_000 - 475, 10_000 + 475));
    }

    @Test
    void keysSpreadByWeightAndAWeightThatGrowsMovesOnlyKeysToIt() {
        List<Endpoint> even = endpoints(4);
        List<Endpoint> grown = weighted(1, 3, 1, 1);
        LoadBalancer balancer = onHeader(125);
        Map<Endpoint, Integer> picks = new HashMap<>();
        for (int key = 0; key < 60_000; key++) {
            int before = even.indexOf(pick(balancer, even, "user-" + key));
            Endpoint after = pick(balancer, grown, "user-" + key);
            picks.merge(after, 1, Integer::sum);
            assertThat(grown.indexOf(after)).as("user-%d", key).isIn(before, 1);
        }

        // p = 1/6 and 1/2: standard deviations of 91 and 122; five of them. The keys are fixed, and so is the outcome.
        for (int i = 0; i < 4; i++) {
            int expected = i == 1 ? 30_000 : 10_000;
            assertThat(picks.get(grown.get(i))).isBetween(expected - 610, expected + 610);
        }
    }

    @Test
    void onlyTheKeysOfAnEndpointThatGoesMove() {
        List<Endpoint> endpoints = endpoints(5);
        List<Endpoint> without = List.of(endpoints.get(0), endpoints.get(1), endpoints.get(3), endpoints.get(4));
        LoadBalancer balancer = onHeader(125);
        Map<Endpoint, Integer> moved = new HashMap<>();
        for (int key = 0; key < 10_000; key++) {
            Endpoint before = pick(balancer, endpoints, "user-" + key);
            Endpoint after = pick(balancer, without, "user-" + key);
            if (before == endpoints.get(2)) {
                moved.merge(after, 1, Integer::sum);
            } else {
                assertThat(after).isSameAs(before);
            }
        }

        // About 2,000 keys over the four that stay: p = 1/4, standard deviation 19; five of them.
        assertThat(moved.values())
                .hasSize(4)
                .allSatisfy(count -> assertThat(count).isBetween(500 - 140, 500 + 140));
    }

    @Test
    void theKeysOfAnUnusableEndpointComeBackToIt() {
        List<Endpoint> endpoints = endpoints(3);
        LoadBalancer balancer = onHeader(125);
        Endpoint own = pick(balancer, endpoints, "ada");

        Endpoint instead = balancer.pick(endpoints, endpoint -> endpoint != own, withUser("ada"));

        assertThat(instead).isNotNull().isNotSameAs(own);
        assertThat(pick(balancer, endpoints, "ada")).isSameAs(own);
    }

    @Test
    void noEndpointGetsMoreThanItsBound() {
        RandomGenerator chance = new Random(SEED);
        List<Endpoint> endpoints = endpoints(8);
        LoadBalancer balancer = onHeader(125);
        List<Endpoint> underWay = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            // One key in two is the same, so that without a bound one endpoint would have half of all.
            Endpoint picked = pick(balancer, endpoints, chance.nextBoolean() ? "hot" : "user-" + chance.nextInt(1_000));
            picked.requestStarted();
            underWay.add(picked);

            int bound = Math.max(ConsistentHash.MIN_BOUND, (int) Math.ceil(1.25 * underWay.size() / 8));
            assertThat(picked.inFlight()).as("seed %d, step %d", SEED, step).isLessThanOrEqualTo(bound);

            while (underWay.size() > 400 || (!underWay.isEmpty() && chance.nextInt(20) == 0)) {
                underWay.remove(chance.nextInt(underWay.size())).requestEnded();
            }
        }
    }

    @Test
    void theOverflowOfAFullEndpointSpreadsOverAllOthers() {
        List<Endpoint> endpoints = endpoints(5);
        LoadBalancer balancer = onHeader(125);
        Endpoint full = endpoints.get(2);
        for (int i = 0; i < 1_000; i++) {
            full.requestStarted();
        }
        Map<Endpoint, Integer> picks = new HashMap<>();
        for (int key = 0; key < 10_000; key++) {
            picks.merge(pick(balancer, endpoints, "user-" + key), 1, Integer::sum);
        }

        // p = 1/4: standard deviation 43; five of them.
        assertThat(picks).doesNotContainKey(full).hasSize(4);
        assertThat(picks.values()).allSatisfy(count -> assertThat(count).isBetween(2_500 - 215, 2_500 + 215));
    }

    @Test
    void aFewRequestsOfAKeyAtATimeStayTogether() {
        List<Endpoint> endpoints = endpoints(10);
        LoadBalancer balancer = onHeader(125);
        Endpoint own = pick(balancer, endpoints, "ada");

        for (int i = 0; i < ConsistentHash.MIN_BOUND; i++) {
            assertThat(pick(balancer, endpoints, "ada")).isSameAs(own);
            own.requestStarted();
        }

        assertThat(pick(balancer, endpoints, "ada")).isNotSameAs(own);
    }

    @Test
    void aCookieIsFoundAmongOthers() {
        List<Endpoint> endpoints = endpoints(50);
        LoadBalancer balancer = of(new HashKey.Cookie("sid"), 125);
        Endpoint own = requireNonNull(balancer.pick(endpoints, any -> true, withCookie("sid=abc")));

        for (String cookies :
                List.of("a=1; sid=abc", "sid=abc; b=2", "xsid=zzz; sid=abc ;sid2=y", "a=sid; sid=abc", "a=1,sid=abc")) {
            assertThat(balancer.pick(endpoints, any -> true, withCookie(cookies)))
                    .as(cookies)
                    .isSameAs(own);
        }
        for (String none : List.of("", "sid", "xsid=abc", "sidx=abc", "a=sid=abc", "SID=abc")) {
            assertThat(new RequestKey(new HashKey.Cookie("sid"), 1).of(withCookie(none)))
                    .as(none)
                    .isEqualTo(RequestKey.NONE);
        }
    }

    @Test
    void requestsWithoutTheKeyAreSpread() {
        List<Endpoint> endpoints = endpoints(4);
        LoadBalancer balancer = onHeader(125);
        Set<Endpoint> picked = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            picked.add(requireNonNull(balancer.pick(
                    endpoints, any -> true, ExplainRequest.builder("h").build())));
        }

        // 200 draws miss one of four with a likelihood of 4 x 0.75^200, which is less than 1e-24.
        assertThat(picked).hasSize(4);
    }

    @Test
    void eachProcessKeepsToItsOwnEndpoint() {
        List<Endpoint> endpoints = endpoints(4);
        Set<Endpoint> all = new HashSet<>();
        for (int process = 1; process <= 200; process++) {
            LoadBalancer balancer =
                    new ConsistentHash(new RequestKey(new HashKey.Source(), process), 125, Chance.shared());
            MeshRequest any = ExplainRequest.builder("h").build();
            Endpoint own = requireNonNull(balancer.pick(endpoints, usable -> true, any));
            for (int i = 0; i < 10; i++) {
                assertThat(balancer.pick(endpoints, usable -> true, any)).isSameAs(own);
            }
            all.add(own);
        }

        assertThat(all).hasSize(4);
    }

    private static LoadBalancer onHeader(int maxLoad) {
        return of(new HashKey.Header("x-user"), maxLoad);
    }

    private static LoadBalancer of(HashKey key, int maxLoad) {
        return new ConsistentHash(new RequestKey(key, 1), maxLoad, Chance.shared());
    }

    private static Endpoint pick(LoadBalancer balancer, List<Endpoint> endpoints, String user) {
        return requireNonNull(balancer.pick(endpoints, any -> true, withUser(user)));
    }

    private static MeshRequest withUser(String user) {
        return ExplainRequest.builder("h").header("x-user", user).build();
    }

    private static MeshRequest withCookie(String cookies) {
        return ExplainRequest.builder("h").header("cookie", cookies).build();
    }
}
