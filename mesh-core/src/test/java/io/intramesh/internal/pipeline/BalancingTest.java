package io.intramesh.internal.pipeline;

import static io.intramesh.internal.pipeline.PipelineFixture.endpoints;
import static io.intramesh.internal.pipeline.PipelineFixture.mesh;
import static io.intramesh.internal.pipeline.PipelineFixture.policy;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.MeshCallException;
import io.intramesh.call.Attempt;
import io.intramesh.explain.Explanation;
import io.intramesh.testing.FakeNanoClock;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BalancingTest {
    private static final String EWMA = "loadBalancing: peak-ewma";

    private final FakeNanoClock clock = FakeNanoClock.aboutToWrap();

    @Test
    void answersTeachTheBalancerAndAReloadDoesNotMakeItForget() throws Exception {
        PipelineFixture mesh = new PipelineFixture(clock, mesh("http", ""), endpoints(2), policy(EWMA));
        learn(mesh, 100, 0);
        assertThat(picks(mesh, 100)).containsOnlyKeys(7000);

        mesh.reload(mesh("http", ""), endpoints(2), policy(EWMA, "panicThreshold: 30"));
        assertThat(picks(mesh, 100)).containsOnlyKeys(7000);

        mesh.reload(mesh("http", ""), endpoints(2), policy("loadBalancing: { algorithm: peak-ewma, decay: 5s }"));
        assertThat(picks(mesh, 100)).containsOnlyKeys(7000);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503})
    void anEndpointThatRefusesFastIsAvoided(int status) throws Exception {
        PipelineFixture mesh = new PipelineFixture(clock, mesh("http", ""), endpoints(2), policy(EWMA));
        learn(mesh, 1, status);

        assertThat(picks(mesh, 100)).containsOnlyKeys(7000);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 14})
    void soIsOneWhoseGrpcStatusSaysSo(int status) throws Exception {
        PipelineFixture mesh = new PipelineFixture(clock, mesh("grpc", ""), endpoints(2), policy(EWMA));
        for (int i = 0; i < 20; i++) {
            Attempt attempt = mesh.call("POST").nextAttempt();
            boolean isBad = attempt.endpoint().port() == 7001;
            clock.advance(Duration.ofMillis(isBad ? 1 : 5));
            attempt.responded(200, name -> null);
            attempt.trailed(name -> name.equals("grpc-status") ? isBad ? "" + status : "0" : null);
            attempt.ended(Attempt.End.COMPLETED);
        }

        assertThat(picks(mesh, 100)).containsOnlyKeys(7000);
    }

    @Test
    void connectionsThatFailCountAndWhatTheApplicationGaveUpDoesNot() throws Exception {
        PipelineFixture mesh = new PipelineFixture(clock, mesh("http", ""), endpoints(2), policy(EWMA));
        learn(mesh, 1, 0);
        Attempt given = mesh.call("POST").nextAttempt();
        assertThat(given.endpoint().port()).isEqualTo(7001);
        Thread.currentThread().interrupt();
        try {
            given.failed(new InterruptedIOException("given up"), true);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(picks(mesh, 100)).containsOnlyKeys(7001);

        for (int i = 0; i < 3; i++) {
            Attempt refused = mesh.call("POST").nextAttempt();
            if (refused.endpoint().port() == 7001) {
                refused.failed(new ConnectException("refused"), false);
            } else {
                refused.ended(Attempt.End.CANCELLED);
            }
        }

        assertThat(picks(mesh, 100)).containsOnlyKeys(7000);
    }

    @Test
    void aKeySticksToItsEndpointAndARetryLeavesIt() throws Exception {
        VirtualMesh mesh = new VirtualMesh()
                .route(
                        "httpRoute",
                        "retryPolicy: { maxRetries: 2, perRetryTimeout: { unit: s, value: 1 },"
                                + " httpRetryEvents: [server-error] }",
                        """
                        ---
                        apiVersion: intramesh.io/v1
                        kind: TrafficPolicy
                        metadata: { mesh: shop, name: sticky }
                        spec:
                          targetRef: { kind: VirtualService, name: payments.local }
                          loadBalancing: { algorithm: consistent-hash, hashOn: { header: X-User } }
                          retryBudget: { percent: 100, minRetriesPerSecond: 10, window: 10s }
                        """);
        Set<String> used = new HashSet<>();
        for (int user = 0; user < 50; user++) {
            VirtualMesh.Request request = VirtualMesh.Request.of("GET", "x-user", "user-" + user);
            MeshCall call = mesh.begin(request);
            MeshAttempt first = call.nextAttempt();
            String own = first.endpoint().name();
            used.add(own);
            assertThat(first.responded(503, VirtualMesh.headers()).isRetry()).isTrue();
            MeshAttempt second = call.nextAttempt();
            assertThat(second.endpoint().name()).isNotEqualTo(own);
            second.ended(Attempt.End.COMPLETED);

            MeshAttempt later = mesh.begin(request).nextAttempt();
            assertThat(later.endpoint().name()).isEqualTo(own);
            later.ended(Attempt.End.COMPLETED);
        }

        assertThat(used).hasSize(3);
    }

    @Test
    void aNewEndpointStartsSlowlyAndAReloadDoesNotStartItAgain() throws Exception {
        String slow = policy("loadBalancing: { algorithm: round-robin, slowStart: 30s }");
        PipelineFixture mesh = new PipelineFixture(clock, mesh("http", ""), endpoints(2), slow);
        picks(mesh, 10);
        mesh.reload(mesh("http", ""), endpoints(3), slow);

        // A tenth of a third of 3,000 is 100: standard deviation 10; five of them.
        assertThat(picks(mesh, 3_000).get(7002)).isBetween(50, 150);

        clock.advance(Duration.ofSeconds(15));
        mesh.reload(
                mesh("http", ""),
                endpoints(3),
                slow,
                policy("panicThreshold: 10").replace("name: pay }\nspec", "name: other }\nspec"));

        // Half of a third: 500, standard deviation 20.
        assertThat(picks(mesh, 3_000).get(7002)).isBetween(400, 600);
    }

    @Test
    void callsStayInTheOwnZone() throws Exception {
        String zones = endpoints(2)
                .replace("port: 7000 }", "port: 7000, zone: eu-1b }")
                .replace("port: 7001 }", "port: 7001, zone: eu-1a }");
        PipelineFixture mesh = new PipelineFixture(
                clock,
                mesh("http", ""),
                zones,
                policy("loadBalancing: { algorithm: least-request, preferOwnZone: true }"));

        assertThat(picks(mesh, 100)).containsOnlyKeys(7001);
    }

    @Test
    void anExplanationSaysHowEndpointsArePicked() {
        PipelineFixture mesh = new PipelineFixture(
                clock,
                mesh("http", ""),
                endpoints(2),
                policy("loadBalancing: { algorithm: consistent-hash, hashOn: { cookie: sid }, preferOwnZone: true,"
                        + " slowStart: 500ms }"));

        assertThat(mesh.explain().settings())
                .contains(new Explanation.Setting(
                        "load balancing",
                        "consistent-hash on cookie sid, at most 125 % of the mean load, own zone first, slow start over"
                                + " 500 ms (eu-1a)",
                        "trafficPolicy 'pay' loadBalancing"));
    }

    /** Lets 7000 answer in 5 ms, and 7001 in that time with that status; 0 stands for 200. */
    private void learn(PipelineFixture mesh, int millis, int status) throws MeshCallException {
        for (int i = 0; i < 20; i++) {
            Attempt attempt = mesh.call("POST").nextAttempt();
            boolean isOther = attempt.endpoint().port() == 7001;
            clock.advance(Duration.ofMillis(isOther ? millis : 5));
            attempt.responded(isOther && status != 0 ? status : 200, name -> null);
            attempt.ended(Attempt.End.COMPLETED);
        }
    }

    /** Returns where attempts go that tell nothing. */
    private static Map<Integer, Integer> picks(PipelineFixture mesh, int count) throws MeshCallException {
        Map<Integer, Integer> picks = new HashMap<>();
        for (int i = 0; i < count; i++) {
            Attempt attempt = mesh.call("POST").nextAttempt();
            picks.merge(attempt.endpoint().port(), 1, Integer::sum);
            attempt.ended(Attempt.End.CANCELLED);
        }
        return picks;
    }
}
