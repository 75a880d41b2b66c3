package io.intramesh.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.AccessEvent;
import io.intramesh.AccessSettings;
import io.intramesh.EndpointEvent;
import io.intramesh.MeshCallException;
import io.intramesh.MeshListener;
import io.intramesh.call.Attempt;
import io.intramesh.call.HealthProber;
import io.intramesh.call.OutboundCall;
import io.intramesh.document.RawDocument;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.internal.endpoint.EndpointDirectory;
import io.intramesh.internal.retry.RetryBudgets;
import io.intramesh.internal.route.Target;
import io.intramesh.model.VirtualNode;
import io.intramesh.testing.FakeNanoClock;
import io.intramesh.testing.FakeRegistry;
import io.intramesh.testing.FakeScheduler;
import io.intramesh.tls.TlsSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;

/** The outbound pipeline over written-down endpoints, in virtual time and without a thread. */
final class PipelineFixture {
    final FakeScheduler scheduler;
    final FakeTls tls = new FakeTls();
    final List<EndpointEvent> events = new ArrayList<>();
    final List<AccessEvent> accessEvents = new ArrayList<>();

    /** Time of day as access policies see it. */
    Instant now = Instant.EPOCH;

    private final ConfigApplier applier;
    private final RetryBudgets budgets;
    private final OutboundPipeline outbound;
    private Snapshot snapshot;

    /** Begins with these documents of mesh shop; calls come from virtual node orders. */
    PipelineFixture(FakeNanoClock clock, String... documents) {
        this(clock, AccessSettings.DEFAULTS, false, documents);
    }

    /**
     * Begins with other settings.
     *
     * @param mayHaveErrors whether documents may be refused
     */
    PipelineFixture(FakeNanoClock clock, AccessSettings access, boolean mayHaveErrors, String... documents) {
        scheduler = FakeScheduler.on(clock);
        budgets = new RetryBudgets(clock);
        RandomGenerator chance = new Random(7);
        Listeners listeners = new Listeners();
        Probers probers = new Probers();
        AutoCloseable unused = listeners.add(new MeshListener() {
            @Override
            public void endpointChanged(EndpointEvent event) {
                events.add(event);
            }

            @Override
            public void accessDenied(AccessEvent event) {
                accessEvents.add(event);
            }
        });
        assertThat(unused).isNotNull();
        MeshSettings settings = new MeshSettings(
                FakeRegistry.create(),
                "shop",
                "orders",
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                Map.of(),
                false,
                false,
                List.of(),
                null,
                "eu-1a",
                TlsSettings.defaults(),
                access);
        applier = new ConfigApplier(
                settings,
                chance,
                InstantSource.fixed(Instant.EPOCH),
                clock,
                scheduler,
                new EndpointEvents(listeners, Runnable::run),
                probers,
                tls,
                new AccessControl(
                        settings.access(), () -> Set.of("shop.example"), scheduler, () -> now, clock, listeners),
                mesh -> new EndpointDirectory(mesh, scheduler, clock, List.of()));
        snapshot = load(mayHaveErrors, documents);
        outbound = new OutboundPipeline(
                CallPipeline.ofCalls(clock, () -> now, chance, new ContextHolder(), budgets, false),
                () -> snapshot,
                scheduler,
                listeners,
                probers,
                applier::probersChanged);
    }

    /** Lets this one send health checks. */
    AutoCloseable probeWith(HealthProber prober) {
        AutoCloseable offer = offer(prober);
        scheduler.runDue();
        return offer;
    }

    /** Offers to send health checks, which the mesh thread has yet to notice. */
    AutoCloseable offer(HealthProber prober) {
        return outbound.probeWith(prober);
    }

    /** Ends every pause, as a mesh that closes. */
    void close() {
        outbound.close();
    }

    /** Puts other documents in force. */
    void reload(String... documents) {
        snapshot = load(false, documents);
    }

    /** Puts other documents in force, of which some may be refused. */
    void reloadWithErrors(String... documents) {
        snapshot = load(true, documents);
    }

    private Snapshot load(boolean mayHaveErrors, String... documents) {
        List<RawDocument> raw = new ArrayList<>();
        for (int i = 0; i < documents.length; i++) {
            raw.add(RawDocument.of(i + ".yaml", documents[i]));
        }
        Snapshot loaded = applier.apply(raw, false);
        assertThat(loaded.state().problems())
                .filteredOn(problem -> problem.isError() && !mayHaveErrors)
                .isEmpty();
        scheduler.runDue();
        return loaded;
    }

    /** Returns the targets that virtual node orders can reach. */
    List<Target> targets() {
        return snapshot.routing().targetsOf(snapshot.self());
    }

    VirtualNode self() {
        return snapshot.selfNode();
    }

    InboundRules inbound() {
        return snapshot.inbound();
    }

    OutboundCall call() throws MeshCallException {
        return call("GET");
    }

    OutboundCall call(String method) throws MeshCallException {
        return call(method, "http");
    }

    OutboundCall call(String method, String scheme) throws MeshCallException {
        return outbound.begin(ExplainRequest.builder("pay.local")
                .method(method)
                .scheme(scheme)
                .path("/")
                .build());
    }

    Snapshot snapshot() {
        return snapshot;
    }

    /** Makes an attempt that is answered with that status, and returns the port where it went. */
    int answered(int status) throws MeshCallException {
        Attempt attempt = call("POST").nextAttempt();
        int port = attempt.endpoint().port();
        attempt.responded(status, name -> null);
        attempt.ended(Attempt.End.COMPLETED);
        return port;
    }

    Explanation explain() {
        return explain("http");
    }

    Explanation explain(String scheme) {
        return LiveExplanations.explain(
                snapshot,
                ExplainRequest.builder("pay.local")
                        .method("GET")
                        .scheme(scheme)
                        .path("/")
                        .build(),
                budgets,
                scheduler.clock().nanoTime());
    }

    /** Returns the state of each endpoint as an explanation shows it. */
    List<String> states() {
        return explain().targets().get(0).endpoints().stream()
                .map(Explanation.EndpointState::state)
                .toList();
    }

    /** A mesh whose virtual service pay.local is node pay, with one listener of that protocol and these further parts. */
    static String mesh(String protocol, String listenerParts) {
        return """
                apiVersion: intramesh.io/v1
                kind: Mesh
                metadata: { name: shop }
                spec: {}
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: orders }
                spec:
                  backends: [{ virtualService: { virtualServiceName: pay.local } }]
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: pay }
                spec:
                  listeners:
                    - { portMapping: { port: 80, protocol: %s } %s }
                  serviceDiscovery: { dns: { hostname: pay.invalid } }
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualService
                metadata: { mesh: shop, name: pay.local }
                spec: { provider: { virtualNode: { virtualNodeName: pay } } }
                """.formatted(protocol, listenerParts.isEmpty() ? "" : ", " + listenerParts);
    }

    /** Endpoints of node pay at ports 7000, 7001 … */
    static String endpoints(int count) {
        StringBuilder text = new StringBuilder("""
                apiVersion: intramesh.io/v1
                kind: Endpoints
                metadata: { mesh: shop, name: pay }
                spec:
                  virtualNode: pay
                  endpoints:
                """);
        for (int i = 0; i < count; i++) {
            text.append("    - { address: 127.0.0.1, port: ").append(7000 + i).append(" }\n");
        }
        return text.toString();
    }

    /** A traffic policy for node pay with these lines. */
    static String policy(String... lines) {
        return """
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: pay }
                spec:
                  targetRef: { kind: VirtualNode, name: pay }
                  %s
                """.formatted(String.join("\n  ", lines));
    }
}
