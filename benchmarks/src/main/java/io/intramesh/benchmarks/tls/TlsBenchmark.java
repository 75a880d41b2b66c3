package io.intramesh.benchmarks.tls;

import static java.util.Objects.requireNonNull;

import io.intramesh.benchmarks.incident.Numbers;
import io.intramesh.benchmarks.macro.Median;
import io.intramesh.benchmarks.macro.Worker;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What mutual TLS costs: CPU per call, of a caller's and a callee's process together, over new connections and kept ones. The kinds live at
 * the same time and work in turns; figures are medians over the rounds of all forks, ratios are medians of each round's own.
 *
 * <p>Options: {@code --seconds N} per measurement (default 3), {@code --rounds N} (default 5), {@code --forks N} (default 2);
 * {@code --new 0} leaves out new connections, {@code --http 0} and {@code --http2 0} that protocol (each 1 by default).
 */
public final class TlsBenchmark {
    private static final int CONNECTIONS = 8;

    /** A mesh has more code to compile than what it is compared with: after fewer rounds, that is what would be measured. */
    private static final int WARM_UP_ROUNDS = 10;

    private final int seconds;
    private final int rounds;
    private final int forks;
    private final List<String> protocols;
    private final boolean withNew;
    private final PrintStream out;

    private TlsBenchmark(int seconds, int rounds, int forks, List<String> protocols, boolean withNew, PrintStream out) {
        this.seconds = seconds;
        this.rounds = rounds;
        this.forks = forks;
        this.protocols = protocols;
        this.withNew = withNew;
        this.out = out;
    }

    /** Who encrypts. */
    enum Kind {
        /** OkHttp and Tomcat as they are, with the JDK's TLS. */
        JSSE,
        /** OkHttp as it is and a listener of the mesh without its filter, with the mesh's TLS on BoringSSL. */
        LAYER,
        /** {@code MeshClient} and {@code MeshFilter} with routing, resilience, an access policy and the same TLS. */
        MESH
    }

    public static void main(String[] args) throws IOException {
        Numbers options = Numbers.parse(
                args, Map.of("--seconds", 3, "--rounds", 5, "--forks", 2, "--new", 1, "--http", 1, "--http2", 1));
        List<String> protocols = Stream.of("http", "http2")
                .filter(protocol -> options.of("--" + protocol) != 0)
                .toList();
        new TlsBenchmark(
                        options.of("--seconds"),
                        options.of("--rounds"),
                        options.of("--forks"),
                        protocols,
                        options.of("--new") != 0,
                        new PrintStream(System.out, true, StandardCharsets.UTF_8))
                .run();
    }

    private void run() throws IOException {
        out.printf(
                Locale.ROOT,
                """
                Java %s, %d cores, %d forks, %d rounds of %d s, %d threads

                | CPU per call, both processes, µs | JSSE | OkHttp, Tomcat on the mesh's TLS | the mesh, everything on | layer : JSSE | mesh : JSSE |
                | --- | --- | --- | --- | --- | --- |
                """,
                System.getProperty("java.version"),
                Runtime.getRuntime().availableProcessors(),
                forks,
                rounds,
                seconds,
                CONNECTIONS);
        for (String protocol : protocols) {
            Map<String, List<Map<Kind, Double>>> measured = new LinkedHashMap<>();
            for (int fork = 0; fork < forks; fork++) {
                measure(protocol, measured);
            }
            measured.forEach((mode, samples) -> report(protocol + ", " + mode, samples));
        }
    }

    private void measure(String protocol, Map<String, List<Map<Kind, Double>>> measured) throws IOException {
        Path folder = Files.createTempDirectory("intramesh-tls");
        Map<Kind, Pair> pairs = new EnumMap<>(Kind.class);
        try {
            for (Kind kind : Kind.values()) {
                pairs.put(kind, Pair.start(kind, Files.createDirectories(folder.resolve(kind.name())), protocol));
            }
            // HTTP/2 has one connection for all calls; what a new one costs is the same as for HTTP/1.1.
            for (String mode :
                    withNew && protocol.equals("http") ? List.of("full", "resumed", "kept") : List.of("kept")) {
                List<Map<Kind, Double>> samples = measured.computeIfAbsent(mode, key -> new ArrayList<>());
                for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
                    List<Kind> kinds = new ArrayList<>(List.of(Kind.values()));
                    if (!mode.equals("kept")) {
                        // The mesh calls by one name.
                        kinds.remove(Kind.MESH);
                    }
                    if (round % 2 != 0) {
                        Collections.reverse(kinds);
                    }
                    Map<Kind, Double> sample = new EnumMap<>(Kind.class);
                    for (Kind kind : kinds) {
                        sample.put(kind, requireNonNull(pairs.get(kind)).cpuPerCall(mode, seconds));
                    }
                    if (round >= 0) {
                        samples.add(sample);
                    }
                }
            }
        } finally {
            for (Pair pair : pairs.values()) {
                pair.close();
            }
        }
    }

    private record Pair(Worker callee, Worker caller) implements AutoCloseable {
        static Pair start(Kind kind, Path folder, String protocol) throws IOException {
            Shop shop = new Shop(folder);
            shop.issue("caller");
            shop.issue("callee");
            shop.write(protocol, kind == Kind.MESH);
            Worker callee = Worker.start(TlsCallee.class, kind.name(), folder.toString());
            int port = Integer.parseInt(callee.read()[1]);
            shop.endpoint(port);
            Worker caller =
                    Worker.start(TlsCaller.class, kind.name(), folder.toString(), Integer.toString(port), protocol);
            String[] unused = caller.read();
            return new Pair(callee, caller);
        }

        /** In microseconds. */
        double cpuPerCall(String mode, int seconds) throws IOException {
            double before = Double.parseDouble(callee.order("figures")[1]);
            String[] done = caller.order(mode + " " + CONNECTIONS + " " + seconds * 1000);
            double after = Double.parseDouble(callee.order("figures")[1]);
            return (Double.parseDouble(done[2]) + after - before) / Double.parseDouble(done[1]) / 1000;
        }

        @Override
        public void close() throws IOException {
            caller.close();
            callee.close();
        }
    }

    private void report(String what, List<Map<Kind, Double>> samples) {
        StringBuilder row = new StringBuilder("| ").append(what);
        for (Kind kind : Kind.values()) {
            List<Double> values = samples.stream()
                    .filter(sample -> sample.containsKey(kind))
                    .map(sample -> requireNonNull(sample.get(kind)))
                    .toList();
            row.append(" | ").append(values.isEmpty() ? "" : String.format(Locale.ROOT, "%.1f", Median.of(values)));
        }
        for (Kind kind : List.of(Kind.LAYER, Kind.MESH)) {
            List<Double> ratios = samples.stream()
                    .filter(sample -> sample.containsKey(kind))
                    .map(sample -> requireNonNull(sample.get(kind)) / requireNonNull(sample.get(Kind.JSSE)))
                    .toList();
            row.append(" | ").append(ratios.isEmpty() ? "" : String.format(Locale.ROOT, "× %.3f", Median.of(ratios)));
        }
        out.println(row.append(" |"));
    }
}
