package io.intramesh.testing.simulation;

import io.intramesh.call.InboundRequest;
import io.intramesh.call.MeshContext;
import io.intramesh.call.MeshRequest;
import io.intramesh.call.Refusal;
import io.intramesh.document.RawDocument;
import io.intramesh.explain.ExplainRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * A caller and three services in a row, a, b and c, of two processes each: what does the trouble of the last one do to all?
 * An application that cannot get what it needs answers 503, so that whoever is in front is tempted to try again.
 */
@NullMarked
final class ChainTrial {
    static final int SERVICES = 3;
    private static final int PROCESSES = 2;
    private static final long SERVICE = 100;
    private static final long MESH = 2_000;
    private static final int UNAVAILABLE = 503;
    private static final int PORT = 8080;

    /** Enough threads that who waits for somebody else does not keep others waiting. */
    private static final Fleet FLEET =
            new Fleet(List.of("a", "b"), 200, 100, new Fleet.Work(Duration.ofMillis(2), 0.5));

    static final Incident DOWN = incident("refuses connections", new Condition.Down());
    static final Incident FAILING = incident("answers 503", new Condition.Failing(UNAVAILABLE, 100));

    private ChainTrial() {}

    /** What the processes of a chain call with. */
    interface Clients {
        /** Returns the caller at the front. */
        Caller front(Network network);

        /** Returns what a process of a service does with requests, after its own work. */
        Hop process(Network network, int service, int number);
    }

    /** A process of a service. */
    interface Hop extends Instance.Application, AutoCloseable {
        @Override
        void close();
    }

    /**
     * Returns what happened at each service, the first one first.
     *
     * @param incident what happens to the endpoints of the last service
     */
    static List<Figures> run(Incident incident, Clients clients, long seed) {
        Simulation simulation = Simulation.of(seed);
        List<Ledger> ledgers = new ArrayList<>();
        for (int i = 0; i < SERVICES; i++) {
            ledgers.add(new Ledger(simulation));
        }
        List<AutoCloseable> open = new ArrayList<>();
        List<Instance> behind = List.of();
        for (int service = SERVICES - 1; service >= 0; service--) {
            List<Instance> instances = new ArrayList<>();
            for (int number = 0; number < PROCESSES; number++) {
                Instance.Application application = Instance.Application.ANSWER;
                if (service < SERVICES - 1) {
                    Hop process = clients.process(
                            network(simulation, number, behind, ledgers.get(service + 1)), service, number);
                    open.add(process);
                    application = process;
                }
                instances.add(new Instance(simulation, FLEET, SERVICE + service, application));
            }
            if (service == SERVICES - 1) {
                incident.changes().stream()
                        .map(Change.OfEndpoint.class::cast)
                        .forEach(change -> simulation.at(
                                change.at(),
                                () -> instances.get(change.endpoint()).become(change.condition())));
            }
            behind = instances;
        }
        List<Caller> front = new ArrayList<>();
        for (int i = 0; i < incident.callers(); i++) {
            front.add(clients.front(network(simulation, i, behind, ledgers.get(0))));
        }
        RandomGenerator whose = simulation.chance(1);
        Trial.begin(
                incident,
                simulation,
                ledgers.get(0),
                (number, done) -> front.get(whose.nextInt(front.size())).call(number, done));
        simulation.runUntil(incident.length());
        Trial.finish(incident, simulation, ledgers.get(0));
        front.forEach(Caller::close);
        for (AutoCloseable process : open) {
            close(process);
        }
        return ledgers.stream()
                .map(ledger -> Trial.figures(incident, ledger, PROCESSES))
                .toList();
    }

    private static void close(AutoCloseable process) {
        try {
            process.close();
        } catch (Exception e) {
            throw new AssertionError("a process of the simulation closes without trouble", e);
        }
    }

    private static Network network(Simulation simulation, int caller, List<Instance> instances, Ledger ledger) {
        return new Network(simulation, caller, FLEET, instances, new Names(PROCESSES), ledger);
    }

    private static Incident incident(String story, Condition trouble) {
        Duration onset = Duration.ofSeconds(20);
        Duration relief = Duration.ofSeconds(50);
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < PROCESSES; i++) {
            changes.add(new Change.OfEndpoint(onset, i, trouble));
            changes.add(new Change.OfEndpoint(relief, i, new Condition.Well()));
        }
        return new Incident("chain", story, FLEET, 2, 200, Duration.ofSeconds(60), onset, relief, changes);
    }

    /** Such a caller in every process. */
    static Clients of(Caller.Factory factory) {
        return new Clients() {
            @Override
            public Caller front(Network network) {
                return factory.open(network);
            }

            @Override
            public Hop process(Network network, int service, int number) {
                Caller caller = factory.open(network);
                return new Hop() {
                    @Override
                    public void serve(Request request, Consumer<Response> done) {
                        caller.call(
                                behind(request), isSuccess -> done.accept(Response.of(isSuccess ? 200 : UNAVAILABLE)));
                    }

                    @Override
                    public void close() {
                        caller.close();
                    }
                };
            }
        };
    }

    /** The mesh in every process, inbound and outbound. */
    static Clients mesh(RawDocument... documents) {
        return new Clients() {
            @Override
            public Caller front(Network network) {
                return MeshCaller.of("shop", "front", "a.local", documents).open(network);
            }

            @Override
            public Hop process(Network network, int service, int number) {
                String node = service == 0 ? "a" : "b";
                String host = service == 0 ? "b.local" : "c.local";
                long key = MESH + (long) service * PROCESSES + number;
                return new MeshedProcess(new MeshProcess(network, key, "shop", node, null, List.of(documents)), host);
            }
        };
    }

    /** Returns the number of the call that a request leads to: the same for the same attempt, whoever serves it. */
    private static long behind(Request request) {
        return request.call() * 8 + request.attempt();
    }

    /** A process that is called and calls, as {@code MeshFilter} and {@code MeshClient} make it. */
    private static final class MeshedProcess implements Hop {
        private final MeshProcess process;
        private final String host;

        private MeshedProcess(MeshProcess process, String host) {
            this.process = process;
            this.host = host;
        }

        @Override
        public void serve(Request request, Consumer<Response> done) {
            InboundRequest inbound = process.mesh().inbound().begin(new Arrived(request.headers()), PORT, List.of());
            try {
                inbound.awaitAdmission();
            } catch (InterruptedException e) {
                throw new AssertionError("nothing waits in a simulation", e);
            }
            Refusal refusal = inbound.refusal();
            if (refusal != null) {
                inbound.ended(refusal.status(), null);
                done.accept(new Response(
                        refusal.status(),
                        headers(Map.of(Refusal.HEADER, refusal.reason().name()))));
                return;
            }
            MeshContext context = inbound.context();
            MeshContext.Scope scope = process.mesh().contexts().enter(context);
            try {
                ExplainRequest out = ExplainRequest.builder(host)
                        .method("GET")
                        .scheme("http")
                        .path("/")
                        .build();
                process.call(out, behind(request), result -> {
                    int status = result.isSuccess() ? 200 : UNAVAILABLE;
                    inbound.ended(status, null);
                    boolean isExhausted = !result.isSuccess() && context.hasExhaustedRetries();
                    done.accept(new Response(
                            status,
                            headers(isExhausted ? Map.of(MeshContext.RETRIES_EXHAUSTED_HEADER, "true") : Map.of())));
                });
            } finally {
                scope.close();
            }
        }

        @Override
        public void close() {
            process.close();
        }

        private static Map<String, String> headers(Map<String, String> of) {
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            headers.putAll(of);
            return headers;
        }
    }

    /** A request as the process behind {@code MeshFilter} sees it. */
    private record Arrived(Map<String, String> headers) implements MeshRequest {
        @Override
        public String method() {
            return "GET";
        }

        @Override
        public String scheme() {
            return "http";
        }

        @Override
        public String host() {
            return "here.local";
        }

        @Override
        public int port() {
            return PORT;
        }

        @Override
        public String path() {
            return "/";
        }

        @Override
        public @Nullable String query() {
            return null;
        }

        @Override
        public @Nullable String header(String name) {
            return headers.get(name);
        }
    }
}
