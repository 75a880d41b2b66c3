package io.intramesh.benchmarks.access;

import io.intramesh.AccessSettings;
import io.intramesh.Mesh;
import io.intramesh.call.InboundRequest;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.internal.issue.CertificateAuthority;
import io.intramesh.internal.issue.CertificateSpec;
import io.intramesh.registry.FileRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
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

/** A request that is let in, from its arrival to its end, under no policy and under more and more of them. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AccessBenchmark {
    private static final String MESH = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: shop }
            spec: {}
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: callee }
            spec:
              listeners: [{ portMapping: { port: 8080, protocol: http } }]
              serviceDiscovery: { dns: { hostname: callee.invalid } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: caller }
            spec: {}
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualRouter
            metadata: { mesh: shop, name: callee }
            spec: { listeners: [{ portMapping: { port: 80, protocol: http } }] }
            ---
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: shop, virtualRouter: callee, name: all }
            spec:
              httpRoute:
                match: { prefix: / }
                action: { weightedTargets: [{ virtualNode: callee, weight: 1 }] }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: shop, name: callee.local }
            spec: { provider: { virtualRouter: { virtualRouterName: callee } } }
            """;

    /** Who, and not where; as most services will have it. */
    private static final String CALLER = """
            ---
            apiVersion: intramesh.io/v1
            kind: AccessPolicy
            metadata: { mesh: shop, name: callee }
            spec:
              targetRef: { kind: VirtualNode, name: callee }
              rules: [{ name: caller, effect: ALLOW, callers: [{ virtualNode: caller }] }]
            """;

    private static final String PATHS = """
            ---
            apiVersion: intramesh.io/v1
            kind: AccessPolicy
            metadata: { mesh: shop, name: callee }
            spec:
              targetRef: { kind: VirtualNode, name: callee }
              rules:
                - { name: no-admin, effect: DENY, callers: [{ virtualNode: caller }], paths: [{ prefix: /admin }] }
                - { name: caller, effect: ALLOW, callers: [{ virtualNode: caller }], methods: [GET], paths: [{ prefix: /items }] }
            """;

    private static final String ROUTE = """
            ---
            apiVersion: intramesh.io/v1
            kind: AccessPolicy
            metadata: { mesh: shop, name: callee }
            spec:
              targetRef: { kind: Route, virtualRouter: callee, name: all }
              rules: [{ name: caller, effect: ALLOW, callers: [{ virtualNode: caller }] }]
            """;

    /**
     * {@code none}: no policy; {@code caller}: one rule by virtual node; {@code paths}: a denial and an allowance by caller,
     * method and path; {@code route}: the policy is that of a route; {@code fifty}: {@code paths} behind fifty denials of
     * other callers' paths.
     */
    @Param({"none", "caller", "paths", "route", "fifty"})
    public String policies = "none";

    private final List<X509Certificate> chain = CertificateAuthority.create("shop.example", InstantSource.system())
            .issue(CertificateSpec.builder()
                    .uris(URI.create("spiffe://shop.example/shop/caller"))
                    .build())
            .chain();

    private final ExplainRequest request = ExplainRequest.builder("callee.local")
            .method("GET")
            .scheme("https")
            .path("/items/17")
            .build();

    @SuppressWarnings("NullAway.Init") // set by start()
    private Mesh mesh;

    @Setup
    public void start() throws IOException {
        Path folder = Files.createTempDirectory("bench");
        Files.writeString(folder.resolve("mesh.yaml"), MESH + documents());
        mesh = Mesh.builder()
                .registry(FileRegistry.of(folder))
                .virtualNode("callee")
                .warmUp(Duration.ZERO)
                .access(new AccessSettings(false, Set.of("shop.example"), AccessSettings.DEFAULT_SPIFFE_PATH))
                .start();
    }

    private String documents() {
        return switch (policies) {
            case "none" -> "";
            case "caller" -> CALLER;
            case "paths" -> PATHS;
            case "route" -> ROUTE;
            default -> {
                StringBuilder many = new StringBuilder(PATHS);
                for (int i = 0; i < 50; i++) {
                    many.append("    - { name: no-")
                            .append(i)
                            .append(", effect: DENY, callers: [{ virtualNode: other-");
                    many.append(i).append(" }], paths: [{ prefix: /items }] }\n");
                }
                yield many.toString();
            }
        };
    }

    @TearDown
    public void stop() {
        mesh.close();
    }

    @Benchmark
    public InboundRequest letIn() {
        InboundRequest begun = mesh.inbound().begin(request, 8080, chain);
        if (begun.refusal() != null) {
            throw new IllegalStateException("refused: " + begun.refusal());
        }
        begun.ended(200, null);
        return begun;
    }
}
