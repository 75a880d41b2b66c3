package io.intramesh.benchmarks.macro;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Runs the macro benchmark and prints its table. The pairs of processes, one for each {@link Kind}, live at the same time and
 * work in turns, in an order that every second round reverses; figures are medians over the rounds, ratios are medians of each
 * round's ratio.
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

    /** What calls and is called. */
    private enum Kind {
        /** OkHttp, and a servlet without a filter. */
        BARE("bare", ""),
        /** {@link HandWired}, and a servlet without a filter. */
        HAND("hand", ""),
        /** A mesh that routes. */
        ROUTING("mesh", Resources.routing()),
        /** A mesh that does all it can for a call. */
        EVERYTHING("mesh", Resources.everything());

        private final String caller;
        private final String resources;

        Kind(String caller, String resources) {
            this.caller = caller;
            this.resources = resources;
        }
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
        static Pair start(Kind kind, Path parent) throws IOException {
            Path folder = Files.createDirectories(parent.resolve(kind.name()));
            Path registry = Files.createDirectories(folder.resolve("mesh"));
            Files.writeString(registry.resolve("mesh.yaml"), kind.resources);
            Path work = Files.createDirectories(folder.resolve("work"));
            Worker callee = Worker.start(Callee.class, kind.caller, registry.toString(), work.toString());
            String port = callee.read()[1];
            Files.writeString(registry.resolve("endpoints.yaml"), Resources.endpoints(port));
            Worker caller = Worker.start(CallerProcess.class, kind.caller, registry.toString(), port);
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
            // Several forks, because what a JVM inlines is a matter of luck that stays with it.
            for (int fork = 0; fork < forks; fork++) {
                try (Pairs pairs = Pairs.start(folder)) {
                    for (int i = 0; i < 2; i++) {
                        pairs.inTurns(i, "closed 8 " + seconds * 1000);
                    }
                    for (Measurement measurement : measurements) {
                        for (int round = 0; round < rounds; round++) {
                            measurement.add(pairs.inTurns(round, measurement.order));
                        }
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
                """
                Java %s, %d cores, %d forks, %d rounds of %d s

                | measurement | bare OkHttp | wired by hand | mesh, routing | mesh, everything | hand : bare | routing : bare \
                | everything : bare | everything : hand |
                | --- | --- | --- | --- | --- | --- | --- | --- | --- |
                """,
                System.getProperty("java.version"),
                Runtime.getRuntime().availableProcessors(),
                forks,
                rounds,
                seconds);
    }

    private void fresh(Path folder) throws IOException {
        Measurement first = new Measurement("first " + FIRST_CALLS);
        for (int i = 0; i < FRESH_STARTS; i++) {
            Map<Kind, Sample> samples = new EnumMap<>(Kind.class);
            for (Kind kind : Kind.values()) {
                try (Pair pair = Pair.start(kind, folder)) {
                    samples.put(kind, pair.order(first.order));
                }
            }
            first.add(samples);
        }
        ratios("first 1000 calls of a fresh JVM, ms", first, Sample::millis);
        ratios("of these, CPU per call, both processes, µs", first, Sample::cpuPerCall);
    }

    private void report(List<Measurement> measurements) {
        for (int i = 0; i < CONNECTIONS.length; i++) {
            Measurement closed = measurements.get(i);
            String at = CONNECTIONS[i] + " connections: ";
            ratios(at + "calls/s", closed, Sample::callsPerSecond);
            ratios(at + "CPU per call, both processes, µs", closed, Sample::cpuPerCall);
            differences(at + "bytes per call, caller", closed, Sample::callerBytesPerCall);
            differences(at + "bytes per call, callee", closed, Sample::calleeBytesPerCall);
        }
        Measurement atRate = measurements.get(CONNECTIONS.length);
        String at = rate + " calls/s: ";
        ratios(at + "p50, µs", atRate, Sample::p50Micros);
        ratios(at + "p99, µs", atRate, Sample::p99Micros);
        ratios(at + "CPU per call, both processes, µs", atRate, Sample::cpuPerCall);
    }

    /** A caller and its callee of each kind. */
    private record Pairs(Map<Kind, Pair> byKind) implements AutoCloseable {
        static Pairs start(Path folder) throws IOException {
            Pairs pairs = new Pairs(new EnumMap<>(Kind.class));
            for (Kind kind : Kind.values()) {
                pairs.byKind.put(kind, Pair.start(kind, folder));
            }
            return pairs;
        }

        Map<Kind, Sample> inTurns(int round, String order) throws IOException {
            List<Kind> kinds = new ArrayList<>(List.of(Kind.values()));
            if (round % 2 == 1) {
                Collections.reverse(kinds);
            }
            Map<Kind, Sample> samples = new EnumMap<>(Kind.class);
            for (Kind kind : kinds) {
                samples.put(kind, requireNonNull(byKind.get(kind)).order(order));
            }
            return samples;
        }

        @Override
        public void close() throws IOException {
            for (Pair pair : byKind.values()) {
                pair.close();
            }
        }
    }

    /** An order, and what it gave in every round of every fork. */
    private static final class Measurement {
        private final String order;
        private final List<Map<Kind, Sample>> rounds = new ArrayList<>();

        private Measurement(String order) {
            this.order = order;
        }

        void add(Map<Kind, Sample> samples) {
            rounds.add(samples);
        }

        double median(Kind kind, ToDoubleFunction<Sample> figure) {
            return Median.of(
                    rounds.stream().map(round -> of(round, kind, figure)).toList());
        }

        double median(Kind kind, Kind base, DoubleBinaryOperator compared, ToDoubleFunction<Sample> figure) {
            return Median.of(rounds.stream()
                    .map(round -> compared.applyAsDouble(of(round, kind, figure), of(round, base, figure)))
                    .toList());
        }

        private static double of(Map<Kind, Sample> round, Kind kind, ToDoubleFunction<Sample> figure) {
            return figure.applyAsDouble(requireNonNull(round.get(kind)));
        }
    }

    private void ratios(String name, Measurement of, ToDoubleFunction<Sample> figure) {
        row(name, of, figure, "× %.3f", (value, base) -> value / base);
    }

    private void differences(String name, Measurement of, ToDoubleFunction<Sample> figure) {
        row(name, of, figure, "%+.0f", (value, base) -> value - base);
    }

    private void row(
            String name,
            Measurement of,
            ToDoubleFunction<Sample> figure,
            String format,
            DoubleBinaryOperator compared) {
        StringBuilder row = new StringBuilder("| ").append(name);
        for (Kind kind : Kind.values()) {
            row.append(String.format(Locale.ROOT, " | %.1f", of.median(kind, figure)));
        }
        for (Kind kind : List.of(Kind.HAND, Kind.ROUTING, Kind.EVERYTHING)) {
            row.append(" | ").append(String.format(Locale.ROOT, format, of.median(kind, Kind.BARE, compared, figure)));
        }
        row.append(" | ")
                .append(String.format(Locale.ROOT, format, of.median(Kind.EVERYTHING, Kind.HAND, compared, figure)));
        out.println(row.append(" |"));
        out.flush();
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
