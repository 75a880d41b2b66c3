package io.intramesh.testing.simulation;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullMarked;

/** What the trouble of the last of three services makes of the load on all of them. */
@NullMarked
final class Chains {
    private static final long SEED = 1;

    private final Map<Incident, Map<String, List<Figures>>> figures = new LinkedHashMap<>();

    Chains() {
        Map<String, ChainTrial.Clients> clients = new LinkedHashMap<>();
        clients.put("OkHttp + Resilience4j's Retry alone", ChainTrial.of(HandWired.retriesAlone()));
        clients.put(SimulationReport.HAND_WIRED, ChainTrial.of(HandWired.of(HandWired.CALL_TIMEOUT)));
        clients.put(SimulationReport.DEFAULTS, ChainTrial.mesh(Meshes.chain("", "")));
        clients.put(SimulationReport.CONFIGURED, ChainTrial.mesh(Meshes.chain(Meshes.RETRIES, Meshes.OUTLIERS)));
        for (Incident incident : List.of(ChainTrial.DOWN, ChainTrial.FAILING)) {
            figures.put(
                    incident,
                    Trials.run(
                            List.copyOf(clients.keySet()),
                            name -> ChainTrial.run(incident, requireNonNull(clients.get(name)), SEED)));
        }
    }

    /** Returns the attempts at a service during the trouble, for each call that began at the front. */
    double load(Incident incident, String client, int service) {
        List<Figures> services =
                requireNonNull(requireNonNull(figures.get(incident)).get(client));
        return (double) services.get(service).trouble().attempts()
                / services.get(0).trouble().calls();
    }

    /** Returns the attempts at all services, for each that there would be if nothing were repeated. */
    double loadInAll(Incident incident, String client) {
        double sum = 0;
        for (int service = 0; service < ChainTrial.SERVICES; service++) {
            sum += load(incident, client, service);
        }
        return sum / ChainTrial.SERVICES;
    }

    String text() {
        StringBuilder text = new StringBuilder("""
                ## A chain of three services

                front → a → b → c, each with two processes, and the same client in each; in the mesh's case its inbound half, too.
                200 calls a second; c is in trouble for 30 s. The load on each service during that time, for each call that began at
                the front, and on all of them together for each request that there would be without any retry. An application whose
                call fails answers 503, so that the one in front of it is tempted to try again. The mesh in b has tried and says so by
                `x-mesh-retries-exhausted`; so nobody else tries, and only the hop before c repeats anything, within its 20 %.

                | c | client | a | b | c | all |
                | --- | --- | ---: | ---: | ---: | ---: |
                """);
        figures.forEach((incident, byClient) -> byClient.keySet().forEach(client -> {
            text.append("| ").append(incident.story()).append(" | ").append(client);
            for (int service = 0; service < ChainTrial.SERVICES; service++) {
                text.append(" | ").append(Table.fixed(load(incident, client, service), 2));
            }
            text.append(" | ")
                    .append(Table.fixed(loadInAll(incident, client), 2))
                    .append(" |\n");
        }));
        return text.append('\n').toString();
    }
}
