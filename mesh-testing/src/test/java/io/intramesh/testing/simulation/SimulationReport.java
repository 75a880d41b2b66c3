package io.intramesh.testing.simulation;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.NullMarked;

/** Writes {@code docs/simulation.md}: every incident, with every client. */
@NullMarked
final class SimulationReport {
    static final String BARE = "bare OkHttp";
    static final String HAND_WIRED = "OkHttp + Resilience4j";
    static final String DEFAULTS = "mesh, nothing written";
    static final String CONFIGURED = "mesh";

    private static final long SEED = 1;

    private final Map<String, Map<String, Figures>> figures = new LinkedHashMap<>();

    /** Runs everything. */
    SimulationReport() {
        Map<String, Caller.Factory> clients = clients();
        for (Incident incident : Incidents.all()) {
            Map<String, Figures> ofIncident = new LinkedHashMap<>();
            clients.forEach((name, client) -> ofIncident.put(name, Trial.run(incident, client, SEED)));
            figures.put(incident.name(), ofIncident);
        }
    }

    private static Map<String, Caller.Factory> clients() {
        Map<String, Caller.Factory> clients = new LinkedHashMap<>();
        clients.put(BARE, BareOkHttp::new);
        clients.put(HAND_WIRED, HandWired.of(Duration.ofSeconds(2)));
        clients.put(DEFAULTS, Meshes.DEFAULTS);
        clients.put(CONFIGURED, Meshes.CONFIGURED);
        return clients;
    }

    /** Returns what a client made of an incident. */
    Figures of(Incident incident, String client) {
        return requireNonNull(requireNonNull(figures.get(incident.name())).get(client));
    }

    /** Returns the report. */
    String text() {
        StringBuilder text = new StringBuilder(INTRODUCTION);
        for (Incident incident : Incidents.all()) {
            text.append("### ").append(title(incident.name())).append("\n\n");
            text.append(incident.story()).append("\n\n");
            Table table = new Table("client");
            clients().forEach((name, client) -> table.line(name, incident, of(incident, name)));
            text.append(table).append('\n');
        }
        return text.toString();
    }

    private static String title(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    private static final String INTRODUCTION = """
            # Simulation: what becomes of calls when a callee is in trouble

            <!-- Written by SimulationReportTest. Do not edit; change what writes it, and run the command below. -->

            Named incidents, in virtual time: the mesh against what people use today, under the same calls at the same times and
            the same behaviour of the endpoints. It is the proof that a default is good, or that it is not. One seed gives the
            same figures on every machine; a test compares this file with what the simulation says, so a change of behaviour
            shows in a diff.

            ```sh
            mvn -B -ntp -pl mesh-testing -am test -Dtest=SimulationReportTest -Dsurefire.failIfNoSpecifiedTests=false \\
                -Dsimulation.write=true
            ```

            ## The model

            - **Endpoints** are a queue before a few threads. A request holds a thread for a log-normal time (median 8 ms,
              sigma 0.5, so 99 of 100 take less than 26 ms). Who comes while all are busy waits, 100 at most; one more is
              answered 503. Work goes on when its caller has gone: so overload makes slow, and retries make it worse, as in life.
            - **Callers** are four processes, each with its own connections and its own view of things. Calls come by chance
              (Poisson), whether or not earlier ones are answered. All are GET.
            - **The network** takes 0.5 ms there and back; connecting takes as long. A process that is killed breaks its
              connections and refuses new ones; a machine that vanishes says nothing.
            - **Names**: discovery knows what DNS answers. The mesh asks every 5 s as its look-ups do; the peers believe what
              the JVM keeps for 30 s.

            The clients:

            - **%1$s**: one client, nothing set. Its transport is played, by what OkHttp 5.5 does: an idle connection first, whichever
              address it leads to; else the addresses in the order of the answer, the next after 250 ms or a refusal; a connection
              that breaks is made up for; connect and read timeouts of 10 s. Each of the four callers got another address first, so
              one of four sits on the endpoint that gets into trouble. The others notice nothing, which is luck and not skill.
            - **%2$s**: its own `Retry` (3 attempts, 500 ms apart) around its own `CircuitBreaker` (half of 100 calls failed opens
              for 60 s), real objects in virtual time with their defaults; endpoints in turn; answers of 500 and more as exceptions;
              a call timeout of 2 s for each attempt.
            - **%3$s**: the real mesh, from registry to retries, with nothing but who calls whom: App Mesh's default retries (two,
              within the budget of 20 %%), 15 s for a call, outlier detection as it is where none is
              declared (decision 0017), round robin.
            - **%4$s**: the same with a route and a listener as people write them: 2 s for a call, two retries with 250 ms for each
              attempt on server errors, gateway errors, stream errors and connection errors; five errors in a row eject for 30 s, half of the
              endpoints at most.

            The columns: calls **answered** without an error, of all and of those that began **during** the trouble; **p50** and
            **p99** of the time until a call ended, well or not, in ms; **attempts** for each call, on average and in the **peak**
            second; the share of the attempts that each endpoint got, in percent, and how much more the busiest had than the average
            (**load**); all these during the trouble, the peak over the whole time. **Well after**: seconds from the end of the
            trouble to the last second in which more than one call in a hundred failed or took longer than 1 s.

            ## Incidents

            """.formatted(BARE, HAND_WIRED, DEFAULTS, CONFIGURED);
}
