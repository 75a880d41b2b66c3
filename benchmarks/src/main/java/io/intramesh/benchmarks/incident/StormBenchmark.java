package io.intramesh.benchmarks.incident;

import static java.util.Objects.requireNonNull;

import io.intramesh.Mesh;
import io.intramesh.okhttp.MeshClient;
import io.intramesh.registry.FileRegistry;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import okhttp3.Request;
import okhttp3.Response;

/**
 * What a callee that is down gets: it answers 503 to all, or refuses connections, for 30 s, and its callers have a retry policy
 * of three retries for everything. Once called by this process alone, and once at the end of a chain of three services, each a
 * process and each with that policy towards the next: without a bound, the last would get up to 4, and up to 64 times the
 * calls.
 *
 * <p>Options: {@code --rate N} calls per second (default 100), {@code --seconds N} down (default 30). The exit status says whether
 * the bounds were kept.
 */
public final class StormBenchmark {
    private static final int HEALTHY_SECONDS = 10;

    /** As issue 4 has it. */
    private static final double MOST_PER_HOP = 1.2;

    private static final double MOST_IN_ALL = 1.5;

    /**
     * Of the callee. A retry is free where no connection came about and another instance is thought to be well; so each instance
     * that is gone may cost one such attempt before its caller knows of it.
     */
    private static final int INSTANCES = 2;

    private static final String SERVICE = """
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: bench, name: NAME }
            spec:
              listeners: [{ portMapping: { port: 8080, protocol: http } }]
              serviceDiscovery: { dns: { hostname: NAME.invalid } }
              backends: [{ virtualService: { virtualServiceName: NEXT.local } }]
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualRouter
            metadata: { mesh: bench, name: NAME }
            spec: { listeners: [{ portMapping: { port: 8080, protocol: http } }] }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: bench, virtualRouter: NAME, name: all }
            spec:
              httpRoute:
                match: { prefix: / }
                action: { weightedTargets: [{ virtualNode: NAME, weight: 1 }] }
                retryPolicy:
                  maxRetries: 3
                  perRetryTimeout: { unit: s, value: 5 }
                  httpRetryEvents: [server-error, stream-error]
                  tcpRetryEvents: [connection-error]
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: bench, name: NAME.local }
            spec: { provider: { virtualRouter: { virtualRouterName: NAME } } }
            """;

    private final int rate;
    private final int seconds;
    private final Path folder;
    private final PrintStream out;
    private boolean isKept = true;

    private StormBenchmark(int rate, int seconds, Path folder, PrintStream out) {
        this.rate = rate;
        this.seconds = seconds;
        this.folder = folder;
        this.out = out;
    }

    public static void main(String[] args) throws Exception {
        Numbers options = Numbers.parse(args, Map.of("--rate", 100, "--seconds", 30));
        StormBenchmark benchmark = new StormBenchmark(
                options.of("--rate"), options.of("--seconds"), Files.createTempDirectory("storms"), System.out);
        benchmark.run();
        System.exit(benchmark.isKept ? 0 : 1);
    }

    private void run() throws IOException {
        out.println("| callee | services | hop | calls | attempts | times | bound |");
        out.println("| --- | --- | --- | --- | --- | --- | --- |");
        for (boolean refuses : new boolean[] {false, true}) {
            storm(refuses, List.of("stock"));
            storm(refuses, List.of("orders", "payments", "stock"));
        }
    }

    /**
     * Lets the last of these services fail.
     *
     * @param names in the order in which they call each other; the last has two instances
     */
    private void storm(boolean refuses, List<String> names) throws IOException {
        String kind = refuses ? "refuses connections" : "answers 503";
        Path place = Files.createDirectories(folder.resolve((refuses ? "refuses" : "fails") + names.size()));
        Path registry = Files.createDirectories(place.resolve("mesh"));
        Map<String, List<InstanceProcess>> services = new LinkedHashMap<>();
        try {
            for (int i = names.size() - 1; i >= 0; i--) {
                String name = names.get(i);
                write(registry, names, services);
                List<InstanceProcess> instances = new ArrayList<>();
                services.put(name, instances);
                boolean isLast = i == names.size() - 1;
                for (int k = 0; k < (isLast ? INSTANCES : 1); k++) {
                    Path work = place.resolve(name + k);
                    String node = registry.toString();
                    instances.add(
                            isLast
                                    ? InstanceProcess.start(work, Link.class, node, name)
                                    : InstanceProcess.start(work, Link.class, node, name, names.get(i + 1) + ".local"));
                }
            }
            write(registry, names, services);
            Connects connects = new Connects();
            try (Mesh mesh = Mesh.builder()
                            .registry(FileRegistry.of(registry))
                            .virtualNode("caller")
                            .start();
                    MeshClient client = connects.client(mesh)) {
                Request request = new Request.Builder()
                        .url("http://" + names.get(0) + ".local/")
                        .build();
                AtomicLong answered = new AtomicLong();
                call(client, request, HEALTHY_SECONDS, answered);
                if (answered.get() < (long) rate * HEALTHY_SECONDS * 99 / 100) {
                    throw new IOException("only " + answered + " calls went well before anything was down");
                }
                List<Counts> before = counts(names, services, connects, false);
                List<InstanceProcess> last = requireNonNull(services.get(names.get(names.size() - 1)));
                for (InstanceProcess instance : last) {
                    if (refuses) {
                        instance.kill();
                    } else {
                        instance.become("fail");
                    }
                }
                long calls = call(client, request, seconds, answered);
                report(kind, names, calls, before, counts(names, services, connects, refuses), refuses);
            }
        } finally {
            services.values().forEach(instances -> instances.forEach(InstanceProcess::close));
        }
    }

    /** What a service has had, all instances together, and how many connections its caller has tried. */
    private record Counts(long requests, long connects) {}

    private static List<Counts> counts(
            List<String> names, Map<String, List<InstanceProcess>> services, Connects ofFirst, boolean lastIsGone)
            throws IOException {
        List<Counts> all = new ArrayList<>();
        long connects = ofFirst.count();
        for (String name : names) {
            long requests = 0;
            long onward = 0;
            boolean isGone = lastIsGone && name.equals(names.get(names.size() - 1));
            for (InstanceProcess instance : requireNonNull(services.get(name))) {
                if (!isGone) {
                    String[] numbers = instance.ask("counts").split(" ", -1);
                    requests += Long.parseLong(numbers[0]);
                    onward += Long.parseLong(numbers[1]);
                }
            }
            all.add(new Counts(requests, connects));
            connects = onward;
        }
        return all;
    }

    private void report(
            String kind, List<String> names, long calls, List<Counts> before, List<Counts> after, boolean refuses) {
        long sent = calls;
        String from = "caller";
        for (int i = 0; i < names.size(); i++) {
            boolean counted = refuses && i == names.size() - 1;
            long attempts = counted
                    ? after.get(i).connects() - before.get(i).connects()
                    : after.get(i).requests() - before.get(i).requests();
            row(kind, names, from + " to " + names.get(i), sent, attempts, counted ? INSTANCES : 0, MOST_PER_HOP);
            from = names.get(i);
            if (names.size() > 1 && i == names.size() - 1) {
                row(kind, names, "in all", calls, attempts, 0, MOST_IN_ALL);
            }
            sent = attempts;
        }
    }

    private void row(String kind, List<String> names, String hop, long calls, long attempts, int free, double most) {
        double times = (double) attempts / calls;
        boolean kept = attempts - free <= most * calls;
        isKept &= kept;
        out.printf(
                Locale.ROOT,
                "| %s | %d | %s | %d | %d | %.3f | %s %.1f |%n",
                kind,
                names.size(),
                hop,
                calls,
                attempts,
                times,
                kept ? "kept," : "BROKEN,",
                most);
    }

    /** Calls at the rate for so long, and returns how many calls were made. */
    private long call(MeshClient client, Request request, int forSeconds, AtomicLong answered) throws IOException {
        ExecutorService callers = Executors.newCachedThreadPool();
        long start = System.nanoTime();
        long calls = (long) rate * forSeconds;
        for (long i = 0; i < calls; i++) {
            long due = i * TimeUnit.SECONDS.toNanos(1) / rate;
            for (long wait = due - (System.nanoTime() - start); wait > 0; wait = due - (System.nanoTime() - start)) {
                LockSupport.parkNanos(wait);
            }
            callers.execute(() -> {
                try (Response response = client.newCall(request).execute()) {
                    if (response.isSuccessful()) {
                        answered.incrementAndGet();
                    }
                } catch (IOException e) {
                    // What a caller without retries left gets; only attempts are counted here.
                }
            });
        }
        callers.shutdown();
        try {
            if (!callers.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IOException("calls do not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return calls;
    }

    private static void write(Path registry, List<String> names, Map<String, List<InstanceProcess>> services)
            throws IOException {
        StringBuilder text = new StringBuilder("""
                apiVersion: intramesh.io/v1
                kind: Mesh
                metadata: { name: bench }
                spec: {}
                """);
        text.append("""
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: bench, name: caller }
                spec:
                  backends: [{ virtualService: { virtualServiceName: NEXT.local } }]
                """.replace("NEXT", names.get(0)));
        for (int i = 0; i < names.size(); i++) {
            String next = i == names.size() - 1 ? "nobody" : names.get(i + 1);
            text.append(SERVICE.replace("NAME", names.get(i)).replace("NEXT", next));
        }
        services.forEach((name, instances) -> {
            for (int i = 0; i < instances.size(); i++) {
                text.append("""
                        ---
                        apiVersion: intramesh.io/v1
                        kind: Endpoints
                        metadata: { mesh: bench, name: %1$s-%2$d }
                        spec: { virtualNode: %1$s, endpoints: [{ address: 127.0.0.1, port: %3$d }] }
                        """.formatted(name, i, instances.get(i).port()));
            }
        });
        // Under another name first: nobody shall read half a document.
        Path draft = registry.resolve("mesh.yaml.draft");
        Files.writeString(draft, text);
        Files.move(draft, registry.resolve("mesh.yaml"), StandardCopyOption.REPLACE_EXISTING);
    }
}
