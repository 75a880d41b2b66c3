package io.intramesh.internal.pipeline;

import static io.intramesh.internal.pipeline.PipelineFixture.endpoints;
import static io.intramesh.internal.pipeline.PipelineFixture.mesh;
import static io.intramesh.internal.pipeline.PipelineFixture.policy;
import static io.intramesh.internal.pipeline.VirtualMesh.headers;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.EndpointEvent;
import io.intramesh.EndpointEvent.Kind;
import io.intramesh.MeshCallException;
import io.intramesh.call.Attempt;
import io.intramesh.call.InboundRequest;
import io.intramesh.call.OutboundCall;
import io.intramesh.call.Refusal;
import io.intramesh.call.Verdict;
import io.intramesh.internal.pipeline.VirtualMesh.Request;
import io.intramesh.testing.FakeNanoClock;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callees that shut down, as calls see it. */
final class DrainStageTest {
    private static final String OUTLIERS = "outlierDetection: { maxServerErrors: 1, interval: { unit: s, value: 10 },"
            + " baseEjectionDuration: { unit: s, value: 30 }, maxEjectionPercent: 100 }";
    private static final int ROUNDS = 24;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoSaysThatItShutsDownGetsNoCallsWhileThereAreOthers(boolean clockWraps) throws Exception {
        PipelineFixture mesh = new PipelineFixture(
                clockWraps ? FakeNanoClock.aboutToWrap() : FakeNanoClock.create(), mesh("http", ""), endpoints(3));

        sayDraining(mesh, 7001);

        assertThat(ports(mesh)).containsExactly(7000, 7002);
        assertThat(mesh.states())
                .containsExactly("healthy", "draining: left alone for 30 s more where others are usable", "healthy");
        mesh.scheduler.advance(Duration.ofSeconds(30));
        assertThat(ports(mesh)).containsExactly(7000, 7001, 7002);
        assertThat(mesh.events).extracting(EndpointEvent::kind).containsExactly(Kind.DRAINING, Kind.DRAIN_ENDED);
        assertThat(mesh.events.get(0).endpoint()).isEqualTo("127.0.0.1:7001");
    }

    @Test
    void whereEverybodyShutsDownTheyServeOn() throws Exception {
        PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), mesh("http", ""), endpoints(2));

        sayDraining(mesh, 7000);
        sayDraining(mesh, 7001);

        Set<Integer> used = new TreeSet<>();
        for (int i = 0; i < ROUNDS; i++) {
            used.add(answered(mesh.call(), 200, InboundRequest.DRAINING_HEADER, "true"));
        }
        assertThat(used).containsExactly(7000, 7001);
        assertThat(mesh.events)
                .extracting(EndpointEvent::kind)
                .as("leaving is no illness")
                .containsOnly(Kind.DRAINING);
    }

    @Test
    void whoSaidItMayBeBackWhereNobodyElseIsThere() throws Exception {
        PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), mesh("http", ""), endpoints(2));
        sayDraining(mesh, 7000);
        OutboundCall call = mesh.call();
        Attempt first = call.nextAttempt();
        assertThat(first.endpoint().port()).isEqualTo(7001);

        // It has left, and we were not told.
        Verdict verdict = first.failed(new ConnectException("Connection refused"), false);

        assertThat(verdict.isRetry()).isTrue();
        assertThat(call.nextAttempt().endpoint().port()).isEqualTo(7000);
    }

    @Test
    void whoTurnsCallsAwayIsLeftToThoseWhoOnlySaidIt() throws Exception {
        PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), mesh("http", ""), endpoints(3));
        for (int port = 7000; port < 7003; port++) {
            sayDraining(mesh, port);
        }

        turnAway(mesh, 7002);

        Set<Integer> used = new TreeSet<>();
        for (int i = 0; i < ROUNDS; i++) {
            used.add(answered(mesh.call(), 200, InboundRequest.DRAINING_HEADER, "true"));
        }
        assertThat(used).containsExactly(7000, 7001);
    }

    @Test
    void whoAnswersAsUsualAgainIsUsedAtOnce() throws Exception {
        PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), mesh("http", ""), endpoints(2));
        sayDraining(mesh, 7000);
        sayDraining(mesh, 7001);
        mesh.scheduler.advance(Duration.ofSeconds(8));

        // 7000 has been started again, and 7001 goes.
        while (answered(mesh.call(), 200, null, "") != 7000) {
            sayDraining(mesh, 7001);
        }

        assertThat(ports(mesh)).containsExactly(7000);
    }

    @Test
    void anAnswerThatWasUnderWayDoesNotCountAsUsual() throws Exception {
        PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), mesh("http", ""), endpoints(2));
        OutboundCall slow = mesh.call();
        Attempt underWay = slow.nextAttempt();
        mesh.scheduler.advance(Duration.ofMillis(10));
        sayDraining(mesh, underWay.endpoint().port());

        underWay.responded(200, name -> null);
        underWay.ended(Attempt.End.COMPLETED);

        assertThat(ports(mesh)).doesNotContain(underWay.endpoint().port());
    }

    @Test
    void aCallThatIsTurnedAwayMovesAtOnceWhateverItsMethodAndPolicyAndForFree() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed("""
                retryPolicy:
                  maxRetries: 0
                  perRetryTimeout: { unit: s, value: 2 }
                  tcpRetryEvents: [connection-error]
                """);
        MeshCall call = mesh.begin(Request.of("POST"));
        Attempt first = call.nextAttempt();

        Verdict verdict = first.responded(503, headers(Refusal.HEADER, "DRAINING"));
        Attempt second = call.nextAttempt();

        assertThat(verdict.isRetry()).isTrue();
        assertThat(verdict.pauseNanos()).isZero();
        assertThat(second.endpoint()).isNotSameAs(first.endpoint());
        assertThat(second.responded(503, headers()).isRetry())
                .as("the policy allows no retry")
                .isFalse();
    }

    @Test
    void aBodyThatCannotBeRepeatedStaysWhereItWasTurnedAway() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed("");
        MeshCall call = mesh.begin(Request.of("POST").oneShot());

        assertThat(call.nextAttempt()
                        .responded(503, headers(Refusal.HEADER, "DRAINING"))
                        .isRetry())
                .isFalse();
    }

    @Test
    void toShutDownIsNoFault() throws Exception {
        PipelineFixture mesh = new PipelineFixture(
                FakeNanoClock.create(),
                mesh("http", OUTLIERS),
                endpoints(2),
                policy("circuitBreaker: { consecutiveFailures: 1, openFor: 10s, per: endpoint }"));

        for (int i = 0; i < ROUNDS; i++) {
            turnAway(mesh, 7000);
            turnAway(mesh, 7001);
        }

        assertThat(mesh.events).extracting(EndpointEvent::kind).containsOnly(Kind.DRAINING, Kind.PANIC_BEGAN);
        assertThat(mesh.states())
                .allSatisfy(state -> assertThat(state).startsWith("draining").doesNotContain("circuit"));
    }

    @Test
    void aReloadKeepsWhoShutsDown() throws Exception {
        PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), mesh("http", ""), endpoints(3));
        sayDraining(mesh, 7001);

        mesh.reload(mesh("http", OUTLIERS), endpoints(4), policy("loadBalancing: least-request"));

        assertThat(ports(mesh)).containsExactly(7000, 7002, 7003);
    }

    /** Calls until that endpoint is met, which then says that it shuts down. */
    private static void sayDraining(PipelineFixture mesh, int port) throws MeshCallException {
        meet(mesh, port, 200, InboundRequest.DRAINING_HEADER, "true");
    }

    private static void turnAway(PipelineFixture mesh, int port) throws MeshCallException {
        meet(mesh, port, 503, Refusal.HEADER, "DRAINING");
    }

    private static void meet(PipelineFixture mesh, int port, int status, String header, String value)
            throws MeshCallException {
        for (int i = 0; i < ROUNDS; i++) {
            OutboundCall call = mesh.call();
            Attempt attempt = call.nextAttempt();
            if (attempt.endpoint().port() == port) {
                attempt.responded(status, headers(header, value));
                attempt.ended(Attempt.End.COMPLETED);
                return;
            }
            call.cancel();
        }
    }

    private static int answered(OutboundCall call, int status, @Nullable String header, String value)
            throws MeshCallException {
        Attempt attempt = call.nextAttempt();
        attempt.responded(status, header == null ? headers() : headers(header, value));
        attempt.ended(Attempt.End.COMPLETED);
        return attempt.endpoint().port();
    }

    private static Set<Integer> ports(PipelineFixture mesh) throws MeshCallException {
        Set<Integer> ports = new TreeSet<>();
        for (int i = 0; i < ROUNDS; i++) {
            OutboundCall call = mesh.call();
            ports.add(call.nextAttempt().endpoint().port());
            call.cancel();
        }
        return ports;
    }
}
