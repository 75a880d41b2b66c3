package io.intramesh.benchmarks.call;

import io.intramesh.Mesh;
import io.intramesh.MeshCallException;
import io.intramesh.benchmarks.macro.Resources;
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
import org.openjdk.jmh.infra.Blackhole;

/** A call that succeeds at its first attempt, from its beginning to its end, with a transport that does nothing. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CallBenchmark {
    /** {@code default}: routes and nothing else is written; {@code everything}: all that does not add calls. */
    @Param({"default", "everything"})
    public String features = "default";

    @SuppressWarnings("NullAway.Init") // set by start()
    private Mesh mesh;

    private final ExplainRequest request = ExplainRequest.builder("callee.local")
            .method("GET")
            .scheme("http")
            .path("/beta/item")
            .build();

    @Setup
    public void start() throws IOException {
        Path folder = Files.createTempDirectory("bench");
        boolean everything = features.equals("everything");
        Files.writeString(
                folder.resolve("mesh.yaml"),
                // Nobody listens there, so endpoints must not be checked before they are used.
                (everything ? Resources.everythingButHealthChecks() : Resources.routing()) + "---\n"
                        + Resources.endpoints("1"));
        mesh = Mesh.builder()
                .registry(FileRegistry.of(folder))
                .virtualNode("caller")
                .zone("a")
                .start();
    }

    @TearDown
    public void stop() {
        mesh.close();
    }

    @Benchmark
    public int call(Blackhole wire) throws MeshCallException {
        Attempt attempt = mesh.outbound().begin(request).nextAttempt();
        attempt.headers((name, value) -> {
            wire.consume(name);
            wire.consume(value);
        });
        int port = attempt.endpoint().port();
        attempt.responded(200, name -> null);
        attempt.ended(Attempt.End.COMPLETED);
        return port;
    }
}
