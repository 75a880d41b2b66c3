package io.intramesh.internal.pipeline;

import static java.util.Objects.requireNonNull;

import io.intramesh.AccessSettings;
import io.intramesh.MeshCallException;
import io.intramesh.call.Attempt;
import io.intramesh.call.MeshContext;
import io.intramesh.call.MeshRequest;
import io.intramesh.document.RawDocument;
import io.intramesh.internal.endpoint.EndpointDirectory;
import io.intramesh.internal.retry.RetryBudgets;
import io.intramesh.testing.FakeNanoClock;
import io.intramesh.testing.FakeRegistry;
import io.intramesh.testing.FakeScheduler;
import io.intramesh.tls.TlsSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** The stages of calls over a virtual node with three endpoints, in virtual time; the test plays the transport. */
@NullMarked
final class VirtualMesh {
    static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private static final String FIXED = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: shop }
            spec: {}
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: orders }
            spec:
              backends: [{ virtualService: { virtualServiceName: payments.local } }]
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualRouter
            metadata: { mesh: shop, name: payments }
            spec: { listeners: [{ portMapping: { port: 8080, protocol: http } }] }
            """;

    final FakeNanoClock clock;
    final FakeScheduler scheduler;
    final FakeTls tls = new FakeTls();
    final ContextHolder contexts = new ContextHolder();
    final RetryBudgets budgets;
    private final ConfigApplier applier;
    private final CallPipeline pipeline;
    private @Nullable Snapshot snapshot;

    VirtualMesh() {
        this(FakeNanoClock.create(), false);
    }

    VirtualMesh(FakeNanoClock clock, boolean strictRetries) {
        this.clock = clock;
        scheduler = FakeScheduler.on(clock);
        budgets = new RetryBudgets(clock);
        Random chance = new Random(7);
        MeshSettings settings = new MeshSettings(
                FakeRegistry.create(),
                "shop",
                "orders",
                Duration.ofSeconds(1),
                Duration.ZERO,
                Duration.ZERO,
                Map.of(),
                false,
                strictRetries,
                List.of(),
                null,
                null,
                TlsSettings.defaults(),
                AccessSettings.DEFAULTS);
        Listeners listeners = new Listeners();
        applier = new ConfigApplier(
                settings,
                chance,
                () -> NOON,
                clock,
                scheduler,
                new EndpointEvents(listeners, Runnable::run),
                new Probers(),
                tls,
                new AccessControl(settings.access(), Set::of, scheduler, () -> NOON, clock, listeners),
                mesh -> new EndpointDirectory(mesh, scheduler, clock, List.of()));
        pipeline = CallPipeline.ofCalls(clock, () -> NOON, chance, contexts, budgets, strictRetries);
    }

    /** A mesh whose service has a router with one route. */
    static VirtualMesh routed(String routeMembers) {
        return new VirtualMesh().route("httpRoute", routeMembers, "");
    }

    /** A mesh whose service is a virtual node, so that nobody can write a policy. */
    static VirtualMesh ofNode() {
        VirtualMesh mesh = new VirtualMesh();
        mesh.deliver("http", "virtualNode: { virtualNodeName: payments }", "");
        return mesh;
    }

    /**
     * @param kind such as {@code httpRoute}
     * @param members of the route beside match and action
     * @param more documents
     */
    VirtualMesh route(String kind, String members, String more) {
        String match = kind.equals("grpcRoute") ? "{}" : "{ prefix: / }";
        String protocol = kind.equals("grpcRoute") ? "grpc" : "http";
        deliver(protocol, "virtualRouter: { virtualRouterName: payments }", """
                apiVersion: intramesh.io/v1
                kind: Route
                metadata: { mesh: shop, virtualRouter: payments, name: all }
                spec:
                  %s:
                    match: %s
                    action: { weightedTargets: [{ virtualNode: payments, weight: 1 }] }
                %s
                %s
                """.formatted(
                        kind, match, members.indent(4), more));
        return this;
    }

    private void deliver(String protocol, String provider, String more) {
        String node = """
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: payments }
                spec:
                  listeners:
                    - portMapping: { port: 8080, protocol: %s }
                      # So that nobody is ejected: what is looked at here is the call, and not who is left to take it.
                      outlierDetection:
                        maxServerErrors: 1000000
                        interval: { unit: s, value: 10 }
                        baseEjectionDuration: { unit: s, value: 1 }
                        maxEjectionPercent: 0
                  serviceDiscovery: { dns: { hostname: p.invalid } }
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualService
                metadata: { mesh: shop, name: payments.local }
                spec: { provider: { %s } }
                ---
                apiVersion: intramesh.io/v1
                kind: Endpoints
                metadata: { mesh: shop, name: payments }
                spec:
                  virtualNode: payments
                  endpoints: [{ address: 10.0.0.1 }, { address: 10.0.0.2 }, { address: 10.0.0.3 }]
                ---
                """.formatted(protocol, provider);
        String fixed = FIXED.replace("protocol: http }", "protocol: " + protocol + " }");
        Snapshot applied = applier.apply(List.of(RawDocument.of("mesh.yaml", fixed + node + more)), false);
        if (!applied.state().problems().stream().noneMatch(problem -> problem.isError())) {
            throw new AssertionError(applied.state().problems());
        }
        scheduler.runDue();
        snapshot = applied;
    }

    Snapshot snapshot() {
        return requireNonNull(snapshot);
    }

    MeshCall begin(Request request) throws MeshCallException {
        return pipeline.begin(snapshot(), request);
    }

    /** Does something on behalf of a request that this process works on. */
    void during(MeshContext context, Step step) throws Exception {
        MeshContext.Scope scope = contexts.enter(context);
        try {
            step.take();
        } finally {
            scope.close();
        }
    }

    interface Step {
        void take() throws Exception;
    }

    static Attempt.HeaderLookup headers(String... namesAndValues) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers::get;
    }

    /** What the transport sends with an attempt. */
    static Map<String, String> sent(Attempt attempt) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        attempt.headers(headers::put);
        return headers;
    }

    record Request(String method, Map<String, String> headers, boolean isRepeatable) implements MeshRequest {
        static Request of(String method, String... namesAndValues) {
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            for (int i = 0; i < namesAndValues.length; i += 2) {
                headers.put(namesAndValues[i], namesAndValues[i + 1]);
            }
            return new Request(method, headers, true);
        }

        Request oneShot() {
            return new Request(method, headers, false);
        }

        @Override
        public String scheme() {
            return "http";
        }

        @Override
        public String host() {
            return "payments.local";
        }

        @Override
        public int port() {
            return -1;
        }

        @Override
        public String path() {
            return "/charges";
        }

        @Override
        public @Nullable String query() {
            return null;
        }

        @Override
        public @Nullable String header(String name) {
            return headers.get(name);
        }
    }
}
