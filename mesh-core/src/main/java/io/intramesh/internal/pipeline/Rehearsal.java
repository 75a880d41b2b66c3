package io.intramesh.internal.pipeline;

import io.intramesh.AccessSettings;
import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.Attempt;
import io.intramesh.call.InboundRequest;
import io.intramesh.call.Refusal;
import io.intramesh.call.Verdict;
import io.intramesh.document.RawDocument;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.internal.endpoint.EndpointDirectory;
import io.intramesh.internal.retry.RetryBudgets;
import io.intramesh.internal.time.Chance;
import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.registry.MeshRegistry;
import io.intramesh.tls.TlsSettings;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes once through what calls do when a callee fails, in a mesh of its own that nothing leaves: retries, an ejection, panic, a
 * callee that shuts down. Java loads and links code when it is first used, so that otherwise the first calls that meet a
 * failure, which have waited already, would wait for that too: some 5 to 20 ms. Runs on the mesh thread, after the start.
 */
final class Rehearsal {
    private static final Logger log = LoggerFactory.getLogger(Rehearsal.class);
    private static final int CALLS = 8;
    private static final int UNAVAILABLE = 503;

    private static final String RESOURCES = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: rehearsal }
            spec: {}
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: rehearsal, name: caller }
            spec:
              backends: [{ virtualService: { virtualServiceName: callee.rehearsal } }]
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: rehearsal, name: callee }
            spec:
              listeners:
                - portMapping: { port: 80, protocol: http }
                  outlierDetection:
                    maxServerErrors: 2
                    interval: { unit: s, value: 10 }
                    baseEjectionDuration: { unit: s, value: 30 }
                    maxEjectionPercent: 100
              serviceDiscovery: { dns: { hostname: callee.rehearsal } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: rehearsal, name: callee.rehearsal }
            spec: { provider: { virtualNode: { virtualNodeName: callee } } }
            ---
            apiVersion: intramesh.io/v1
            kind: Endpoints
            metadata: { mesh: rehearsal, name: callee }
            spec:
              virtualNode: callee
              endpoints: [{ address: 127.0.0.1, port: 1 }, { address: 127.0.0.1, port: 2 }, { address: 127.0.0.1, port: 3 }]
            """;

    private Rehearsal() {}

    /**
     * Rehearses.
     *
     * @param registry never asked: a mesh has one
     */
    static void run(MeshRegistry registry, NanoClock clock) {
        MeshSettings settings = new MeshSettings(
                registry,
                "rehearsal",
                "caller",
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                Map.of(),
                false,
                false,
                List.of(),
                null,
                null,
                TlsSettings.defaults(),
                AccessSettings.DEFAULTS);
        MeshScheduler scheduler = new Nothing();
        InstantSource time = InstantSource.system();
        Listeners listeners = new Listeners();
        ConfigApplier applier = new ConfigApplier(
                settings,
                Chance.shared(),
                time,
                clock,
                scheduler,
                new EndpointEvents(listeners, event -> {}),
                new Probers(),
                (certificate, validation, names) -> {
                    throw new IllegalStateException("nothing is encrypted in a rehearsal");
                },
                new AccessControl(settings.access(), Set::of, scheduler, time, clock, listeners),
                mesh -> new EndpointDirectory(mesh, scheduler, clock, List.of()));
        try {
            Snapshot snapshot = applier.apply(List.of(RawDocument.of("rehearsal.yaml", RESOURCES)), false);
            CallPipeline pipeline = CallPipeline.ofCalls(
                    clock, time, Chance.shared(), new ContextHolder(), new RetryBudgets(clock), false);
            act(
                    pipeline,
                    snapshot,
                    attempt -> attempt.responded(
                            UNAVAILABLE, name -> name.equals(Refusal.HEADER) ? Reason.DRAINING.name() : null));
            act(
                    pipeline,
                    snapshot,
                    attempt -> attempt.responded(
                            200, name -> name.equals(InboundRequest.DRAINING_HEADER) ? "true" : null));
            act(pipeline, snapshot, attempt -> attempt.failed(new ConnectException("rehearsal"), false));
            act(pipeline, snapshot, attempt -> attempt.failed(new IOException("rehearsal"), true));
            for (int i = 0; i < CALLS; i++) {
                act(pipeline, snapshot, attempt -> attempt.responded(UNAVAILABLE, name -> null));
            }
        } catch (RuntimeException | MeshCallException e) {
            // Calls come through without it, only later.
            log.debug("rehearsal given up", e);
        } finally {
            applier.close();
        }
    }

    /** Makes a call whose attempts all end in that way. */
    private static void act(CallPipeline pipeline, Snapshot snapshot, Outcome outcome) throws MeshCallException {
        MeshCall call = pipeline.begin(
                snapshot,
                ExplainRequest.builder("callee.rehearsal")
                        .method("GET")
                        .path("/")
                        .build());
        Verdict verdict;
        MeshAttempt attempt;
        do {
            attempt = call.nextAttempt();
            verdict = outcome.of(attempt);
        } while (verdict.isRetry());
        attempt.ended(Attempt.End.COMPLETED);
    }

    private interface Outcome {
        Verdict of(MeshAttempt attempt);
    }

    /** Nothing comes later in a rehearsal. */
    private static final class Nothing implements MeshScheduler {
        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public Task schedule(Runnable task, Duration delay) {
            return () -> {};
        }

        @Override
        public boolean isSchedulerThread() {
            return true;
        }
    }
}
