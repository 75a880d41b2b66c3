package io.intramesh.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.call.Endpoint;
import io.intramesh.call.LoadBalancer;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ZonePreferenceTest extends LoadBalancerContract {
    private static final long SEED = 20_261_121;

    @Override
    LoadBalancer balancer() {
        return in("a");
    }

    @Test
    void callsStayInTheOwnZoneWhereItIsHealthy() {
        List<Endpoint> endpoints = zones("a", "b", "c", "a", "b", "c");

        Map<Endpoint, Integer> picks = picks(in("b"), endpoints, Set.of(), 1_000);

        assertThat(picks).containsOnlyKeys(endpoints.get(1), endpoints.get(4));
        assertThat(picks.values()).allSatisfy(count -> assertThat(count).isBetween(499, 501));
    }

    @Test
    void aZoneThatLosesEndpointsSpillsOverBitByBit() {
        List<Endpoint> endpoints = zones("a", "a", "a", "a", "b", "b", "b", "b");
        LoadBalancer balancer = in("a");

        // 1.4 x 3 x 2 / 7 = 1.2; 1.4 x 2 x 2 / 6 = 0.93; 1.4 x 1 x 2 / 5 = 0.56. Bounds: five standard deviations.
        assertThat(stays(balancer, endpoints, 1)).isEqualTo(1);
        assertThat(stays(balancer, endpoints, 2)).as("seed %d", SEED).isBetween(0.933 - 0.013, 0.933 + 0.013);
        assertThat(stays(balancer, endpoints, 3)).as("seed %d", SEED).isBetween(0.56 - 0.025, 0.56 + 0.025);
        assertThat(stays(balancer, endpoints, 4)).isZero();
        assertThat(stays(balancer, endpoints, 0)).isEqualTo(1);
    }

    @Test
    void aSmallZoneIsNotCrushed() {
        List<Endpoint> endpoints = zones("a", "b", "b", "b", "b", "b", "b", "b", "b", "b");

        // 1.4 x 1 x 2 / 10 of the calls: the one endpoint has 1.4 times what the others have if callers are in both.
        double share = stays(in("a"), endpoints, 0);

        assertThat(share).as("seed %d", SEED).isBetween(0.28 - 0.023, 0.28 + 0.023);
    }

    @Test
    void withoutEndpointsInTheOwnZoneAllOthersAreUsed() {
        List<Endpoint> endpoints = zones("b", "c", "");

        assertThat(picks(in("a"), endpoints, Set.of(), 300).values()).containsExactly(100, 100, 100);
    }

    @Test
    void whoDoesNotSayItsZoneIsElsewhere() {
        List<Endpoint> endpoints = zones("a", "", "a", "");

        assertThat(picks(in("a"), endpoints, Set.of(), 10_000)).hasSize(4);
    }

    /** Returns the share of picks in the zone of the first endpoint, while so many from the first on are unusable. */
    private static double stays(LoadBalancer balancer, List<Endpoint> endpoints, int unusable) {
        int picks = 10_000;
        Map<Endpoint, Integer> found = picks(balancer, endpoints, Set.copyOf(endpoints.subList(0, unusable)), picks);
        int here = found.entrySet().stream()
                .filter(entry -> "a".equals(entry.getKey().zone()))
                .mapToInt(Map.Entry::getValue)
                .sum();
        return (double) here / picks;
    }

    private static LoadBalancer in(String zone) {
        SplittableRandom chance = new SplittableRandom(SEED);
        return new ZonePreference(new RoundRobin(0), zone, (request, salt) -> chance.nextDouble());
    }

    /** An empty text stands for an endpoint that does not say its zone. */
    private static List<Endpoint> zones(String... zones) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < zones.length; i++) {
            endpoints.add(new Endpoint(
                    "payments",
                    "10.0.0." + i,
                    8080,
                    zones[i].isEmpty() ? null : zones[i],
                    List.of(InetAddress.getLoopbackAddress())));
        }
        return List.copyOf(endpoints);
    }
}
