package io.intramesh.internal.pipeline;

import static io.intramesh.internal.pipeline.PipelineFixture.endpoints;
import static io.intramesh.internal.pipeline.PipelineFixture.mesh;
import static io.intramesh.internal.pipeline.PipelineFixture.policy;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.Attempt;
import io.intramesh.call.OutboundCall;
import io.intramesh.explain.Explanation;
import io.intramesh.testing.FakeNanoClock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class FaultStageTest {
    private final FakeNanoClock clock = FakeNanoClock.aboutToWrap();

    @Test
    void anAbortAnswersInPlaceOfTheCallee() throws Exception {
        PipelineFixture mesh = fixture("fault: { percent: 100, abortStatus: 429 }");
        OutboundCall call = mesh.call();
        assertThat(call.pending()).isNull();

        assertThatThrownBy(call::nextAttempt).isInstanceOfSatisfying(MeshCallException.class, refusal -> {
            assertThat(refusal.reason()).isEqualTo(Reason.FAULT_INJECTED);
            assertThat(refusal.status()).isEqualTo(429);
            assertThat(refusal.mayHaveReachedPeer()).isFalse();
            assertThat(refusal).hasMessageContaining("trafficPolicy 'pay' fault: answers 429");
        });
        assertThat(mesh.explain().targets().get(0).endpoints())
                .allSatisfy(endpoint -> assertThat(endpoint.inFlight()).isZero());
    }

    @Test
    void aDelayHoldsTheCallUpAndCountsTowardsItsTime() throws Exception {
        PipelineFixture mesh = fixture("fault: { percent: 100, delay: 2s }");
        OutboundCall call = mesh.call();
        CompletableFuture<?> pending = requireNonNull(call.pending()).toCompletableFuture();

        mesh.scheduler.advance(Duration.ofMillis(1_999));
        assertThat(pending).isNotDone();
        mesh.scheduler.advance(Duration.ofMillis(1));
        assertThat(pending).isDone();

        Attempt attempt = call.nextAttempt();
        assertThat(attempt.timeoutNanos()).isEqualTo(Duration.ofSeconds(13).toNanos());
        attempt.ended(Attempt.End.COMPLETED);
    }

    @Test
    void aDelayEndsWithTheTimeOfTheCall() throws Exception {
        PipelineFixture mesh = fixture("fault: { percent: 100, delay: 1h }");
        OutboundCall call = mesh.call();
        CompletableFuture<?> pending = requireNonNull(call.pending()).toCompletableFuture();

        mesh.scheduler.advance(Duration.ofSeconds(15));

        assertThat(pending).isDone();
        assertThatThrownBy(call::nextAttempt)
                .isInstanceOfSatisfying(
                        MeshCallException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED));
    }

    @Test
    void theDelayComesBeforeTheAbort() throws Exception {
        PipelineFixture mesh = fixture("fault: { percent: 100, delay: 10ms, abortStatus: 503 }");
        OutboundCall call = mesh.call();
        CompletableFuture<?> pending = requireNonNull(call.pending()).toCompletableFuture();
        assertThat(pending).isNotDone();
        mesh.scheduler.advance(Duration.ofMillis(10));
        assertThat(pending).isDone();

        assertThatThrownBy(call::nextAttempt).isInstanceOf(MeshCallException.class);
    }

    @Test
    void aClosingMeshHoldsNobodyUp() throws Exception {
        PipelineFixture mesh = fixture("fault: { percent: 100, delay: 10s }");
        CompletableFuture<?> pending = requireNonNull(mesh.call().pending()).toCompletableFuture();

        mesh.close();

        assertThat(pending).isDone();
    }

    @Test
    void onlyThatShareOfTheCallsSuffers() throws Exception {
        PipelineFixture mesh = fixture("fault: { percent: 20, abortStatus: 500 }");
        int failed = 0;
        for (int i = 0; i < 10_000; i++) {
            try {
                mesh.call().nextAttempt().ended(Attempt.End.COMPLETED);
            } catch (MeshCallException aborted) {
                failed++;
            }
        }

        // Standard deviation 40; five of them. The fixture's draws are seeded.
        assertThat(failed).isBetween(1_800, 2_200);
    }

    @Test
    void zeroPercentIsNone() throws Exception {
        PipelineFixture mesh = fixture("fault: { percent: 0, abortStatus: 500 }");

        for (int i = 0; i < 1_000; i++) {
            mesh.call().nextAttempt().ended(Attempt.End.COMPLETED);
        }
    }

    @Test
    void onlyRequestsWithTheHeadersSuffer() throws Exception {
        VirtualMesh mesh = new VirtualMesh().route("httpRoute", "", """
                ---
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: trial }
                spec:
                  targetRef: { kind: Route, virtualRouter: payments, name: all }
                  fault:
                    percent: 100
                    abortStatus: 503
                    headers: [{ name: x-chaos, match: { exact: "yes" } }, { name: x-live, invert: true }]
                """);

        assertThatThrownBy(() -> mesh.begin(VirtualMesh.Request.of("GET", "X-Chaos", "yes"))
                        .nextAttempt())
                .isInstanceOf(MeshCallException.class);
        for (String[] headers : new String[][] {{}, {"x-chaos", "no"}, {"x-chaos", "yes", "x-live", "1"}}) {
            mesh.begin(VirtualMesh.Request.of("GET", headers)).nextAttempt().ended(Attempt.End.COMPLETED);
        }
    }

    @Test
    void anExplanationTellsOfTheFault() {
        PipelineFixture mesh =
                fixture("fault: { percent: 5, delay: 250ms, abortStatus: 503, headers: [{ name: x-chaos }] }");

        assertThat(mesh.explain().settings())
                .contains(new Explanation.Setting(
                        "fault",
                        "5 % of the calls where header x-chaos is present wait 250 ms and are answered 503",
                        "trafficPolicy 'pay' fault"));
    }

    private PipelineFixture fixture(String line) {
        return new PipelineFixture(clock, mesh("http", ""), endpoints(2), policy(line));
    }
}
