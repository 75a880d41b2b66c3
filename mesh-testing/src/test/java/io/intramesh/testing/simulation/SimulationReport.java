package io.intramesh.testing.simulation;

import static java.util.Objects.requireNonNull;

import io.intramesh.testing.simulation.Variation.Chapter;
import java.util.LinkedHashMap;
import java.util.List;
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
    private final List<Chapter> chapters = Variations.all();
    private final Recoveries recoveries = new Recoveries();
    private final Chains chains = new Chains();

    /** Runs everything. */
    SimulationReport() {
        Map<String, Caller.Factory> clients = clients();
        for (Incident incident : Incidents.all()) {
            figures.put(
                    incident.name(),
                    Trials.run(
                            List.copyOf(clients.keySet()),
                            name -> Trial.run(incident, requireNonNull(clients.get(name)), SEED)));
        }
        chapters.forEach(chapter -> chapter.variations().forEach(variation -> variation.run(SEED)));
    }

    private static Map<String, Caller.Factory> clients() {
        Map<String, Caller.Factory> clients = new LinkedHashMap<>();
        clients.put(BARE, BareOkHttp::new);
        clients.put(HAND_WIRED, HandWired.of(HandWired.CALL_TIMEOUT));
        clients.put(DEFAULTS, Meshes.DEFAULTS);
        clients.put(CONFIGURED, Meshes.CONFIGURED);
        return clients;
    }

    /** Returns what a client made of an incident. */
    Figures of(Incident incident, String client) {
        return requireNonNull(requireNonNull(figures.get(incident.name())).get(client));
    }

    Recoveries recoveries() {
        return recoveries;
    }

    Chains chains() {
        return chains;
    }

    List<Chapter> chapters() {
        return chapters;
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
        text.append(chains.text()).append(VARIED);
        chapters.forEach(chapter -> text.append(chapter.text()));
        text.append(recoveries.text());
        text.setLength(text.length() - 1);
        return text.toString();
    }

    private static String title(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    private static final String VARIED = """
            ## Defaults varied

            One thing at a time is other than in *mesh* above, or is added to it; what follows is said first. The columns are those of
            the incidents.

            """;

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

            ## What it shows

            - **One endpoint in trouble, whichever way**: with a retry policy and outlier detection the mesh shows its callers next to
              nothing of it, at about one attempt in a hundred more. What is wired by hand hides most errors behind waits of half a
              second and more, keeps a quarter of the calls going to the broken endpoint, and where half of the endpoints are away its
              one breaker for all of them locks out the healthy half for a minute.
            - **The whole callee in trouble**: nothing can answer, so what counts is the load and the time after. The mesh sends 1.2
              attempts for each call (bare OkHttp up to four, one for each address). It is well again some seconds after the callee; the
              breaker that is wired by hand stays open half a minute longer.
            - **Nothing written** hides what does nothing but fail, by the outlier detection that holds where none is declared, and
              not what is silent, slow, or fails now and then: App Mesh's default retries have no limit of an attempt and leave a 500
              alone, and endpoints are taken in turn. Write a retry policy, or at least
              `loadBalancing: peak-ewma`.
            - **Overload is not for retries to solve**: a mesh with short attempts loses nearly everything while it lasts, bare
              OkHttp, which waits, only a third. See [limit of an attempt](#limit-of-an-attempt).
            - **Ejecting half** of a callee that needs more than half can keep an outage going: see
              [the last chapter](#ejecting-half-of-a-callee-that-needs-more-than-half).
            - Defaults that turned out bad and were changed ([0014](decisions/0014-outlier-detection-where-none-is-written.md)): no outlier
              detection where none is declared, an empty answer of DNS believed after a second, and a floor of the retry budget that
              many callers multiply. What else it [proposes](decisions/0015-proposed-by-the-simulation.md).

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
              declared (decision 0014), round robin.
            - **%4$s**: the same with a route and a listener as people write them: 2 s for a call, two retries with 250 ms for each
              attempt on server errors, gateway errors, stream errors and connection errors; five errors in a row eject for 30 s, half of the
              endpoints at most.

            What it does not have: callers that go away, garbage collections, packet loss, HTTP/2, TLS, a shared database behind the
            endpoints, and people. Service times do not depend on the endpoint, and all callers are alike. Figures compare clients
            with each other; they do not foretell yours.

            The columns: calls **answered** without an error, of all and of those that began **during** the trouble; **p50** and
            **p99** of the time until a call ended, well or not, in ms; **attempts** for each call, on average and in the **peak**
            second; the share of the attempts that each endpoint got, in percent, and how much more the busiest had than the average
            (**load**); all these during the trouble, the peak over the whole time. **Well after**: seconds from the end of the
            trouble to the last second in which more than one call in a hundred failed or took longer than 1 s.

            ## Incidents

            """.formatted(BARE, HAND_WIRED, DEFAULTS, CONFIGURED);
}
