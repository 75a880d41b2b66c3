package io.intramesh.internal.route;

import static io.intramesh.internal.route.Fixture.get;
import static io.intramesh.internal.route.Fixture.http;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.intramesh.model.HttpMatch;
import io.intramesh.model.Listener;
import io.intramesh.model.Protocol;
import io.intramesh.model.WeightedTarget;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The rules W-01 to W-09 of the reference. */
final class WeightedTargetsTest {
    private static final int DECISIONS = 100_000;
    private static final long SEED = 42;

    @Test
    void ninetyToTenSpreadsAsNinetyToTen() {
        Map<String, Integer> counts = spread(target("v1", 90), target("v2", 10));

        // Binomial: standard deviation sqrt(100000 * 0.9 * 0.1) = 94.9; 4 of them miss once in 16,000 seeds.
        assertThat(counts.get("v2")).as("seed %s", SEED).isCloseTo(10_000, within(380));
        assertThat(counts).containsOnlyKeys("v1", "v2");
    }

    @Test
    void anySumOfWeightsIsTheWhole() {
        Map<String, Integer> ones = spread(target("v1", 1), target("v2", 1));
        Map<String, Integer> hundreds = spread(target("v1", 100), target("v2", 100), target("v3", 100));

        // Standard deviations sqrt(100000 / 4) = 158 and sqrt(100000 * 2 / 9) = 149; 4 of each.
        assertThat(ones.get("v1")).as("seed %s", SEED).isCloseTo(50_000, within(633));
        assertThat(hundreds.get("v3")).as("seed %s", SEED).isCloseTo(33_333, within(597));
    }

    @Test
    void aWeightOfZeroGetsNothing() {
        Map<String, Integer> counts = spread(target("off", 0), target("v1", 3), target("none", 0), target("v2", 1));

        assertThat(counts).containsOnlyKeys("v1", "v2");
        assertThat(counts.get("v2")).as("seed %s", SEED).isCloseTo(25_000, within(548));
    }

    @Test
    void oneTargetWithAWeightNeedsNoDraw() {
        RandomGenerator none = () -> {
            throw new AssertionError("drawn");
        };
        RoutingTable table = mesh(target("v1", 5), target("off", 0)).table();

        Decision decision = table.decide(get("/").build(), Objects.requireNonNull(table.caller(null)), none);

        assertThat(decision.target().virtualNode()).isEqualTo("v1");
    }

    @Test
    void aTargetThatDoesNotExistKeepsItsShare() {
        Decision decision = mesh(new WeightedTarget("gone", 1, 8080)).decide(get("/"));

        assertThat(decision.refusal()).isNull();
        assertThat(decision.target().virtualNode()).isEqualTo("gone");
        assertThat(decision.target().listener()).isNull();
        assertThat(decision.target().port()).isEqualTo(8080);
    }

    @Test
    void thePortPicksTheListenerOfTheTarget() {
        Listener first = Fixture.listener(8080, Protocol.HTTP);
        Listener second = Fixture.listener(9080, Protocol.HTTP);

        assertThat(mesh(new WeightedTarget("n", 1, 9080))
                        .node("n", first, second)
                        .decide(get("/"))
                        .target()
                        .listener())
                .isEqualTo(second);
        assertThat(mesh(new WeightedTarget("n", 1, null))
                        .node("n", first, second)
                        .decide(get("/"))
                        .target()
                        .listener())
                .isEqualTo(first);
        assertThat(mesh(new WeightedTarget("n", 1, 7))
                        .node("n", first, second)
                        .decide(get("/"))
                        .target()
                        .listener())
                .isNull();
    }

    @Test
    void aNodeMayBeListedTwice() {
        Map<String, Integer> counts = spread(target("v1", 1), target("v2", 1), target("v1", 2));

        assertThat(counts.get("v1")).as("seed %s", SEED).isCloseTo(75_000, within(548));
    }

    @Test
    void sharesAreExplained() {
        assertThat(mesh(target("v1", 3), target("v2", 0), target("v3", 1))
                        .explain(get("/"))
                        .targets())
                .extracting("virtualNode", "weight", "share")
                .containsExactly(tuple("v1", 3, 0.75), tuple("v2", 0, 0.0), tuple("v3", 1, 0.25));
    }

    private static WeightedTarget target(String node, int weight) {
        return new WeightedTarget(node, weight, null);
    }

    private static Fixture mesh(WeightedTarget... targets) {
        return Fixture.withHttpRouter().route("all", null, http(HttpMatch.ALL, targets));
    }

    private static Map<String, Integer> spread(WeightedTarget... targets) {
        RoutingTable table = mesh(targets).table();
        Caller caller = Objects.requireNonNull(table.caller(null));
        SplittableRandom random = new SplittableRandom(SEED);
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < DECISIONS; i++) {
            counts.merge(table.decide(get("/").build(), caller, random).target().virtualNode(), 1, Integer::sum);
        }
        assertThat(counts.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(DECISIONS);
        return counts;
    }
}
