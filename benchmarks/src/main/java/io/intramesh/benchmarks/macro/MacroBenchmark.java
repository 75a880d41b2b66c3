package io.intramesh.benchmarks.macro;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Runs the macro benchmark and prints its table. Both pairs of processes live at the same time and work in turns, in the order
 * bare, mesh, mesh, bare; figures are medians over the rounds, ratios are medians of each round's ratio.
 *
 * <p>Options: {@code --seconds N} per measurement (default 10), {@code --rounds N} (default 4) in each of {@code --forks N} pairs of
 * processes (default 3), {@code --rate N} calls per second (default 2000).
 */
public final class MacroBenchmark {
    private static final int FIRST_CALLS = 1000;
    private static final int FRESH_STARTS = 5;
    private static final int[] CONNECTIONS = {8, 32};

    private final int seconds;
    private final int rounds;
    private final int forks;
    private final int rate;
    private final PrintStream out;

    private MacroBenchmark(int seconds, int rounds, int forks, int rate, PrintStream out) {
        this.seconds = seconds;
        this.rounds = rounds;
        this.forks = forks;
        this.rate = rate;
        this.out = out;
    }

    public static void main(String[] args) throws IOException {
        int seconds = 10;
        int rounds = 4;
        int forks = 3;
        int rate = 2000;
        for (int i = 0; i + 1 < args.length; i += 2) {
            int value = Integer.parseInt(args[i + 1]);
            switch (args[i]) {
                case "--seconds" -> seconds = value;
                case "--rounds" -> rounds = value;
                case "--forks" -> forks = value;
                case "--rate" -> rate = value;
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
        new MacroBenchmark(seconds, rounds, forks, rate, System.out).run();
    }

    /** What one order gave. */
    private record Sample(
            double calls,
            double seconds,
            double cpuNanos,
            double callerBytes,
            double calleeBytes,
            double p50,
            double p99) {
        double cpuPerCall() {
            return cpuNanos / calls / 1000;
        }

        double callerBytesPerCall() {
            return callerBytes / calls;
        }

        double calleeBytesPerCall() {
            return calleeBytes / calls;
        }

        double callsPerSecond() {
            return calls / seconds;
        }

        double p50Micros() {
            return p50 / 1000;
        }

        double p99Micros() {
            return p99 / 1000;
        }

        double millis() {
            return seconds * 1000;
        }
    }

    /** A caller and its callee. */
    private record Pair(Worker callee, Worker caller) implements AutoCloseable {
        static Pair start(String kind, Path folder) throws IOException {
            Path registry = Files.createDirectories(folder.resolve(kind + "-mesh"));
            Files.writeString(registry.resolve("mesh.yaml"), RESOURCES);
            Path work = Files.createDirectories(folder.resolve(kind + "-work"));
            Worker callee = Worker.start(Callee.class, kind, registry.toString(), work.toString());
            String port = callee.read()[1];
            Files.writeString(registry.resolve("endpoints.yaml"), ENDPOINTS.replace("PORT", port));
            Worker caller = Worker.start(CallerProcess.class, kind, registry.toString(), port);
            caller.read();
            return new Pair(callee, caller);
        }

        Sample order(String line) throws IOException {
            String[] before = callee.order("figures");
            String[] done = caller.order(line);
            String[] after = callee.order("figures");
            return new Sample(
                    number(done[1]),
                    number(done[2]) / 1e9,
                    number(done[3]) + number(after[1]) - number(before[1]),
                    number(done[4]),
                    number(after[2]) - number(before[2]),
                    number(done[5]),
                    number(done[6]));
        }

        @Override
        public void close() throws IOException {
            caller.close();
            callee.close();
        }
    }

    private static final String RESOURCES = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: bench }
            spec: {}
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: bench, name: caller }
            spec:
              backends: [{ virtualService: { virtualServiceName: callee.local } }]
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: bench, name: callee }
            spec:
              listeners:
                - portMapping: { port: 8080, protocol: http }
                  connectionPool: { http: { maxConnections: 1000 } }
              serviceDiscovery: { dns: { hostname: callee.local } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualRouter
            metadata: { mesh: bench, name: callee }
            spec: { listeners: [{ portMapping: { port: 8080, protocol: http } }] }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: bench, virtualRouter: callee, name: beta }
            spec:
              httpRoute:
                match: { prefix: /beta }
                action: { weightedTargets: [{ virtualNode: callee, weight: 100 }] }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: bench, virtualRouter: callee, name: all }
            spec:
              httpRoute:
                match: { prefix: / }
                action: { weightedTargets: [{ virtualNode: callee, weight: 100 }] }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: bench, name: callee.local }
            spec: { provider: { virtualRouter: { virtualRouterName: callee } } }
            """;

    private static final String ENDPOINTS = """
            apiVersion: intramesh.io/v1
            kind: Endpoints
            metadata: { mesh: bench, name: callee }
            spec:
              virtualNode: callee
              endpoints: [{ address: 127.0.0.1, port: PORT }]
            """;

    private void run() throws IOException {
        Path folder = Files.createTempDirectory("intramesh-macro");
        try {
            header();
            fresh(folder);
            List<Measurement> measurements = new ArrayList<>();
            for (int connections : CONNECTIONS) {
                measurements.add(new Measurement("closed " + connections + " " + seconds * 1000));
            }
            measurements.add(new Measurement("rate 8 " + seconds * 1000 + " " + rate));
            // Several pairs, because what a JVM inlines is a matter of luck that stays with it.
            for (int fork = 0; fork < forks; fork++) {
                try (Pair bare = Pair.start("bare", folder);
                        Pair mesh = Pair.start("mesh", folder)) {
                    warm(bare, mesh);
                    for (Measurement measurement : measurements) {
                        inTurns(bare, mesh, measurement);
                    }
                }
            }
            report(measurements);
        } finally {
            delete(folder);
        }
    }

    private void header() {
        out.printf(
                Locale.ROOT,
                "Java %s, %d cores, %d forks, %d rounds of %d s%n%n| measurement | bare OkHttp | mesh | ratio or difference |%n"
                        + "| --- | --- | --- | --- |%n",
                System.getProperty("java.version"),
                Runtime.getRuntime().availableProcessors(),
                forks,
                rounds,
                seconds);
    }

    private void fresh(Path folder) throws IOException {
        List<Sample> bare = new ArrayList<>();
        List<Sample> mesh = new ArrayList<>();
        for (int i = 0; i < FRESH_STARTS; i++) {
            bare.add(first("bare", folder));
            mesh.add(first("mesh", folder));
        }
        ratio("first 1000 calls of a fresh JVM, ms", bare, mesh, Sample::millis);
        ratio("  of these, CPU per call, both processes, µs", bare, mesh, Sample::cpuPerCall);
    }

    private static Sample first(String kind, Path folder) throws IOException {
        try (Pair pair = Pair.start(kind, folder)) {
            return pair.order("first " + FIRST_CALLS);
        }
    }

    private void warm(Pair bare, Pair mesh) throws IOException {
        for (int i = 0; i < 2; i++) {
            bare.order("closed 8 " + seconds * 1000);
            mesh.order("closed 8 " + seconds * 1000);
        }
    }

    private void report(List<Measurement> measurements) {
        for (int i = 0; i < CONNECTIONS.length; i++) {
            Measurement closed = measurements.get(i);
            String at = CONNECTIONS[i] + " connections: ";
            ratio(at + "calls/s", closed.bare, closed.mesh, Sample::callsPerSecond);
            ratio(at + "CPU per call, both processes, µs", closed.bare, closed.mesh, Sample::cpuPerCall);
            difference(at + "bytes per call, caller", closed.bare, closed.mesh, Sample::callerBytesPerCall);
            difference(at + "bytes per call, callee", closed.bare, closed.mesh, Sample::calleeBytesPerCall);
        }
        Measurement atRate = measurements.get(CONNECTIONS.length);
        String at = rate + " calls/s: ";
        ratio(at + "p50, µs", atRate.bare, atRate.mesh, Sample::p50Micros);
        ratio(at + "p99, µs", atRate.bare, atRate.mesh, Sample::p99Micros);
        ratio(at + "CPU per call, both processes, µs", atRate.bare, atRate.mesh, Sample::cpuPerCall);
    }

    /** An order, and what it gave in every round of every fork. */
    private static final class Measurement {
        private final String order;
        private final List<Sample> bare = new ArrayList<>();
        private final List<Sample> mesh = new ArrayList<>();

        private Measurement(String order) {
            this.order = order;
        }
    }

    private void inTurns(Pair bare, Pair mesh, Measurement measurement) throws IOException {
        for (int round = 0; round < rounds; round++) {
            if (round % 2 == 0) {
                measurement.bare.add(bare.order(measurement.order));
                measurement.mesh.add(mesh.order(measurement.order));
            } else {
                measurement.mesh.add(mesh.order(measurement.order));
                measurement.bare.add(bare.order(measurement.order));
            }
        }
    }

    private void ratio(String name, List<Sample> bare, List<Sample> mesh, ToDoubleFunction<Sample> figure) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < bare.size(); i++) {
            ratios.add(figure.applyAsDouble(mesh.get(i)) / figure.applyAsDouble(bare.get(i)));
        }
        row(name, bare, mesh, figure, String.format(Locale.ROOT, "× %.3f", median(ratios)));
    }

    private void difference(String name, List<Sample> bare, List<Sample> mesh, ToDoubleFunction<Sample> figure) {
        List<Double> differences = new ArrayList<>();
        for (int i = 0; i < bare.size(); i++) {
            differences.add(figure.applyAsDouble(mesh.get(i)) - figure.applyAsDouble(bare.get(i)));
        }
        row(name, bare, mesh, figure, String.format(Locale.ROOT, "%+.0f", median(differences)));
    }

    private void row(
            String name, List<Sample> bare, List<Sample> mesh, ToDoubleFunction<Sample> figure, String comparison) {
        out.printf(
                Locale.ROOT,
                "| %s | %.1f | %.1f | %s |%n",
                name,
                median(bare.stream().map(figure::applyAsDouble).toList()),
                median(mesh.stream().map(figure::applyAsDouble).toList()),
                comparison);
        out.flush();
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static double number(String text) {
        return Double.parseDouble(text);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    static {
        // Figures have a dot, and the table is UTF-8, wherever it runs.
        System.setOut(new PrintStream(System.out, true, StandardCharsets.UTF_8));
    }
}
