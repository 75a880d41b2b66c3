package io.intramesh.internal.pipeline;

import static io.intramesh.internal.pipeline.PipelineFixture.endpoints;
import static io.intramesh.internal.pipeline.PipelineFixture.mesh;
import static io.intramesh.internal.pipeline.PipelineFixture.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.EndpointEvent.Kind;
import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.Attempt;
import io.intramesh.call.OutboundCall;
import io.intramesh.call.Verdict;
import io.intramesh.explain.Explanation;
import io.intramesh.testing.FakeNanoClock;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Circuit breakers as calls see them. */
final class CircuitBreakingTest {
    private static final String THREE_IN_A_ROW = "circuitBreaker: { consecutiveFailures: 3, openFor: 10s }";

    @Test
    void oneLineOpensAfterThreeFailuresForTenSeconds() throws Exception {
        PipelineFixture mesh = fixture(1, THREE_IN_A_ROW);

        for (int i = 0; i < 3; i++) {
            mesh.answered(503);
        }

        assertThatThrownBy(() -> mesh.answered(200)).isInstanceOfSatisfying(MeshCallException.class, refusal -> {
            assertThat(refusal.reason()).isEqualTo(Reason.CIRCUIT_OPEN);
            assertThat(refusal.mayHaveReachedPeer()).isFalse();
            assertThat(refusal).hasMessageContaining("127.0.0.1:7000 is open for 10000 ms more: 3 failures in a row");
        });
        assertThat(mesh.states().get(0)).startsWith("healthy, circuit open for 10000 ms more");
        mesh.scheduler.advance(Duration.ofSeconds(10));
        assertThat(mesh.answered(200)).isEqualTo(7000);
        assertThat(mesh.events)
                .extracting(event -> event.kind())
                .containsExactly(Kind.CIRCUIT_OPENED, Kind.CIRCUIT_HALF_OPENED, Kind.CIRCUIT_CLOSED);
    }

    @Test
    void whileOneEndpointsBreakerIsOpenTheOthersAreUsed() throws Exception {
        PipelineFixture mesh = fixture(3, THREE_IN_A_ROW);
        for (int i = 0; i < 9; i++) {
            Attempt attempt = mesh.call("POST").nextAttempt();
            attempt.responded(attempt.endpoint().port() == 7001 ? 503 : 200, name -> null);
            attempt.ended(Attempt.End.COMPLETED);
        }

        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            ports.add(mesh.answered(200));
        }

        assertThat(ports).containsExactlyInAnyOrder(7000, 7002);
    }

    @Test
    void perVirtualNodeAllEndpointsCountTogether() throws Exception {
        PipelineFixture mesh =
                fixture(3, "circuitBreaker: { consecutiveFailures: 3, openFor: 10s, per: virtual-node }");

        for (int i = 0; i < 3; i++) {
            mesh.answered(500);
        }

        assertThatThrownBy(() -> mesh.answered(200))
                .hasMessageContaining("the circuit breaker of virtualNode 'pay' is open");
        assertThat(mesh.events)
                .singleElement()
                .satisfies(event -> assertThat(event.endpoint()).isNull());
    }

    @Test
    void onlyOneCallTriesWhetherItIsBetter() throws Exception {
        PipelineFixture mesh = fixture(1, THREE_IN_A_ROW);
        for (int i = 0; i < 3; i++) {
            mesh.answered(503);
        }
        mesh.scheduler.advance(Duration.ofSeconds(10));

        OutboundCall tries = mesh.call();
        tries.nextAttempt();

        assertThatThrownBy(() -> mesh.call().nextAttempt()).isInstanceOf(MeshCallException.class);
        // Given up without an answer, it says nothing, and another may try.
        tries.cancel();
        assertThat(mesh.answered(200)).isEqualTo(7000);
    }

    @Test
    void aRetryThatOnlyOpenCircuitsAreLeftForIsNotMade() throws Exception {
        PipelineFixture mesh = fixture(1, "circuitBreaker: { consecutiveFailures: 1, openFor: 10s }");
        Attempt answered = mesh.call().nextAttempt();
        assertThat(answered.responded(503, name -> null)).isSameAs(Verdict.DELIVER);
        answered.ended(Attempt.End.COMPLETED);

        mesh.scheduler.advance(Duration.ofSeconds(10));
        Verdict lost = mesh.call().nextAttempt().failed(new IOException("reset"), true);

        assertThat(lost.failure()).isInstanceOfSatisfying(MeshCallException.class, failure -> {
            assertThat(failure.reason()).isEqualTo(Reason.CONNECTION_FAILED);
            assertThat(failure).hasMessageContaining("not sent again: no endpoint is left that would take it");
        });
    }

    @Test
    void aRetryWhoseEndpointIsGoneMeanwhileLeavesTheAnswer() throws Exception {
        PipelineFixture mesh = fixture(2, "circuitBreaker: { consecutiveFailures: 1, openFor: 10s }");
        OutboundCall call = mesh.call();
        assertThat(call.nextAttempt().responded(503, name -> null).isRetry()).isTrue();
        mesh.answered(503);

        assertThat(call.retry()).isNull();
    }

    @Test
    void aReloadThatDoesNotConcernItLeavesItOpen() throws Exception {
        PipelineFixture mesh = fixture(1, THREE_IN_A_ROW);
        for (int i = 0; i < 3; i++) {
            mesh.answered(503);
        }

        mesh.reload(mesh("http", ""), endpoints(1), policy(THREE_IN_A_ROW, "loadBalancing: least-request"));
        assertThatThrownBy(() -> mesh.answered(200)).isInstanceOf(MeshCallException.class);
        mesh.reload(mesh("http", ""), endpoints(1), policy("circuitBreaker: { consecutiveFailures: 4, openFor: 10s }"));

        assertThat(mesh.answered(200)).isEqualTo(7000);
    }

    @Test
    void slowAnswersCountByTheirTime() throws Exception {
        PipelineFixture mesh = fixture(
                1, "circuitBreaker: { slowCallRate: 50, slowCallDuration: 200ms, minimumCalls: 2, openFor: 1s }");
        for (int i = 0; i < 2; i++) {
            Attempt attempt = mesh.call("POST").nextAttempt();
            mesh.scheduler.advance(Duration.ofMillis(200));
            attempt.responded(200, name -> null);
            attempt.ended(Attempt.End.COMPLETED);
        }

        assertThatThrownBy(() -> mesh.answered(200)).hasMessageContaining("100 % were slow");
    }

    @Test
    void anExplanationNamesTheBreaker() {
        PipelineFixture mesh = fixture(1, THREE_IN_A_ROW);

        assertThat(mesh.explain().settings())
                .contains(new Explanation.Setting(
                        "circuitBreaker",
                        "per endpoint: 3 failures in a row: open for 10 s, then 1 call to try",
                        "trafficPolicy 'pay' circuitBreaker"));
    }

    private static PipelineFixture fixture(int count, String breaker) {
        return new PipelineFixture(FakeNanoClock.create(), mesh("http", ""), endpoints(count), policy(breaker));
    }
}
