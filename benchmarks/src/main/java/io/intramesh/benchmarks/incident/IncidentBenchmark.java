package io.intramesh.benchmarks.incident;

import static java.util.Objects.requireNonNull;

import io.intramesh.EndpointEvent;
import io.intramesh.Mesh;
import io.intramesh.MeshListener;
import io.intramesh.okhttp.MeshClient;
import io.intramesh.registry.FileRegistry;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Three instances of a callee, of which one fails: it answers 503 to all, then it hangs, then it is killed and started again in
 * a loop. Calls come at a steady rate, each counted from the moment when it was due. Run once with the mesh (retries, outlier
 * detection) and once with an OkHttp client that takes the instances in turn. Where an instance is killed, {@code elsewhere} tells
 * what the same loop costs the machine: it kills and starts an instance that nobody calls.
 *
 * <p>Options: {@code --rate N} calls per second (default 100), {@code --seconds N} per phase (default 10),
 * {@code --per-try N} milliseconds as perRetryTimeout (default 150; more on a machine that has other work).
 */
public final class IncidentBenchmark {
    /**
     * Before anything is measured. A service that has been up for a while has compiled what it does all the time; this process, at
     * the rate that is measured, would have made too few calls for that.
     */
    private static final int WARM_UP_SECONDS = 10;

    private static final int WARM_UP_RATE = 500;

    /** Asked of each instance alone before anything is counted, as a rollout waits for a readiness probe. */
    private static final int WARM_UP_CALLS = 300;

    private static final long ONSET_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long KILL_EVERY_SECONDS = 3;
    private static final int CALLEES = 3;

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
                  outlierDetection:
                    maxServerErrors: 5
                    interval: { unit: s, value: 10 }
                    baseEjectionDuration: { unit: s, value: 30 }
                    maxEjectionPercent: 50
              serviceDiscovery: { dns: { hostname: callee.invalid } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualRouter
            metadata: { mesh: bench, name: callee }
            spec: { listeners: [{ portMapping: { port: 8080, protocol: http } }] }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: bench, virtualRouter: callee, name: all }
            spec:
              httpRoute:
                match: { prefix: / }
                action: { weightedTargets: [{ virtualNode: callee, weight: 1 }] }
                retryPolicy:
                  maxRetries: 2
                  perRetryTimeout: { unit: ms, value: PER_TRY }
                  httpRetryEvents: [server-error, stream-error]
                  tcpRetryEvents: [connection-error]
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: bench, name: callee.local }
            spec: { provider: { virtualRouter: { virtualRouterName: callee } } }
            """;

    private final int rate;
    private final int seconds;
    private final int perTryMillis;
    private final Path folder;
    private final PrintStream out;
    private final Queue<Told> told = new ConcurrentLinkedQueue<>();
    private long phaseStart;

    private IncidentBenchmark(int rate, int seconds, int perTryMillis, Path folder, PrintStream out) {
        this.rate = rate;
        this.seconds = seconds;
        this.perTryMillis = perTryMillis;
        this.folder = folder;
        this.out = out;
    }

    public static void main(String[] args) throws Exception {
        Numbers options = Numbers.parse(args, Map.of("--rate", 100, "--seconds", 10, "--per-try", 150));
        new IncidentBenchmark(
                        options.of("--rate"),
                        options.of("--seconds"),
                        options.of("--per-try"),
                        Files.createTempDirectory("incidents"),
                        System.out)
                .run();
    }

    /** Makes one call. */
    private interface Caller {
        Call newCall();
    }

    /** Goes on while calls are made. */
    private interface Trouble {
        void make() throws IOException;
    }

    private record Outcome(long dueNanos, long nanos, boolean succeeded) {}

    private void run() throws Exception {
        out.printf(
                Locale.ROOT,
                "%-6s %-10s %-9s %7s %7s %9s %9s %9s%n",
                "client",
                "phase",
                "part",
                "calls",
                "errors",
                "p50 ms",
                "p99 ms",
                "max ms");
        for (String phase : List.of("503", "hang", "killed")) {
            for (boolean mesh : new boolean[] {true, false}) {
                phase(phase, mesh);
            }
        }
    }

    /** Each phase has instances and a client of its own, so that none inherits what another left. */
    private void phase(String phase, boolean withMesh) throws Exception {
        String kind = withMesh ? "mesh" : "bare";
        phaseStart = System.nanoTime();
        List<InstanceProcess> instances = new ArrayList<>();
        try {
            for (int i = 0; i < CALLEES; i++) {
                instances.add(InstanceProcess.start(folder.resolve(phase + kind + i)));
                warmUp(instances.get(i));
            }
            List<InstanceProcess> callees = List.copyOf(instances);
            if (phase.equals("killed")) {
                instances.add(InstanceProcess.start(folder.resolve(phase + kind + "-elsewhere")));
            }
            if (withMesh) {
                Path registry = Files.createDirectories(folder.resolve(phase + "-mesh"));
                Files.writeString(
                        registry.resolve("mesh.yaml"),
                        RESOURCES.replace("PER_TRY", Integer.toString(perTryMillis)) + endpoints(callees));
                try (Mesh mesh = Mesh.builder()
                                .registry(FileRegistry.of(registry))
                                .virtualNode("caller")
                                .start();
                        AutoCloseable events = mesh.addListener(new MeshListener() {
                            @Override
                            public void endpointChanged(EndpointEvent event) {
                                // Printed later: what is measured shares its processors with this.
                                told.add(new Told(System.nanoTime(), event));
                            }
                        });
                        MeshClient client = MeshClient.create(mesh)) {
                    requireNonNull(events); // Ends with the phase.
                    Request request =
                            new Request.Builder().url("http://callee.local/").build();
                    incident(kind, phase, instances, () -> client.newCall(request));
                }
            } else {
                OkHttpClient client = new OkHttpClient();
                AtomicInteger turn = new AtomicInteger();
                List<Request> requests = callees.stream()
                        .map(instance -> new Request.Builder()
                                .url("http://127.0.0.1:" + instance.port() + "/")
                                .build())
                        .toList();
                incident(
                        kind,
                        phase,
                        instances,
                        () -> client.newCall(
                                requests.get(Integer.remainderUnsigned(turn.getAndIncrement(), requests.size()))));
                client.dispatcher().executorService().shutdown();
                client.connectionPool().evictAll();
            }
        } finally {
            instances.forEach(InstanceProcess::close);
        }
    }

    private static void warmUp(InstanceProcess instance) throws IOException {
        OkHttpClient client = new OkHttpClient();
        Request request = new Request.Builder()
                .url("http://127.0.0.1:" + instance.port() + "/")
                .build();
        for (int i = 0; i < WARM_UP_CALLS; i++) {
            try (Response response = client.newCall(request).execute()) {
                response.body().bytes();
            }
        }
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }

    private record Told(long nanos, EndpointEvent event) {}

    /** Who was left out, and when: without it, figures cannot be told from luck. */
    private void tellAll() {
        for (Told one = told.poll(); one != null; one = told.poll()) {
            EndpointEvent event = one.event();
            out.printf(
                    Locale.ROOT,
                    "  %5.1f s %s %s %s: %s%n",
                    (one.nanos() - phaseStart) / 1e9,
                    event.kind(),
                    event.virtualNode(),
                    event.endpoint(),
                    event.reason());
        }
    }

    /** The first instance is the victim; after the callees, there may be one that nobody calls. */
    private void incident(String kind, String phase, List<InstanceProcess> instances, Caller caller)
            throws IOException {
        InstanceProcess victim = instances.get(0);
        measure(caller, WARM_UP_RATE, WARM_UP_SECONDS, () -> {});
        report(kind, phase, "healthy", measure(caller, rate, seconds, () -> {}), 0, Long.MAX_VALUE);
        if (instances.size() > CALLEES) {
            List<Outcome> outcomes = measure(caller, rate, seconds, () -> killInALoop(instances.get(CALLEES)));
            report(kind, phase, "elsewhere", outcomes, ONSET_NANOS, Long.MAX_VALUE);
        }
        Trouble trouble = switch (phase) {
            case "503" -> () -> victim.become("fail");
            case "hang" -> () -> victim.become("hang");
            default -> () -> killInALoop(victim);
        };
        List<Outcome> outcomes = measure(caller, rate, seconds, trouble);
        tellAll();
        report(kind, phase, "onset", outcomes, 0, ONSET_NANOS);
        report(kind, phase, "after", outcomes, ONSET_NANOS, Long.MAX_VALUE);
    }

    private void killInALoop(InstanceProcess victim) throws IOException {
        for (long second = 0; second + KILL_EVERY_SECONDS <= seconds; second += KILL_EVERY_SECONDS) {
            victim.kill();
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(KILL_EVERY_SECONDS) / 2);
            victim.restart();
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(KILL_EVERY_SECONDS) / 2);
        }
    }

    private static List<Outcome> measure(Caller caller, int rate, int forSeconds, Trouble trouble) throws IOException {
        Queue<Outcome> outcomes = new ConcurrentLinkedQueue<>();
        ExecutorService callers = Executors.newCachedThreadPool();
        Queue<IOException> failures = new ConcurrentLinkedQueue<>();
        Thread troublemaker = new Thread(() -> {
            try {
                trouble.make();
            } catch (IOException e) {
                failures.add(e);
            }
        });
        troublemaker.start();
        long start = System.nanoTime();
        long calls = (long) rate * forSeconds;
        for (long i = 0; i < calls; i++) {
            long due = i * TimeUnit.SECONDS.toNanos(1) / rate;
            for (long wait = due - (System.nanoTime() - start); wait > 0; wait = due - (System.nanoTime() - start)) {
                LockSupport.parkNanos(wait);
            }
            callers.execute(() -> {
                boolean succeeded = succeeds(caller.newCall());
                outcomes.add(new Outcome(due, System.nanoTime() - start - due, succeeded));
            });
        }
        callers.shutdown();
        try {
            troublemaker.join();
            if (!callers.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IOException("calls do not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (!failures.isEmpty()) {
            throw failures.remove();
        }
        return List.copyOf(outcomes);
    }

    private static boolean succeeds(Call call) {
        try (Response response = call.execute()) {
            response.body().bytes();
            return response.isSuccessful();
        } catch (IOException e) {
            return false;
        }
    }

    private void report(String kind, String phase, String part, List<Outcome> outcomes, long from, long to) {
        List<Outcome> within = outcomes.stream()
                .filter(outcome -> outcome.dueNanos() >= from && outcome.dueNanos() < to)
                .toList();
        long[] nanos = within.stream().mapToLong(Outcome::nanos).sorted().toArray();
        long errors = within.stream().filter(outcome -> !outcome.succeeded()).count();
        out.printf(
                Locale.ROOT,
                "%-6s %-10s %-9s %7d %7d %9.2f %9.2f %9.2f%n",
                kind,
                phase,
                part,
                within.size(),
                errors,
                percentile(nanos, 0.5),
                percentile(nanos, 0.99),
                percentile(nanos, 1));
    }

    private static double percentile(long[] sorted, double share) {
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)] / 1e6;
    }

    private static String endpoints(List<InstanceProcess> instances) {
        return """
                ---
                apiVersion: intramesh.io/v1
                kind: Endpoints
                metadata: { mesh: bench, name: callee }
                spec: { virtualNode: callee, endpoints: [%s] }
                """.formatted(instances.stream()
                .map(instance -> "{ address: 127.0.0.1, port: " + instance.port() + " }")
                .collect(Collectors.joining(", ")));
    }
}
