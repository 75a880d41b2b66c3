package io.intramesh.internal.pipeline;

import static io.intramesh.internal.pipeline.PipelineFixture.endpoints;
import static io.intramesh.internal.pipeline.PipelineFixture.mesh;
import static io.intramesh.internal.pipeline.PipelineFixture.policy;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.EndpointEvent;
import io.intramesh.EndpointEvent.Kind;
import io.intramesh.MeshCallException;
import io.intramesh.call.Endpoint;
import io.intramesh.call.HealthProber;
import io.intramesh.explain.Explanation;
import io.intramesh.model.HealthCheck;
import io.intramesh.testing.FakeNanoClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Active health checks as calls see them, in virtual time. */
final class HealthCheckingTest {
    private static final String CHECK = "healthCheck: { protocol: http, path: /up, healthyThreshold: 2,"
            + " unhealthyThreshold: 3, intervalMillis: 10000, timeoutMillis: 2000 }";
    private static final String OUTLIERS = "outlierDetection: { maxServerErrors: 2, interval: { unit: s, value: 10 },"
            + " baseEjectionDuration: { unit: s, value: 300 }, maxEjectionPercent: 100 }";
    private static final HealthProber.Outcome PASSED =
            new HealthProber.Outcome(HealthProber.Outcome.Kind.PASSED, "status 200");
    private static final HealthProber.Outcome FAILED =
            new HealthProber.Outcome(HealthProber.Outcome.Kind.FAILED, "status 500");
    private static final HealthProber.Outcome NO_ANSWER =
            new HealthProber.Outcome(HealthProber.Outcome.Kind.NO_ANSWER, "refused");

    /** An interval and its tenth of jitter. */
    private static final Duration ROUND = Duration.ofSeconds(11);

    private final FakeProber prober = new FakeProber();

    @Test
    void aFreshEndpointIsNotUsedBeforeItsFirstAnswer() throws Exception {
        PipelineFixture mesh = checked(FakeNanoClock.create(), 2);
        CompletionStage<?> pending = requireNonNull(mesh.call().pending());
        assertThat(pending.toCompletableFuture()).isNotDone();
        assertThat(mesh.states()).containsOnly("first health check not answered yet");

        prober.answer(mesh, 7001, PASSED);

        assertThat(pending.toCompletableFuture()).isDone();
        assertThat(mesh.call().pending()).isNull();
        assertThat(ports(mesh)).containsExactly(7001);
        prober.answer(mesh, 7000, PASSED);
        assertThat(ports(mesh)).containsExactlyInAnyOrder(7000, 7001);
    }

    @Test
    void aCallRightAfterTheOfferWaitsForTheFirstAnswerToo() throws Exception {
        PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), mesh("http", CHECK), endpoints(1));
        assertThat(mesh.offer(prober)).isNotNull();

        CompletionStage<?> pending = requireNonNull(mesh.call().pending());
        mesh.scheduler.runDue();
        assertThat(pending.toCompletableFuture()).isNotDone();
        prober.answerAll(mesh, PASSED);

        assertThat(pending.toCompletableFuture()).isDone();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anotherAnswerMakesUnhealthyAtOnceAndTwoGoodOnesHealthyAgain(boolean clockWraps) throws Exception {
        PipelineFixture mesh = checked(clockWraps ? FakeNanoClock.aboutToWrap() : FakeNanoClock.create(), 3);
        prober.answerAll(mesh, PASSED);

        mesh.scheduler.advance(ROUND);
        prober.answer(mesh, 7000, FAILED);
        assertThat(ports(mesh)).containsExactlyInAnyOrder(7001, 7002);
        assertThat(mesh.states().get(0)).isEqualTo("health check failed: status 500");
        prober.answerAll(mesh, PASSED);
        mesh.scheduler.advance(ROUND);
        prober.answerAll(mesh, PASSED);
        assertThat(ports(mesh)).hasSize(2);
        mesh.scheduler.advance(ROUND);
        prober.answerAll(mesh, PASSED);

        assertThat(ports(mesh)).hasSize(3);
        assertThat(mesh.events)
                .extracting(EndpointEvent::kind)
                .containsExactly(Kind.HEALTHY, Kind.HEALTHY, Kind.HEALTHY, Kind.UNHEALTHY, Kind.HEALTHY);
    }

    @Test
    void whoIsHealthyAgainStartsSlowly() throws Exception {
        String slow = policy("loadBalancing: { algorithm: round-robin, slowStart: 5m }");
        PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), mesh("http", CHECK), endpoints(3), slow);
        assertThat(mesh.probeWith(prober)).isNotNull();
        prober.answerAll(mesh, PASSED);
        assertThat(picksOf(mesh, 7000)).as("warm").isEqualTo(1_000);

        mesh.scheduler.advance(ROUND);
        prober.answer(mesh, 7000, FAILED);
        for (int round = 0; round < 2; round++) {
            prober.answerAll(mesh, PASSED);
            mesh.scheduler.advance(ROUND);
            assertThat(picksOf(mesh, 7000)).as("round %d", round).isZero();
        }
        prober.answerAll(mesh, PASSED);

        // A tenth of a third of 3,000 is 100: standard deviation 10; five of them.
        assertThat(picksOf(mesh, 7000)).isBetween(50, 150);
    }

    @Test
    void noAnswerMakesUnhealthyAfterTheThreshold() throws Exception {
        PipelineFixture mesh = checked(FakeNanoClock.create(), 2);
        prober.answerAll(mesh, PASSED);

        for (int i = 0; i < 2; i++) {
            mesh.scheduler.advance(ROUND);
            prober.answer(mesh, 7000, NO_ANSWER);
            prober.answerAll(mesh, PASSED);
            assertThat(ports(mesh)).as("after %d", i + 1).hasSize(2);
        }
        mesh.scheduler.advance(ROUND);
        prober.answer(mesh, 7000, NO_ANSWER);

        assertThat(ports(mesh)).containsExactly(7001);
    }

    @Test
    void aProberThatNeverReportsIsNoAnswer() throws Exception {
        PipelineFixture mesh = checked(FakeNanoClock.create(), 1);

        mesh.scheduler.advance(Duration.ofSeconds(3));

        assertThat(mesh.states()).containsExactly("health check failed: no answer in time");
        assertThat(mesh.call().pending()).isNull();
    }

    @Test
    void withTooFewHealthyAllAreUsedButNotWhoHasNotAnswered() throws Exception {
        PipelineFixture mesh = checked(FakeNanoClock.create(), 3);

        prober.answer(mesh, 7000, FAILED);
        prober.answer(mesh, 7001, FAILED);

        assertThat(ports(mesh)).containsExactlyInAnyOrder(7000, 7001);
    }

    @Test
    void withoutPanicNobodyIsUsedWhenNobodyIsHealthy() throws Exception {
        PipelineFixture mesh = new PipelineFixture(
                FakeNanoClock.create(), mesh("http", CHECK), endpoints(1), policy("panicThreshold: 0"));
        AutoCloseable offer = mesh.probeWith(prober);
        prober.answerAll(mesh, FAILED);

        assertThatThrownBy(() -> mesh.answered(200))
                .isInstanceOf(MeshCallException.class)
                .hasMessageContaining("127.0.0.1:7000 health check failed: status 500");
        offer.close();
        mesh.scheduler.runDue();
        assertThat(mesh.answered(200)).isEqualTo(7000);
    }

    @Test
    void aPassedCheckBringsAnEjectedEndpointBack() throws Exception {
        PipelineFixture mesh =
                new PipelineFixture(FakeNanoClock.create(), mesh("http", CHECK + ", " + OUTLIERS), endpoints(1));
        assertThat(mesh.probeWith(prober)).isNotNull();
        prober.answerAll(mesh, PASSED);
        mesh.answered(500);
        mesh.answered(500);
        assertThat(mesh.states().get(0)).startsWith("ejected");

        mesh.scheduler.advance(ROUND);
        prober.answerAll(mesh, PASSED);

        assertThat(mesh.states()).containsExactly("healthy");
    }

    @Test
    void aReloadKeepsWhatIsKnownAndAsksNewEndpoints() throws Exception {
        PipelineFixture mesh = checked(FakeNanoClock.create(), 2);
        prober.answer(mesh, 7000, FAILED);
        prober.answer(mesh, 7001, PASSED);

        mesh.reload(mesh("http", CHECK), endpoints(3));
        assertThat(mesh.states())
                .containsExactly("health check failed: status 500", "healthy", "first health check not answered yet");
        prober.answer(mesh, 7002, PASSED);

        assertThat(ports(mesh)).containsExactlyInAnyOrder(7001, 7002);
    }

    @Test
    void aCheckThatIsDeclaredLaterTakesNobodyOutBeforeItFails() throws Exception {
        PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), mesh("http", ""), endpoints(2));
        assertThat(mesh.probeWith(prober)).isNotNull();

        mesh.reload(mesh("http", CHECK), endpoints(2));

        assertThat(mesh.states()).containsOnly("healthy");
        prober.answer(mesh, 7000, FAILED);
        assertThat(ports(mesh)).containsExactly(7001);
    }

    @Test
    void checksOfOneEndpointNeverOverlapAndEndWithTheDeclaration() throws Exception {
        PipelineFixture mesh = checked(FakeNanoClock.create(), 1);
        for (int i = 0; i < 60; i++) {
            prober.answerAll(mesh, PASSED);
            mesh.scheduler.advance(Duration.ofSeconds(1));
        }
        prober.answerAll(mesh, PASSED);
        assertThat(prober.overlapping).isZero();
        // One at once, then every 9 to 11 s, found answered within a second.
        assertThat(prober.asked).isBetween(6, 7);

        mesh.reload(mesh("http", ""), endpoints(1));
        int asked = prober.asked;
        mesh.scheduler.advance(Duration.ofSeconds(60));

        assertThat(prober.asked).isEqualTo(asked);
    }

    @Test
    void anExplanationNamesTheCheck() throws Exception {
        assertThat(checked(FakeNanoClock.create(), 1).explain().settings())
                .contains(new Explanation.Setting(
                        "healthCheck",
                        "http /up every 10 s, within 2 s; out after 3 without an answer or one wrong answer, back after 2",
                        "virtualNode 'pay' listener 80 healthCheck"));
    }

    private PipelineFixture checked(FakeNanoClock clock, int count) throws Exception {
        PipelineFixture mesh = new PipelineFixture(clock, mesh("http", CHECK), endpoints(count));
        assertThat(mesh.probeWith(prober)).isNotNull();
        return mesh;
    }

    private static Set<Integer> ports(PipelineFixture mesh) throws MeshCallException {
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            ports.add(mesh.answered(200));
        }
        return ports;
    }

    private static int picksOf(PipelineFixture mesh, int port) throws MeshCallException {
        int picks = 0;
        for (int i = 0; i < 3_000; i++) {
            picks += mesh.answered(200) == port ? 1 : 0;
        }
        return picks;
    }

    /** Holds the questions until the test answers them. */
    private static final class FakeProber implements HealthProber {
        private final Map<Integer, Consumer<Outcome>> open = new HashMap<>();
        private int asked;
        private int overlapping;

        @Override
        public void probe(Endpoint endpoint, HealthCheck check, Consumer<Outcome> done) {
            asked++;
            if (open.put(endpoint.port(), done) != null) {
                overlapping++;
            }
        }

        void answer(PipelineFixture mesh, int port, Outcome outcome) {
            requireNonNull(open.remove(port), "nobody asked " + port).accept(outcome);
            mesh.scheduler.runDue();
        }

        void answerAll(PipelineFixture mesh, Outcome outcome) {
            List<Integer> ports = new ArrayList<>(open.keySet());
            ports.forEach(port -> answer(mesh, port, outcome));
        }
    }
}
