package io.intramesh.benchmarks.call;

import io.intramesh.Mesh;
import io.intramesh.MeshCallException;
import io.intramesh.call.Attempt;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.registry.FileRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A call that succeeds at its first attempt, from its beginning to its end, with a transport that does nothing. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CallBenchmark {
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
              listeners: [{ portMapping: { port: 8080, protocol: http } }]
              serviceDiscovery: { dns: { hostname: callee.invalid } }
            ---
            apiVersion: intramesh.io/v1
            kind: Endpoints
            metadata: { mesh: bench, name: callee }
            spec:
              virtualNode: callee
              endpoints: [{ address: 127.0.0.1 }, { address: 127.0.0.2 }, { address: 127.0.0.3 }]
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualRouter
            metadata: { mesh: bench, name: callee }
            spec: { listeners: [{ portMapping: { port: 8080, protocol: http } }] }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: bench, name: callee.local }
            spec: { provider: { virtualRouter: { virtualRouterName: callee } } }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: bench, virtualRouter: callee, name: all }
            spec:
              httpRoute:
                match: { prefix: / }
                action: { weightedTargets: [{ virtualNode: callee, weight: 1 }] }
            """;

    private static final String POLICY = """
                retryPolicy:
                  maxRetries: 2
                  perRetryTimeout: { unit: ms, value: 500 }
                  httpRetryEvents: [server-error, stream-error]
                  tcpRetryEvents: [connection-error]
            """;

    /** Whether the route has a retry policy of its own, or the default one holds. */
    @Param({"default", "written"})
    public String policy = "default";

    @SuppressWarnings("NullAway.Init") // set by start()
    private Mesh mesh;

    private final ExplainRequest request = ExplainRequest.builder("callee.local")
            .method("GET")
            .scheme("http")
            .path("/orders/7")
            .build();

    @Setup
    public void start() throws IOException {
        Path folder = Files.createTempDirectory("bench");
        Files.writeString(folder.resolve("mesh.yaml"), RESOURCES + (policy.equals("written") ? POLICY : ""));
        mesh = Mesh.builder()
                .registry(FileRegistry.of(folder))
                .virtualNode("caller")
                .start();
    }

    @TearDown
    public void stop() {
        mesh.close();
    }

    @Benchmark
    public int call() throws MeshCallException {
        Attempt attempt = mesh.outbound().begin(request).nextAttempt();
        int port = attempt.endpoint().port();
        attempt.responded(200, name -> null);
        attempt.ended(Attempt.End.COMPLETED);
        return port;
    }
}
