package io.intramesh.internal.pipeline;

import static io.intramesh.internal.pipeline.PipelineFixture.endpoints;
import static io.intramesh.internal.pipeline.PipelineFixture.mesh;
import static io.intramesh.internal.pipeline.PipelineFixture.policy;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.intramesh.EndpointEvent;
import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.Attempt;
import io.intramesh.call.Verdict;
import io.intramesh.explain.Explanation;
import io.intramesh.testing.FakeNanoClock;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a caller sends to an endpoint at a time. */
final class ConcurrencyLimitingTest {
    private final FakeNanoClock clock = FakeNanoClock.create();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "round-robin",
                "least-request",
                "peak-ewma",
                "{ algorithm: consistent-hash, hashOn: { source: {} } }"
            })
    void callsGoWhereThereIsRoomUntilThereIsNone(String balancing) throws Exception {
        PipelineFixture mesh =
                limited(3, "concurrencyLimit: { outbound: { maxRequests: 2 } }", "loadBalancing: " + balancing);

        List<Attempt> attempts = new ArrayList<>();
        Map<Integer, Integer> underWay = new TreeMap<>();
        for (int i = 0; i < 6; i++) {
            Attempt attempt = mesh.call().nextAttempt();
            attempts.add(attempt);
            underWay.merge(attempt.endpoint().port(), 1, Integer::sum);
        }
        MeshCallException refusal = refusal(mesh);

        assertThat(underWay).isEqualTo(Map.of(7000, 2, 7001, 2, 7002, 2));
        assertThat(refusal.reason()).isEqualTo(Reason.LIMIT_REACHED);
        assertThat(refusal.mayHaveReachedPeer()).isFalse();
        assertThat(refusal)
                .hasMessage(
                        "virtualService 'pay.local' virtualNode 'pay': none of its 3 endpoints can take more, such as"
                                + " 127.0.0.1:7000: 2 of 2 requests under way; start more instances, or raise"
                                + " concurrencyLimit.outbound if they can do more");
        attempts.get(0).responded(200, name -> null);
        attempts.get(0).ended(Attempt.End.COMPLETED);
        assertThat(mesh.call().nextAttempt().endpoint())
                .isSameAs(attempts.get(0).endpoint());
    }

    @Test
    void aCallThatFindsNoRoomIsNobodysFailure() throws Exception {
        PipelineFixture mesh = limited(
                1,
                "concurrencyLimit: { outbound: { maxRequests: 1 } }",
                "circuitBreaker: { consecutiveFailures: 1, openFor: 10s }",
                "loadBalancing: round-robin");
        Attempt first = mesh.call().nextAttempt();

        for (int i = 0; i < 20; i++) {
            assertThat(refusal(mesh).reason()).isEqualTo(Reason.LIMIT_REACHED);
        }
        first.responded(200, name -> null);
        first.ended(Attempt.End.COMPLETED);

        assertThat(mesh.answered(200)).isEqualTo(7000);
        assertThat(mesh.events).extracting(EndpointEvent::kind).containsExactly(EndpointEvent.Kind.LIMIT_REACHED);
        assertThat(mesh.events.get(0).reason()).isEqualTo("1 of 1 request under way");
    }

    @Test
    void anOpenBreakerGivesItsPlaceBack() throws Exception {
        PipelineFixture mesh = limited(
                1,
                "concurrencyLimit: { outbound: { maxRequests: 1 } }",
                "circuitBreaker: { consecutiveFailures: 1, openFor: 10s }");
        mesh.answered(500);

        assertThat(refusal(mesh).reason()).isEqualTo(Reason.CIRCUIT_OPEN);
        clock.advance(Duration.ofSeconds(10));

        assertThat(mesh.answered(200)).isEqualTo(7000);
        assertThat(mesh.answered(200)).isEqualTo(7000);
    }

    @Test
    void everyEndOfAnAttemptGivesThePlaceBack() throws Exception {
        PipelineFixture mesh = limited(1, "concurrencyLimit: { outbound: { maxRequests: 1 } }");

        mesh.call().nextAttempt().failed(new IOException("reset"), true);
        mesh.call().nextAttempt().failed(new SocketTimeoutException("connect"), false);
        mesh.call().nextAttempt().refused(new IOException("refused stream"));
        var cancelled = mesh.call();
        cancelled.nextAttempt();
        cancelled.cancel();
        Attempt dropped = mesh.call().nextAttempt();
        dropped.responded(200, name -> null);
        dropped.ended(Attempt.End.FAILED);

        assertThat(mesh.answered(200)).isEqualTo(7000);
        assertThat(mesh.states()).containsExactly("healthy, 0 of 1 request under way");
    }

    @Test
    void aRetryTakesAPlaceOfItsOwnElsewhere() throws Exception {
        PipelineFixture mesh = limited(2, "concurrencyLimit: { outbound: { maxRequests: 1 } }");
        var call = mesh.call();
        Attempt first = call.nextAttempt();

        Verdict verdict = first.responded(503, name -> null);
        Attempt second = call.nextAttempt();

        assertThat(verdict.isRetry()).isTrue();
        assertThat(second.endpoint()).isNotSameAs(first.endpoint());
        assertThat(mesh.explain().targets().get(0).endpoints())
                .extracting(Explanation.EndpointState::inFlight)
                .containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void thePlaceThatALostAttemptGivesBackIsOneForItsRetry() throws Exception {
        PipelineFixture mesh = limited(2, "concurrencyLimit: { outbound: { maxRequests: 1 } }");
        PipelineFixture alone = limited(1, "concurrencyLimit: { outbound: { maxRequests: 1 } }");
        Attempt first = mesh.call().nextAttempt();
        Attempt only = alone.call().nextAttempt();
        mesh.call().nextAttempt();

        assertThat(first.responded(503, name -> null).isRetry()).isTrue();
        assertThat(only.responded(503, name -> null).isRetry()).isTrue();
    }

    @Test
    void reloadsForgetNobodyWhoIsUnderWay() throws Exception {
        PipelineFixture mesh = limited(1, "concurrencyLimit: { outbound: { maxRequests: 2 } }");
        mesh.call().nextAttempt();
        mesh.call().nextAttempt();

        mesh.reload(
                mesh("http", ""),
                endpoints(1),
                policy("concurrencyLimit: { outbound: { maxRequests: 2 } }", "panicThreshold: 10"));
        assertThat(refusal(mesh).reason()).isEqualTo(Reason.LIMIT_REACHED);
        mesh.reload(mesh("http", ""), endpoints(1), policy("concurrencyLimit: { outbound: { maxRequests: 3 } }"));
        mesh.call().nextAttempt();
        assertThat(refusal(mesh)).hasMessageContaining("3 of 3 requests under way");
        mesh.reload(mesh("http", ""), endpoints(1));

        assertThat(mesh.call().nextAttempt().endpoint().inFlight()).isEqualTo(4);
    }

    @Test
    void aFullCalleeIsNotAFailingOne() throws Exception {
        PipelineFixture mesh = new PipelineFixture(
                clock,
                mesh(
                        "http",
                        "outlierDetection: { maxServerErrors: 1, interval: { unit: s, value: 10 },"
                                + " baseEjectionDuration: { unit: s, value: 30 }, maxEjectionPercent: 100 }"),
                endpoints(3),
                policy(
                        "circuitBreaker: { consecutiveFailures: 1, openFor: 10s }",
                        "retryBudget: { percent: 0, minRetriesPerSecond: 0, window: 10s }"));

        for (int i = 0; i < 9; i++) {
            Attempt attempt = mesh.call("POST").nextAttempt();
            attempt.responded(503, VirtualMesh.headers("x-mesh-refusal", "LIMIT_REACHED"));
            attempt.ended(Attempt.End.COMPLETED);
        }

        assertThat(mesh.events).isEmpty();
        assertThat(mesh.states()).containsOnly("healthy");
    }

    @Test
    void anAdaptiveLimitFallsWithDropsAndIsShown() throws Exception {
        PipelineFixture mesh = limited(
                1,
                "concurrencyLimit: { outbound: { adaptive: gradient, minRequests: 4, maxRequests: 50 } }",
                "retryBudget: { percent: 0, minRetriesPerSecond: 0, window: 10s }");
        assertThat(setting(mesh, "concurrencyLimit.outbound"))
                .isEqualTo(new Explanation.Setting(
                        "concurrencyLimit.outbound",
                        "between 4 and 50 requests at a time, as latency allows from this process at each endpoint",
                        "trafficPolicy 'pay' concurrencyLimit.outbound"));
        answer(mesh, 100, 200);
        assertThat(mesh.states())
                .containsExactly("healthy, 0 of 20 requests under way (adaptive, 4 to 50; 5.11 ms without load)");

        for (int window = 0; window < 5; window++) {
            for (int i = 0; i < 60; i++) {
                Attempt attempt = mesh.call("POST").nextAttempt();
                clock.advance(Duration.ofMillis(5));
                attempt.responded(503, VirtualMesh.headers("x-envoy-overloaded", "true"));
                attempt.ended(Attempt.End.COMPLETED);
            }
        }

        assertThat(mesh.states().get(0)).startsWith("healthy, 0 of 4 requests under way");
    }

    @Test
    void clientErrorsTeachNothing() throws Exception {
        PipelineFixture mesh =
                limited(1, "concurrencyLimit: { outbound: { adaptive: gradient, minRequests: 4, maxRequests: 50 } }");

        answer(mesh, 200, 404);

        assertThat(mesh.states()).containsExactly("healthy, 0 of 20 requests under way (adaptive, 4 to 50)");
    }

    private void answer(PipelineFixture mesh, int times, int status) throws MeshCallException {
        for (int i = 0; i < times; i++) {
            Attempt attempt = mesh.call("POST").nextAttempt();
            clock.advance(Duration.ofMillis(5));
            attempt.responded(status, name -> null);
            attempt.ended(Attempt.End.COMPLETED);
        }
    }

    private static Explanation.Setting setting(PipelineFixture mesh, String name) {
        return mesh.explain().settings().stream()
                .filter(setting -> setting.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static MeshCallException refusal(PipelineFixture mesh) {
        return requireNonNull(
                catchThrowableOfType(MeshCallException.class, () -> mesh.call().nextAttempt()));
    }

    private PipelineFixture limited(int count, String... lines) {
        return new PipelineFixture(clock, mesh("http", ""), endpoints(count), policy(lines));
    }
}
