package io.intramesh.testing.simulation;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Lets a caller live through an incident, in virtual time. The same seed gives every caller the same calls at the same times,
 * and the same work at the endpoints.
 *
 * <pre>{@code
 * Figures figures = Trial.run(Incidents.BLACK_HOLE, MeshCaller.setup("shop", "orders", "payments.local", documents), 1);
 * }</pre>
 */
public final class Trial {
    /** After the last call began, callers with long timeouts need a while. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final long ARRIVALS = 3;
    private static final long CALLEE = 4;
    private static final long WHOSE = 7;

    /** Begins a call of whichever caller it is of. */
    interface Calls {
        void begin(long number, Consumer<Boolean> done);
    }

    private Trial() {}

    /** Runs an incident to its end and returns what came of it. */
    public static Figures run(Incident incident, Caller.Factory factory, long seed) {
        return run(incident, factory, Simulation.of(seed));
    }

    static Figures run(Incident incident, Caller.Factory factory, Simulation simulation) {
        requireNonNull(incident, "incident");
        requireNonNull(factory, "factory");
        Ledger ledger = new Ledger(simulation);
        Fleet fleet = incident.fleet();
        List<Instance> instances = new ArrayList<>();
        for (int i = 0; i < fleet.size(); i++) {
            instances.add(new Instance(simulation, fleet, CALLEE, Instance.Application.ANSWER));
        }
        Names names = new Names(fleet.size());
        List<Caller> callers = new ArrayList<>();
        try {
            for (int i = 0; i < incident.callers(); i++) {
                callers.add(factory.open(new Network(simulation, i, fleet, instances, names, ledger)));
            }
            for (Change change : incident.changes()) {
                simulation.at(change.at(), () -> apply(change, instances, names, callers));
            }
            RandomGenerator whose = simulation.chance(WHOSE);
            begin(
                    incident,
                    simulation,
                    ledger,
                    (number, done) -> callers.get(whose.nextInt(callers.size())).call(number, done));
            simulation.runUntil(incident.length());
            finish(incident, simulation, ledger);
        } finally {
            callers.forEach(Caller::close);
        }
        return figures(incident, ledger, fleet.size());
    }

    static Figures figures(Incident incident, Ledger ledger, int endpoints) {
        long length = incident.length().toNanos();
        long onset = incident.onset().toNanos();
        long relief = incident.relief().toNanos();
        return new Figures(
                ledger.span(0, length, endpoints),
                ledger.span(onset, relief, endpoints),
                ledger.peakAttemptsPerCall(length),
                ledger.secondsToRecover(relief, length, Figures.SLOW.toNanos()));
    }

    /** Lets calls begin by chance: the time between two is drawn from the exponential distribution. */
    static void begin(Incident incident, Simulation simulation, Ledger ledger, Calls calls) {
        RandomGenerator chance = simulation.chance(ARRIVALS);
        double meanNanos = Figures.SECOND / incident.callsPerSecond();
        Runnable arrival = new Runnable() {
            private double at = meanNanos * chance.nextExponential();
            private long number;

            @Override
            public void run() {
                if (number > 0) {
                    Ledger.Call call = ledger.began();
                    calls.begin(number - 1, isSuccess -> ledger.ended(call, isSuccess));
                    at += meanNanos * chance.nextExponential();
                }
                number++;
                if (at < incident.length().toNanos()) {
                    simulation.at(Duration.ofNanos((long) at), this);
                }
            }
        };
        // The first run only plans the first call.
        arrival.run();
    }

    private static void apply(Change change, List<Instance> instances, Names names, List<Caller> callers) {
        if (change instanceof Change.OfEndpoint of) {
            instances.get(of.endpoint()).become(of.condition());
        } else if (change instanceof Change.OfNames of) {
            names.set(of.endpoints());
        } else if (change instanceof Change.OfNameServer) {
            names.set(null);
        } else {
            callers.forEach(Caller::reconfigure);
        }
    }

    static void finish(Incident incident, Simulation simulation, Ledger ledger) {
        Duration end = incident.length();
        while (ledger.open() > 0) {
            end = end.plusSeconds(1);
            if (end.compareTo(incident.length().plus(PATIENCE)) > 0) {
                throw new IllegalStateException("incident '" + incident.name() + "': " + ledger.open()
                        + " calls have not ended " + PATIENCE.toSeconds()
                        + " s after the last one began; the caller must end every call");
            }
            simulation.runUntil(end);
        }
    }
}
