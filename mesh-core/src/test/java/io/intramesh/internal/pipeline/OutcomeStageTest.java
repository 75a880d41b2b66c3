package io.intramesh.internal.pipeline;

import static io.intramesh.internal.pipeline.PipelineFixture.endpoints;
import static io.intramesh.internal.pipeline.PipelineFixture.mesh;
import static io.intramesh.internal.pipeline.PipelineFixture.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.EndpointEvent;
import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.Attempt;
import io.intramesh.explain.Explanation;
import io.intramesh.testing.FakeNanoClock;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Outlier detection as calls see it: what counts, who is picked, and what is told. */
final class OutcomeStageTest {
    private static final String OUTLIERS = "outlierDetection: { maxServerErrors: 2, interval: { unit: s, value: 10 },"
            + " baseEjectionDuration: { unit: s, value: 30 }, maxEjectionPercent: 100 }";

    private static final int ROUNDS = 40;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEndpointThatAnswersWithServerErrorsGetsNoCallsForItsTime(boolean clockWraps) throws Exception {
        PipelineFixture mesh = new PipelineFixture(
                clockWraps ? FakeNanoClock.aboutToWrap() : FakeNanoClock.create(),
                mesh("http", OUTLIERS),
                endpoints(3));

        failAt(mesh, 7001);

        assertThat(ports(mesh)).containsExactlyInAnyOrder(7000, 7002);
        assertThat(mesh.states())
                .containsExactly(
                        "healthy", "ejected for 30 s more: 2 failures in a row, the last: status 503", "healthy");
        mesh.scheduler.advance(Duration.ofSeconds(30));
        assertThat(ports(mesh)).containsExactlyInAnyOrder(7000, 7001, 7002);
        assertThat(mesh.events)
                .extracting(EndpointEvent::kind)
                .containsExactly(EndpointEvent.Kind.EJECTED, EndpointEvent.Kind.RETURNED);
        assertThat(mesh.events.get(0)).satisfies(event -> {
            assertThat(event.endpoint()).isEqualTo("127.0.0.1:7001");
            assertThat(event.lasting()).isEqualTo(Duration.ofSeconds(30));
        });
    }

    @Test
    void aReloadForgetsNoEjection() throws Exception {
        PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), mesh("http", OUTLIERS), endpoints(3));
        failAt(mesh, 7001);

        mesh.reload(mesh("http", OUTLIERS), endpoints(4), policy("loadBalancing: least-request"));

        assertThat(ports(mesh)).containsExactlyInAnyOrder(7000, 7002, 7003);
    }

    @Test
    void withTooFewLeftAllAreUsedUntilEnoughAreBack() throws Exception {
        PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), mesh("http", OUTLIERS), endpoints(3));

        failAt(mesh, 7000);
        assertThat(ports(mesh)).containsExactlyInAnyOrder(7001, 7002);
        failAt(mesh, 7001);
        assertThat(ports(mesh)).containsExactlyInAnyOrder(7000, 7001, 7002);

        assertThat(mesh.events).extracting(EndpointEvent::kind).contains(EndpointEvent.Kind.PANIC_BEGAN);
        mesh.scheduler.advance(Duration.ofSeconds(40));
        assertThat(ports(mesh)).hasSize(3);
        assertThat(mesh.events)
                .extracting(EndpointEvent::kind)
                .endsWith(EndpointEvent.Kind.PANIC_ENDED)
                .containsOnlyOnce(EndpointEvent.Kind.PANIC_BEGAN);
    }

    @Test
    void thePanicThresholdCanBeSwitchedOff() throws Exception {
        PipelineFixture mesh = new PipelineFixture(
                FakeNanoClock.create(), mesh("http", OUTLIERS), endpoints(2), policy("panicThreshold: 0"));
        failAt(mesh, 7000);
        assertThat(ports(mesh)).containsExactly(7001);
        failAt(mesh, 7001);

        assertThatThrownBy(() -> mesh.call().nextAttempt()).isInstanceOfSatisfying(MeshCallException.class, refusal -> {
            assertThat(refusal.reason()).isEqualTo(Reason.NO_HEALTHY_ENDPOINT);
            assertThat(refusal)
                    .hasMessageContaining("none of its 2 endpoints can be used (127.0.0.1:7000 ejected for 30 s");
        });
    }

    @Test
    void whatComesOfNoAnswerCountsToo() throws Exception {
        List<IOException> failures = List.of(
                new ConnectException("refused"),
                new InterruptedIOException("timeout"),
                new IOException("connection reset"));
        for (IOException failure : failures) {
            PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), mesh("http", OUTLIERS), endpoints(4));
            for (int i = 0; i < 8; i++) {
                mesh.call("POST").nextAttempt().failed(failure, !(failure instanceof ConnectException));
            }

            assertThat(mesh.events)
                    .extracting(EndpointEvent::kind)
                    .as("%s", failure)
                    .contains(EndpointEvent.Kind.EJECTED);
        }
    }

    @Test
    void whatTheApplicationGaveUpCountsNothing() throws Exception {
        PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), mesh("http", OUTLIERS), endpoints(2));

        for (int i = 0; i < 10; i++) {
            mesh.call().nextAttempt().ended(Attempt.End.CANCELLED);
        }

        assertThat(mesh.events).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "4", "12", "13", "14", "15"})
    void aGrpcStatusThatIsAServerErrorCountsFromHeadersAndFromTrailers(String status) throws Exception {
        PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), mesh("grpc", OUTLIERS), endpoints(1));

        grpc(mesh, status, null);
        grpc(mesh, null, status);

        assertThat(mesh.states().get(0)).startsWith("ejected");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "3", "5", "6", "7", "8", "9", "10", "11", "16"})
    void anyOtherGrpcStatusIsASuccess(String status) throws Exception {
        PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), mesh("grpc", OUTLIERS), endpoints(1));

        for (int i = 0; i < 5; i++) {
            grpc(mesh, "14", null);
            grpc(mesh, null, status);
        }

        assertThat(mesh.states()).containsExactly("healthy");
    }

    @Test
    void aTcpListenerIsJudgedByItsConnections() throws Exception {
        PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), mesh("tcp", OUTLIERS), endpoints(1));

        for (int i = 0; i < 5; i++) {
            mesh.answered(503);
            mesh.call("POST").nextAttempt().failed(new IOException("reset"), true);
        }
        assertThat(mesh.states()).containsExactly("healthy");
        mesh.call("POST").nextAttempt().failed(new ConnectException("refused"), false);
        mesh.call("POST").nextAttempt().failed(new ConnectException("refused"), false);

        assertThat(mesh.states().get(0))
                .startsWith("ejected for 30 s more: 2 failures in a row, the last: no connection");
    }

    @Test
    void requestsUnderWayAtAnEjectedEndpointGoOn() throws Exception {
        PipelineFixture mesh = new PipelineFixture(FakeNanoClock.create(), mesh("http", OUTLIERS), endpoints(1));
        Attempt open = mesh.call().nextAttempt();

        failAt(mesh, 7000);

        assertThat(open.responded(200, name -> null).isRetry()).isFalse();
        assertThat(open.endpoint().inFlight()).isEqualTo(1);
        open.ended(Attempt.End.COMPLETED);
        assertThat(open.endpoint().inFlight()).isZero();
    }

    @Test
    void anExplanationNamesTheRulesAndTheirSource() {
        PipelineFixture mesh = new PipelineFixture(
                FakeNanoClock.create(),
                mesh("http", OUTLIERS),
                endpoints(1),
                policy("outlierDetection: { successRate: {} }", "panicThreshold: 30"));

        assertThat(mesh.explain().settings())
                .contains(
                        new Explanation.Setting(
                                "outlierDetection",
                                "2 server errors in a row eject for 30 s, longer each time, at most 100 % of the endpoints;"
                                        + " sweep every 10 s",
                                "virtualNode 'pay' listener 80 outlierDetection"),
                        new Explanation.Setting(
                                "outlierDetection.successRate",
                                "below the mean by 1.90 standard deviations ejects, from 5 endpoints with 100 requests each",
                                "trafficPolicy 'pay' outlierDetection"),
                        new Explanation.Setting(
                                "panicThreshold",
                                "below 30 % usable, all endpoints are used",
                                "trafficPolicy 'pay' panicThreshold"));
    }

    /** Calls in turn; whoever listens at that port answers 503 until it is ejected, all others 200. */
    private static void failAt(PipelineFixture mesh, int port) throws MeshCallException {
        int before = mesh.events.size();
        for (int i = 0; i < ROUNDS && mesh.events.size() == before; i++) {
            Attempt attempt = mesh.call("POST").nextAttempt();
            attempt.responded(attempt.endpoint().port() == port ? 503 : 200, name -> null);
            attempt.ended(Attempt.End.COMPLETED);
        }
        assertThat(mesh.events).hasSizeGreaterThan(before);
    }

    private static Set<Integer> ports(PipelineFixture mesh) throws MeshCallException {
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < ROUNDS; i++) {
            ports.add(mesh.answered(200));
        }
        return ports;
    }

    private static void grpc(PipelineFixture mesh, @Nullable String inHeaders, @Nullable String inTrailers)
            throws MeshCallException {
        Attempt attempt = mesh.call("POST").nextAttempt();
        attempt.responded(200, name -> name.equals("grpc-status") ? inHeaders : null);
        if (inTrailers != null) {
            attempt.trailed(name -> name.equals("grpc-status") ? inTrailers : null);
        }
        attempt.ended(Attempt.End.COMPLETED);
    }
}
