package io.intramesh.testing.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The incidents of {@code docs/simulation.md}. Unless a story says otherwise four callers make 200 calls a second in
 * all to four endpoints, a quarter of what these can do, for a minute; the trouble lasts from second 15 to second 40.
 */
public final class Incidents {
    private static final Duration LENGTH = Duration.ofSeconds(60);
    private static final Duration ONSET = Duration.ofSeconds(15);
    private static final Duration RELIEF = Duration.ofSeconds(40);
    private static final int CALLERS = 4;
    private static final double CALLS = 200;

    /** A median of 8 ms and a 99th percentile of 26 ms: a service that asks a database. */
    private static final Fleet.Work WORK = new Fleet.Work(Duration.ofMillis(8), 0.5);

    private static final Fleet FOUR = new Fleet(List.of("a", "a", "b", "b"), 2, 100, WORK);
    private static final Fleet SIX = new Fleet(List.of("a", "a", "a", "b", "b", "b"), 2, 100, WORK);

    /** Can do 440 calls a second in all. */
    private static final Fleet TIGHT = new Fleet(List.of("a", "a", "b", "b"), 1, 100, WORK);

    private static final double CALLS_TO_TIGHT = 250;
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final Duration LONG_ONSET = Duration.ofSeconds(20);
    private static final Duration LONG_RELIEF = Duration.ofSeconds(50);

    /** A JVM that has just started. */
    private static final Condition COLD = Condition.Slow.cold(6, Duration.ofSeconds(8));

    /** Nothing happens. */
    public static final Incident HEALTHY =
            new Incident("healthy", "Nothing happens.", FOUR, CALLERS, CALLS, LENGTH, Duration.ZERO, LENGTH, List.of());

    /** One endpoint vanishes from the network. */
    public static final Incident BLACK_HOLE = one(
            "black hole",
            "One endpoint of four vanishes from the network: connections stand, nothing is answered; 25 s later it is back.",
            new Change.OfEndpoint(ONSET, 1, new Condition.Silent()),
            new Change.OfEndpoint(RELIEF, 1, new Condition.Well()));

    /** One endpoint answers 503 to all. */
    public static final Incident FAST_503S = one(
            "fast 503s",
            "One endpoint of four answers 503 to everything, at once and so faster than the others, for 25 s.",
            new Change.OfEndpoint(ONSET, 1, new Condition.Failing(503, 100)),
            new Change.OfEndpoint(RELIEF, 1, new Condition.Well()));

    /** One endpoint answers every third request with 500. */
    public static final Incident SOME_ERRORS = one(
            "some errors",
            "One endpoint of four answers 500 to three requests in ten, for 25 s.",
            new Change.OfEndpoint(ONSET, 1, new Condition.Failing(500, 30)),
            new Change.OfEndpoint(RELIEF, 1, new Condition.Well()));

    /** One endpoint is slow. */
    public static final Incident SLOW_NODE = one(
            "slow node",
            "One endpoint of four takes 20 times as long for everything, for 25 s, and so can do a fifth of what it is given.",
            new Change.OfEndpoint(ONSET, 1, Condition.Slow.by(20)),
            new Change.OfEndpoint(RELIEF, 1, new Condition.Well()));

    /** One endpoint gets slow, vanishes, and is started anew. */
    public static final Incident SLOW_THEN_DEAD = one(
            "slow, then dead",
            "One endpoint of four gets slower and slower for 10 s, then answers nothing for 10 s, is killed, and 5 s later"
                    + " started anew, cold.",
            new Change.OfEndpoint(ONSET, 1, new Condition.Slow(1, 20, Duration.ofSeconds(10))),
            new Change.OfEndpoint(Duration.ofSeconds(25), 1, new Condition.Silent()),
            new Change.OfEndpoint(Duration.ofSeconds(35), 1, new Condition.Down()),
            new Change.OfEndpoint(RELIEF, 1, COLD));

    /** DNS does not know what it wants. */
    public static final Incident FLAPPING_DNS = one(
            "flapping DNS",
            "The endpoints are well, but DNS answers with two of four, not at all, with none, with the other two, and not at"
                    + " all, for 5 s each.",
            new Change.OfNames(ONSET, List.of(0, 1)),
            new Change.OfNameServer(Duration.ofSeconds(20)),
            new Change.OfNames(Duration.ofSeconds(25), List.of()),
            new Change.OfNames(Duration.ofSeconds(30), List.of(2, 3)),
            new Change.OfNameServer(Duration.ofSeconds(35)),
            new Change.OfNames(RELIEF, List.of(0, 1, 2, 3)));

    /** Every endpoint is started anew, one after the other. */
    public static final Incident ROLLING_DEPLOY = one(
            "rolling deploy",
            "Every endpoint in turn is taken out of DNS and killed at the same instant, without a drain, and is back 3 s later,"
                    + " cold.",
            deploys());

    /** One zone of two vanishes. */
    public static final Incident ZONE_LOSS = new Incident(
            "zone loss",
            "Six endpoints in two zones; the three of the one vanish from the network for 25 s.",
            SIX,
            CALLERS,
            CALLS,
            LENGTH,
            ONSET,
            RELIEF,
            List.of(
                    new Change.OfEndpoint(ONSET, 3, new Condition.Silent()),
                    new Change.OfEndpoint(ONSET, 4, new Condition.Silent()),
                    new Change.OfEndpoint(ONSET, 5, new Condition.Silent()),
                    new Change.OfEndpoint(RELIEF, 3, new Condition.Well()),
                    new Change.OfEndpoint(RELIEF, 4, new Condition.Well()),
                    new Change.OfEndpoint(RELIEF, 5, new Condition.Well())));

    /** The whole callee is down, and comes back cold. */
    public static final Incident THUNDERING_RETRY = new Incident(
            "thundering retry",
            "A callee that is busy to 57 % is down as a whole for 30 s and refuses every connection; then it is back, cold: for"
                    + " some seconds it can do less than it is asked for.",
            TIGHT,
            CALLERS,
            CALLS_TO_TIGHT,
            LONG,
            LONG_ONSET,
            LONG_RELIEF,
            all(TIGHT, new Condition.Down(), Condition.Slow.cold(4, Duration.ofSeconds(5))));

    /** The whole callee answers 503. */
    public static final Incident ALL_503 = new Incident(
            "503 from all",
            "A callee that is busy to 57 % answers 503 to everything for 30 s, because its database is away; then it is back,"
                    + " cold.",
            TIGHT,
            CALLERS,
            CALLS_TO_TIGHT,
            LONG,
            LONG_ONSET,
            LONG_RELIEF,
            all(TIGHT, new Condition.Failing(503, 100), Condition.Slow.cold(4, Duration.ofSeconds(5))));

    /** The whole callee is slower than it is called. */
    public static final Incident OVERLOAD = new Incident(
            "overload",
            "A callee that is busy to 57 % takes three times as long for everything for 30 s: 1.7 times what it can do.",
            TIGHT,
            CALLERS,
            CALLS_TO_TIGHT,
            LONG,
            LONG_ONSET,
            LONG_RELIEF,
            all(TIGHT, Condition.Slow.by(3), new Condition.Well()));

    /** Somebody changes the configuration while an endpoint fails. */
    public static final Incident CONFIG_RELOAD = one(
            "config reload",
            "Fast 503s as above, and every 2 s somebody changes the configuration, which must not forget who is ejected.",
            reloads());

    private Incidents() {}

    /** Returns all of them. */
    public static List<Incident> all() {
        return List.of(
                HEALTHY,
                BLACK_HOLE,
                FAST_503S,
                SOME_ERRORS,
                SLOW_NODE,
                SLOW_THEN_DEAD,
                FLAPPING_DNS,
                ROLLING_DEPLOY,
                ZONE_LOSS,
                THUNDERING_RETRY,
                ALL_503,
                OVERLOAD,
                CONFIG_RELOAD);
    }

    private static Incident one(String name, String story, Change... changes) {
        return new Incident(name, story, FOUR, CALLERS, CALLS, LENGTH, ONSET, RELIEF, List.of(changes));
    }

    private static List<Change> all(Fleet fleet, Condition trouble, Condition after) {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < fleet.size(); i++) {
            changes.add(new Change.OfEndpoint(LONG_ONSET, i, trouble));
            changes.add(new Change.OfEndpoint(LONG_RELIEF, i, after));
        }
        return changes;
    }

    private static Change[] deploys() {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < FOUR.size(); i++) {
            Duration stop = ONSET.plusSeconds(7L * i);
            Duration start = stop.plusSeconds(3);
            List<Integer> others = new ArrayList<>(List.of(0, 1, 2, 3));
            Collections.swap(others, i, 3);
            changes.add(new Change.OfNames(stop, others.subList(0, 3)));
            changes.add(new Change.OfEndpoint(stop, i, new Condition.Down()));
            changes.add(new Change.OfEndpoint(start, i, COLD));
            changes.add(new Change.OfNames(start, List.of(0, 1, 2, 3)));
        }
        return changes.toArray(Change[]::new);
    }

    private static Change[] reloads() {
        List<Change> changes = new ArrayList<>(FAST_503S.changes());
        for (Duration at = ONSET.plusSeconds(1); at.compareTo(RELIEF) < 0; at = at.plusSeconds(2)) {
            changes.add(new Change.OfConfiguration(at));
        }
        return changes.toArray(Change[]::new);
    }
}
