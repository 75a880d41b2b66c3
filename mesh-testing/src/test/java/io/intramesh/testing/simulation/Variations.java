package io.intramesh.testing.simulation;

import static io.intramesh.testing.simulation.Meshes.NO_OUTLIERS;
import static io.intramesh.testing.simulation.Meshes.OUTLIERS;
import static io.intramesh.testing.simulation.Meshes.RETRIES;
import static io.intramesh.testing.simulation.Meshes.written;

import io.intramesh.testing.simulation.Variation.Chapter;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.NullMarked;

/** The defaults that the report varies. */
@NullMarked
final class Variations {
    static final int MANY = 25;
    static final String FLOOR_OF_ONE = "floor 1/s";

    private Variations() {}

    static List<Chapter> all() {
        return List.of(
                percent(),
                floor(),
                window(),
                retries(),
                attemptLimit(),
                errors(),
                balancing(),
                slowStart(),
                hedging(),
                adaptive(),
                zones());
    }

    private static Chapter percent() {
        Variation down = Variation.of(Incidents.THUNDERING_RETRY);
        Variation failing = Variation.of(Incidents.FAST_503S);
        for (int percent : new int[] {0, 10, 20, 50}) {
            String name = percent + " %" + (percent == 20 ? " (default)" : "");
            down.with(name, written(RETRIES, OUTLIERS, budget(percent, 0, 10)));
            failing.with(name, written(RETRIES, NO_OUTLIERS, budget(percent, 0, 10)));
        }
        return new Chapter("Retry budget: percent", """
                What a callee that is down gets on top is the percentage, whatever the policy of the route wants; how long it takes to be
                well again afterwards is chance, of which the last chapter speaks. What a failing
                endpoint costs while nobody takes it out (the second table has outlier detection switched off) is its share of the calls
                less the percentage. 20 % is what a callee can bear, and not enough to hide an endpoint of four for ever; that is
                outlier detection's part. It stays.
                """, List.of(down, failing));
    }

    private static Chapter floor() {
        Variation down = Variation.of(Incidents.THUNDERING_RETRY.withCallers(MANY));
        Variation unaided = Variation.of(Incidents.FAST_503S.withCallers(MANY));
        Variation failing = Variation.of(Incidents.FAST_503S.withCallers(MANY));
        for (int floor : new int[] {10, 3, 1}) {
            String name = floor == 1 ? FLOOR_OF_ONE : "floor " + floor + "/s" + (floor == 3 ? " (default)" : "");
            down.with(name, written(RETRIES, OUTLIERS, budget(20, floor, 10)));
            unaided.with(name + ", no outlier detection", written(RETRIES, NO_OUTLIERS, budget(20, floor, 10)));
            failing.with(name, written(RETRIES, OUTLIERS, budget(20, floor, 10)));
        }
        return new Chapter("Retry budget: floor", """
                The floor, minRetriesPerSecond, is 3. Every process has its own, so a fleet has as many as it has processes: with the 10
                that Finagle and Linkerd have, 25 callers of 10 calls a second each give a callee that is down twice its load, and the
                20 % means nothing. With 1 it is the 20 % again, but callers of 5 to 50 calls a second are then bound to 20 % like all
                others, which shows where an endpoint fails and outlier detection is switched off. 3, which Envoy's
                min_retry_concurrency has too, is next to both. It was 10 before this table
                ([0014](decisions/0014-outlier-detection-where-none-is-written.md)).
                """, List.of(down, unaided, failing));
    }

    private static Chapter window() {
        Variation down = Variation.of(Incidents.THUNDERING_RETRY);
        Variation failing = Variation.of(Incidents.FAST_503S.withCallers(MANY));
        for (int window : new int[] {1, 2, 10}) {
            String name = window + " s" + (window == 10 ? " (default)" : "");
            down.with(name, written(RETRIES, OUTLIERS, budget(20, 1, window)));
            failing.with(name, written(RETRIES, OUTLIERS, budget(20, 1, window)));
        }
        return new Chapter("Retry budget: window", """
                The budget bounds the load over its window, not at every moment: what a quiet while has saved may be spent at once,
                which is the peak in the first second of an outage, nearly three times the calls. A shorter window takes the peak
                away and with it what hides the onset of a smaller trouble, before outlier detection has its five errors: with 25
                callers 1 s loses one call in a hundred of those that begin during the trouble. Callees stand a second of more load
                better than callers a second of errors, so 10 s stays; who has a callee that does not writes 2 s.
                """, List.of(down, failing));
    }

    private static Chapter retries() {
        Variation failing = Variation.of(Incidents.FAST_503S);
        Variation zone = Variation.of(Incidents.ZONE_LOSS);
        for (int max : new int[] {0, 1, 2, 5}) {
            String name = "maxRetries " + max + (max == 2 ? " (App Mesh's)" : "");
            String policy = RETRIES.replace("maxRetries: 2", "maxRetries: " + max);
            failing.with(name, written(policy, OUTLIERS));
            zone.with(name, written(policy, OUTLIERS));
        }
        return new Chapter("Retries", """
                One retry is nearly all there is to gain, since it goes to another endpoint and rather to one where the last attempt
                went well; the second is for the one in a hundred that meets trouble twice. More do nothing: the budget bounds them.
                """, List.of(failing, zone));
    }

    private static Chapter attemptLimit() {
        Variation hole = Variation.of(Incidents.BLACK_HOLE);
        Variation overload = Variation.of(Incidents.OVERLOAD);
        for (int millis : new int[] {100, 250, 1000}) {
            String name = "perRetryTimeout " + millis + " ms";
            String policy = RETRIES.replace("250", Integer.toString(millis));
            hole.with(name, written(policy, OUTLIERS));
            overload.with(name, written(policy, OUTLIERS));
        }
        hole.with("none, 2 s for all (no policy)", written("", OUTLIERS))
                .with("OkHttp + Resilience4j, call timeout 250 ms", HandWired.of(Duration.ofMillis(250)));
        overload.with("none, 2 s for all (no policy)", written("", OUTLIERS))
                .with("OkHttp + Resilience4j, call timeout 250 ms", HandWired.of(Duration.ofMillis(250)))
                .with("perRetryTimeout 250 ms, circuit breaker", written(RETRIES, NO_OUTLIERS, BREAKER))
                .with("perRetryTimeout 250 ms, least-request", written(RETRIES, OUTLIERS, LEAST_REQUEST));
        return new Chapter("Limit of an attempt", """
                The mesh sets none: App Mesh's policy makes people write one. Against a silent endpoint shorter is better, until it
                cuts off honest answers. Against **a callee that is overloaded as a whole every limit of the caller does harm**: with
                more in the queue than the limit, all answers come too late, and the callee works for nobody. No client here does well;
                OkHttp without any limit does best, because its callers wait. What helps is on the callee's side: a queue no longer
                than its callers' patience (`connectionPool` of the listener, and concurrency limits). On the caller's side a circuit
                breaker spares the callee and ends the trouble soonest.
                """, List.of(hole, overload));
    }

    private static Chapter errors() {
        Variation failing = Variation.of(Incidents.FAST_503S.withCallers(MANY));
        Variation some = Variation.of(Incidents.SOME_ERRORS);
        failing.with("no outlier detection", written(RETRIES, NO_OUTLIERS));
        some.with("no outlier detection", written(RETRIES, NO_OUTLIERS));
        for (int errors : new int[] {1, 5, 20}) {
            String name = "maxServerErrors " + errors;
            String rules = OUTLIERS.replace("Errors: 5", "Errors: " + errors);
            failing.with(name, written(RETRIES, rules));
            some.with(name, written(RETRIES, rules));
        }
        some.with("no outlier detection, peak-ewma", written(RETRIES, NO_OUTLIERS, PEAK_EWMA));
        return new Chapter("Outlier detection", """
                Without it retries alone must hide a failing endpoint for as long as it fails, and the budget does not last. Five
                errors in a row, which App Mesh's examples and Envoy have, suffice. An endpoint that fails three in ten seldom has
                five in a row: retries hide it all the same.
                """, List.of(failing, some));
    }

    private static Chapter balancing() {
        Variation[] variations = {
            Variation.of(Incidents.SLOW_NODE),
            Variation.of(Incidents.FAST_503S),
            Variation.of(Incidents.BLACK_HOLE),
            Variation.of(Incidents.ROLLING_DEPLOY)
        };
        for (Variation variation : variations) {
            variation
                    .with("round-robin (default), alone", written("", NO_OUTLIERS))
                    .with("least-request, alone", written("", NO_OUTLIERS, LEAST_REQUEST))
                    .with("peak-ewma, alone", written("", NO_OUTLIERS, PEAK_EWMA))
                    .with("round-robin", Meshes.CONFIGURED)
                    .with("least-request", written(RETRIES, OUTLIERS, LEAST_REQUEST))
                    .with("peak-ewma", written(RETRIES, OUTLIERS, PEAK_EWMA));
        }
        return new Chapter("Load balancing", """
                App Mesh had round robin and no choice, so that is the default. **It is the weakest of the three**: it gives a slow or
                failing endpoint its full share, and whatever else is written has to make up for it. Alone, with 2 s
                for a call, no policy of the route and no outlier detection, peak-ewma does nearly what these do together;
                least-request finds what is slow and not what fails fast. With both written the difference is small, and in favour of the two. Whoever does
                not depend on equal counts should write `loadBalancing: least-request` or `peak-ewma` for the whole mesh.
                """, List.of(variations));
    }

    private static Chapter slowStart() {
        Variation deploy = Variation.of(Incidents.ROLLING_DEPLOY);
        for (String algorithm : List.of("round-robin", "least-request", "peak-ewma")) {
            deploy.with(algorithm, written(RETRIES, OUTLIERS, "loadBalancing: " + algorithm))
                    .with(
                            algorithm + ", slowStart 10 s",
                            written(
                                    RETRIES,
                                    OUTLIERS,
                                    "loadBalancing: { algorithm: " + algorithm + ", slowStart: 10s }"));
        }
        return new Chapter("Slow start", """
                Off by default, as in Envoy. Where instances start cold it is worth writing, with round robin above all; the other two
                notice by themselves that a fresh endpoint is slow.
                """, List.of(deploy));
    }

    private static Chapter hedging() {
        Variation healthy = Variation.of(Incidents.HEALTHY);
        Variation slow = Variation.of(Incidents.SLOW_NODE);
        Variation hole = Variation.of(Incidents.BLACK_HOLE);
        for (Variation variation : List.of(healthy, slow, hole)) {
            variation
                    .with("no hedging (default)", Meshes.CONFIGURED)
                    .with("hedge, maxExtraLoad 1", written(RETRIES, OUTLIERS, "hedge: { maxExtraLoad: 1 }"))
                    .with("hedge, maxExtraLoad 5", written(RETRIES, OUTLIERS, "hedge: { maxExtraLoad: 5 }"));
        }
        return new Chapter("Hedging", """
                Off by default, since it sends more. It gains little here: the tail of these endpoints is the work itself, and who is
                slow or silent is soon left out by other means. It is for callees whose answers are late by bad luck, such as a pause
                or a lost packet, and this model has no bad luck.
                """, List.of(healthy, slow, hole));
    }

    private static Chapter adaptive() {
        Variation healthy = Variation.of(Incidents.HEALTHY);
        Variation slow = Variation.of(Incidents.SLOW_NODE);
        Variation overload = Variation.of(Incidents.OVERLOAD);
        for (Variation variation : List.of(healthy, slow, overload)) {
            variation
                    .with("no limit (default)", Meshes.CONFIGURED)
                    .with("adaptive, outbound", written(RETRIES, OUTLIERS, ADAPTIVE))
                    .with(
                            "adaptive, outbound, panicThreshold 51",
                            written(RETRIES, OUTLIERS, ADAPTIVE, "panicThreshold: 51"));
        }
        return new Chapter("Adaptive concurrency, on the caller's side", """
                How many requests a caller has under way at one endpoint, found by latency. It changes nothing where all is well or one
                endpoint is slow. In an overload it keeps some of the requests away, so that more of the others are answered in time;
                most still are not, since every caller leaves the callee a few. Off by default, and that stays: a callee defends itself
                better. Its own side, `concurrencyLimit.inbound`, is not simulated: the callees here are plain servers.
                """, List.of(healthy, slow, overload));
    }

    private static Chapter zones() {
        Variation healthy = Variation.of(Incidents.HEALTHY);
        Variation zone = Variation.of(Incidents.ZONE_LOSS);
        for (Variation variation : List.of(healthy, zone)) {
            variation
                    .with("all zones alike (default)", Meshes.CONFIGURED)
                    .with(
                            "preferOwnZone",
                            written(
                                    RETRIES,
                                    OUTLIERS,
                                    "loadBalancing: { algorithm: round-robin, preferOwnZone: true }"));
        }
        return new Chapter("Own zone first", """
                All callers here are in the first zone, which is the worst case: the other one idles, and the first has to bear all.
                Off by default, as App Mesh had no such thing. It pays where zones have callers and endpoints alike.
                """, List.of(healthy, zone));
    }

    private static final String LEAST_REQUEST = "loadBalancing: least-request";
    private static final String PEAK_EWMA = "loadBalancing: peak-ewma";
    private static final String ADAPTIVE = "concurrencyLimit: { outbound: { adaptive: gradient } }";
    private static final String BREAKER = "circuitBreaker: { consecutiveFailures: 3, openFor: 10s }";

    private static String budget(int percent, int floor, int window) {
        return "retryBudget: { percent: " + percent + ", minRetriesPerSecond: " + floor + ", window: " + window + "s }";
    }
}
