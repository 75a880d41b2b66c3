package io.intramesh.internal.pipeline;

import static io.intramesh.internal.pipeline.PipelineFixture.endpoints;
import static io.intramesh.internal.pipeline.PipelineFixture.mesh;
import static io.intramesh.internal.pipeline.PipelineFixture.policy;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.Attempt;
import io.intramesh.call.OutboundCall;
import io.intramesh.call.Verdict;
import io.intramesh.testing.FakeNanoClock;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are sent to a second endpoint because the first is slow to answer; the test plays the transport. */
@NullMarked
final class HedgingTest {
    private static final String AFTER_50_MS = "hedge: { delay: 50ms }";

    private final FakeNanoClock clock = FakeNanoClock.create();

    @Test
    void nothingIsSentTwiceWhereNoPolicyAsksForIt() throws Exception {
        PipelineFixture mesh = fixture(2);

        OutboundCall call = mesh.call();
        Attempt attempt = call.nextAttempt();

        assertThat(attempt.hedgeAfterNanos()).isZero();
        assertThat(call.hedge()).isNull();
        call.cancel();
    }

    @Test
    void aSlowRequestGoesToAnotherEndpointAndTheFirstAnswerCounts() throws Exception {
        PipelineFixture mesh = fixture(2, AFTER_50_MS);
        OutboundCall call = mesh.call();
        Attempt slow = call.nextAttempt();
        assertThat(slow.hedgeAfterNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(50));

        Attempt hedge = requireNonNull(call.hedge());

        assertThat(hedge.endpoint()).isNotSameAs(slow.endpoint());
        assertThat(hedge.number()).isEqualTo(2);
        assertThat(hedge.hedgeAfterNanos()).isZero();
        assertThat(call.hedge()).isNull();
        assertThat(hedge.responded(200, name -> null)).isSameAs(Verdict.DELIVER);
        assertThat(slow.endpoint().inFlight()).isZero();
        assertThat(hedge.endpoint().inFlight()).isEqualTo(1);
        hedge.ended(Attempt.End.COMPLETED);
        slow.ended(Attempt.End.CANCELLED);
        assertThat(hedge.endpoint().inFlight()).isZero();
        assertThat(slow.endpoint().inFlight()).isZero();
    }

    @Test
    void whoLosesIsNotJudged() throws Exception {
        PipelineFixture mesh = fixture(2, AFTER_50_MS, "circuitBreaker: { consecutiveFailures: 1, openFor: 10s }");
        for (int i = 0; i < 20; i++) {
            OutboundCall call = mesh.call();
            Attempt slow = call.nextAttempt();
            mesh.scheduler.advance(Duration.ofMillis(50));
            Attempt hedge = requireNonNull(call.hedge());
            hedge.responded(200, name -> null);
            slow.ended(Attempt.End.CANCELLED);
            hedge.ended(Attempt.End.COMPLETED);
            assertThat(slow.endpoint().isFailing()).isFalse();
        }

        assertThat(mesh.events).isEmpty();
        assertThat(mesh.states()).containsExactly("healthy", "healthy");
    }

    @Test
    void theFirstOneMayStillWin() throws Exception {
        PipelineFixture mesh = fixture(2, AFTER_50_MS);
        OutboundCall call = mesh.call();
        Attempt slow = call.nextAttempt();
        Attempt hedge = requireNonNull(call.hedge());

        assertThat(slow.responded(200, name -> null)).isSameAs(Verdict.DELIVER);

        assertThat(hedge.endpoint().inFlight()).isZero();
        assertThat(slow.endpoint().inFlight()).isEqualTo(1);
        slow.ended(Attempt.End.COMPLETED);
        assertThat(slow.endpoint().inFlight()).isZero();
    }

    @Test
    void anAnswerToTryAgainWaitsForTheOtherAttempt() throws Exception {
        PipelineFixture mesh = fixture(3, AFTER_50_MS);
        OutboundCall call = mesh.call();
        Attempt slow = call.nextAttempt();
        Attempt hedge = requireNonNull(call.hedge());

        assertThat(hedge.responded(503, name -> null)).isSameAs(Verdict.AWAIT_OTHER);
        assertThat(hedge.endpoint().inFlight()).isZero();
        Verdict last = slow.responded(503, name -> null);

        assertThat(last.isRetry()).isTrue();
        Attempt third = call.nextAttempt();
        assertThat(third.endpoint()).isNotIn(slow.endpoint(), hedge.endpoint());
        assertThat(third.number()).isEqualTo(3);
        // One call hedges once.
        assertThat(third.hedgeAfterNanos()).isZero();
        assertThat(third.responded(503, name -> null)).isSameAs(Verdict.DELIVER);
        third.ended(Attempt.End.COMPLETED);
    }

    @Test
    void whoTurnsAHedgeAwayBecauseItDrainsLeavesItToTheOther() throws Exception {
        PipelineFixture mesh = fixture(3, AFTER_50_MS);
        OutboundCall call = mesh.call();
        Attempt slow = call.nextAttempt();
        Attempt hedge = requireNonNull(call.hedge());

        assertThat(hedge.responded(503, VirtualMesh.headers("x-mesh-refusal", "DRAINING")))
                .isSameAs(Verdict.AWAIT_OTHER);

        assertThat(slow.responded(200, name -> null)).isSameAs(Verdict.DELIVER);
        slow.ended(Attempt.End.COMPLETED);
    }

    @Test
    void aFailureWaitsForTheOtherAttempt() throws Exception {
        PipelineFixture mesh = fixture(2, AFTER_50_MS);
        OutboundCall call = mesh.call();
        Attempt slow = call.nextAttempt();
        Attempt hedge = requireNonNull(call.hedge());

        assertThat(slow.failed(new IOException("reset"), true)).isSameAs(Verdict.AWAIT_OTHER);

        assertThat(slow.endpoint().isFailing()).isTrue();
        assertThat(hedge.responded(200, name -> null)).isSameAs(Verdict.DELIVER);
        hedge.ended(Attempt.End.COMPLETED);
    }

    @Test
    void whenBothFailTheCallFails() throws Exception {
        PipelineFixture mesh =
                fixture(2, AFTER_50_MS, "retryBudget: { percent: 0, minRetriesPerSecond: 1, window: 1s }");
        OutboundCall call = mesh.call();
        Attempt slow = call.nextAttempt();
        Attempt hedge = requireNonNull(call.hedge());

        assertThat(hedge.failed(new IOException("reset"), true)).isSameAs(Verdict.AWAIT_OTHER);
        MeshCallException failure =
                requireNonNull(slow.failed(new IOException("reset"), true).failure());

        assertThat(failure.reason()).isEqualTo(Reason.CONNECTION_FAILED);
        assertThat(failure).hasMessageContaining("retry budget of the virtual service is used up");
    }

    @Test
    void onlyWhatMayBeSentTwiceIs() throws Exception {
        PipelineFixture mesh = fixture(2, AFTER_50_MS);

        assertThat(hedgeable(mesh.call("GET"))).isTrue();
        assertThat(hedgeable(mesh.call("PUT"))).isTrue();
        assertThat(hedgeable(mesh.call("POST"))).isFalse();
        assertThat(hedgeable(fixture(2, AFTER_50_MS, "idempotent: true").call("POST")))
                .isTrue();
        VirtualMesh routed = new VirtualMesh().route("httpRoute", "", HEDGED_PAYMENTS);
        assertThat(hedgeable(routed.begin(VirtualMesh.Request.of("PUT")))).isTrue();
        assertThat(hedgeable(routed.begin(VirtualMesh.Request.of("PUT").oneShot())))
                .isFalse();
        assertThat(hedgeable(routed.begin(VirtualMesh.Request.of("POST", "Idempotency-Key", "7"))))
                .isTrue();
    }

    @Test
    void aWrittenRetryPolicyThatRepeatsPostsDoesNotHedgeThem() throws Exception {
        VirtualMesh routed = new VirtualMesh()
                .route(
                        "httpRoute",
                        "retryPolicy: { maxRetries: 3, perRetryTimeout: { unit: s, value: 1 },"
                                + " httpRetryEvents: [server-error] }",
                        HEDGED_PAYMENTS);

        assertThat(hedgeable(routed.begin(VirtualMesh.Request.of("POST")))).isFalse();
    }

    @Test
    void withoutAnotherEndpointThereIsNoHedge() throws Exception {
        PipelineFixture mesh = fixture(1, AFTER_50_MS);
        OutboundCall call = mesh.call();
        Attempt attempt = call.nextAttempt();

        assertThat(call.hedge()).isNull();

        assertThat(attempt.responded(200, name -> null)).isSameAs(Verdict.DELIVER);
        attempt.ended(Attempt.End.COMPLETED);
        assertThat(attempt.endpoint().inFlight()).isZero();
    }

    @Test
    void anotherEndpointWhoseCircuitIsOpenGetsNoHedge() throws Exception {
        PipelineFixture mesh = fixture(2, AFTER_50_MS, "circuitBreaker: { consecutiveFailures: 1, openFor: 10s }");
        int down = mesh.answered(500);
        OutboundCall call = mesh.call();
        Attempt attempt = call.nextAttempt();

        assertThat(attempt.endpoint().port()).isNotEqualTo(down);
        assertThat(call.hedge()).isNull();
        attempt.ended(Attempt.End.CANCELLED);
        assertThat(attempt.endpoint().inFlight()).isZero();
    }

    @Test
    void anAttemptThatIsAnsweredHasNoHedge() throws Exception {
        PipelineFixture mesh = fixture(2, AFTER_50_MS);
        OutboundCall call = mesh.call();
        Attempt attempt = call.nextAttempt();
        attempt.failed(new IOException("reset"), true);

        assertThat(call.hedge()).isNull();
    }

    @Test
    void aHedgeCountsAmongTheRetriesThatARequestAllows() throws Exception {
        VirtualMesh routed = new VirtualMesh().route("httpRoute", "", HEDGED_PAYMENTS);
        OutboundCall none = routed.begin(VirtualMesh.Request.of("GET", "x-envoy-max-retries", "0"));
        none.nextAttempt();
        OutboundCall one = routed.begin(VirtualMesh.Request.of("GET", "x-envoy-max-retries", "1"));
        Attempt slow = one.nextAttempt();

        assertThat(none.hedge()).isNull();
        Attempt hedge = requireNonNull(one.hedge());
        assertThat(hedge.responded(503, name -> null)).isSameAs(Verdict.AWAIT_OTHER);
        assertThat(slow.responded(503, name -> null)).isSameAs(Verdict.DELIVER);
        none.cancel();
        one.cancel();
    }

    @Test
    void aHedgeHasTheTimeThatIsLeft() throws Exception {
        VirtualMesh routed = new VirtualMesh()
                .route("httpRoute", "timeout: { perRequest: { unit: ms, value: 200 } }", HEDGED_PAYMENTS);
        OutboundCall call = routed.begin(VirtualMesh.Request.of("GET"));
        call.nextAttempt();
        routed.scheduler.advance(Duration.ofMillis(50));

        Attempt hedge = requireNonNull(call.hedge());

        assertThat(hedge.timeoutNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(150));
        call.cancel();
        OutboundCall late = routed.begin(VirtualMesh.Request.of("GET"));
        late.nextAttempt();
        routed.scheduler.advance(Duration.ofMillis(200));
        assertThat(late.hedge()).isNull();
        late.cancel();
    }

    @Test
    void aCallThatIsGivenUpEndsBothAttempts() throws Exception {
        PipelineFixture mesh = fixture(2, AFTER_50_MS);
        OutboundCall call = mesh.call();
        Attempt slow = call.nextAttempt();
        Attempt hedge = requireNonNull(call.hedge());

        call.cancel();

        assertThat(slow.endpoint().inFlight() + hedge.endpoint().inFlight()).isZero();
    }

    @Test
    void hedgesAreTakenFromTheRetryBudget() throws Exception {
        PipelineFixture mesh =
                fixture(2, AFTER_50_MS, "retryBudget: { percent: 20, minRetriesPerSecond: 0, window: 10s }");

        int hedges = 0;
        for (int i = 0; i < 100; i++) {
            hedges += slowCall(mesh) ? 1 : 0;
        }

        assertThat(hedges).isEqualTo(20);
    }

    @Test
    void maxExtraLoadBoundsThemToo() throws Exception {
        PipelineFixture mesh = fixture(2, "hedge: { maxExtraLoad: 5, delay: 50ms }");

        int hedges = 0;
        for (int i = 0; i < 1000; i++) {
            hedges += slowCall(mesh) ? 1 : 0;
        }

        // Five in a hundred; the floor of one a second over 10 s lies below.
        assertThat(hedges).isEqualTo(50);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 4_000_000_000L})
    void theDelayIsWhatAllButAFewAnswersTook(long start) throws Exception {
        PipelineFixture mesh = new PipelineFixture(
                FakeNanoClock.startingAt(start), mesh("http", ""), endpoints(2), policy("hedge: { maxExtraLoad: 2 }"));
        long seed = 11;
        Random random = new Random(seed);
        OutboundCall unmeasured = mesh.call();
        assertThat(unmeasured.nextAttempt().hedgeAfterNanos()).isZero();
        unmeasured.cancel();

        int hedges = 0;
        int late = 0;
        for (int i = 0; i < 20_000; i++) {
            // 5 to 14 ms; one in a hundred takes 200 ms.
            long millis = random.nextInt(100) == 0 ? 200 : 5 + random.nextInt(10);
            OutboundCall call = mesh.call();
            Attempt first = call.nextAttempt();
            long delay = first.hedgeAfterNanos();
            long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
            Attempt answered = first;
            if (delay > 0 && delay < nanos) {
                mesh.scheduler.advance(Duration.ofNanos(delay));
                Attempt hedge = call.hedge();
                late++;
                if (hedge == null) {
                    mesh.scheduler.advance(Duration.ofNanos(nanos - delay));
                } else {
                    hedges++;
                    answered = hedge;
                    mesh.scheduler.advance(Duration.ofMillis(5));
                }
            } else {
                mesh.scheduler.advance(Duration.ofNanos(nanos));
            }
            answered.responded(200, name -> null);
            answered.ended(Attempt.End.COMPLETED);
            if (i == 10_000) {
                assertThat(delay).as("seed %d", seed).isBetween(TimeUnit.MILLISECONDS.toNanos(14), nanos(16));
            }
        }

        // Late is the one in a hundred, but for the first 3 s; nearly all of them, and never more than two in a
        // hundred, are
        // sent twice.
        assertThat(late).as("seed %d", seed).isBetween(150, 250);
        assertThat(hedges).as("seed %d", seed).isBetween(late * 9 / 10, late);
    }

    @Test
    void whatIsKnownOutlivesAReload() throws Exception {
        PipelineFixture mesh = fixture(2, "hedge: { maxExtraLoad: 2 }");
        for (int i = 0; i < 100; i++) {
            mesh.scheduler.advance(Duration.ofMillis(40));
            OutboundCall call = mesh.call();
            Attempt attempt = call.nextAttempt();
            mesh.scheduler.advance(Duration.ofMillis(10));
            attempt.responded(200, name -> null);
            attempt.ended(Attempt.End.COMPLETED);
        }

        mesh.reload(mesh("http", ""), endpoints(3), policy("hedge: { maxExtraLoad: 4 }"));

        OutboundCall call = mesh.call();
        assertThat(call.nextAttempt().hedgeAfterNanos()).isBetween(nanos(10), nanos(11));
        call.cancel();
    }

    private static final String HEDGED_PAYMENTS = """
            ---
            apiVersion: intramesh.io/v1
            kind: TrafficPolicy
            metadata: { mesh: shop, name: hedged }
            spec: { targetRef: { kind: VirtualService, name: payments.local }, hedge: { delay: 50ms } }
            """;

    private static boolean hedgeable(OutboundCall call) throws MeshCallException {
        boolean waits = call.nextAttempt().hedgeAfterNanos() > 0;
        boolean hedges = call.hedge() != null;
        assertThat(hedges).isEqualTo(waits);
        call.cancel();
        return hedges;
    }

    /** Makes a call whose first attempt is not answered for 50 ms, and tells whether it went to a second endpoint. */
    private static boolean slowCall(PipelineFixture mesh) throws MeshCallException {
        OutboundCall call = mesh.call();
        Attempt first = call.nextAttempt();
        Attempt hedge = call.hedge();
        Attempt answered = hedge == null ? first : hedge;
        answered.responded(200, name -> null);
        answered.ended(Attempt.End.COMPLETED);
        assertThat(first.endpoint().inFlight()).isZero();
        return hedge != null;
    }

    private static long nanos(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private PipelineFixture fixture(int count, String... lines) {
        return new PipelineFixture(clock, mesh("http", ""), endpoints(count), lines.length == 0 ? "" : policy(lines));
    }
}
