package io.intramesh.internal.pipeline;

import static io.intramesh.internal.pipeline.VirtualMesh.headers;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.call.Attempt;
import io.intramesh.call.Endpoint;
import io.intramesh.call.MeshContext;
import io.intramesh.call.Verdict;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.internal.pipeline.VirtualMesh.Request;
import io.intramesh.testing.FakeNanoClock;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Retries in virtual time. RT-numbers are those of the notes on App Mesh's model. */
final class RetryStageTest {
    private static final String EVERYTHING = """
            retryPolicy:
              maxRetries: 5
              perRetryTimeout: { unit: ms, value: 400 }
              httpRetryEvents: [server-error, client-error, stream-error]
              tcpRetryEvents: [connection-error]
            """;
    private final IOException reset = new SocketException("Connection reset");
    private final IOException noConnection = new ConnectException("Connection refused");

    // ---- a policy that somebody wrote

    @Test
    void aWrittenPolicyRepeatsAPostLikeAGet() throws Exception {
        for (String method : List.of("GET", "POST", "PATCH")) {
            VirtualMesh mesh = VirtualMesh.routed(EVERYTHING);

            assertThat(responded(mesh, Request.of(method), 503).isRetry()).isTrue();
            assertThat(failed(mesh, Request.of(method), reset, true).isRetry()).isTrue();
        }
    }

    @Test
    void aWrittenPolicyRepeatsItsStatusesAndNoOthers() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed(EVERYTHING);

        Set<Integer> repeated = new TreeSet<>();
        for (int status = 100; status < 600; status++) {
            if (responded(mesh, Request.of("POST"), status).isRetry()) {
                repeated.add(status);
            }
            mesh.clock.advance(Duration.ofSeconds(1));
        }

        assertThat(repeated).containsExactly(409, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511);
    }

    @Test
    void aPolicyOfConnectionErrorsAloneRepeatsNothingThatWentOut() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed(policy(2, "tcpRetryEvents: [connection-error]"));

        assertThat(failed(mesh, Request.of("GET"), noConnection, false).isRetry())
                .isTrue();
        assertThat(failed(mesh, Request.of("GET"), reset, true).isRetry()).isFalse();
        assertThat(responded(mesh, Request.of("GET"), 503).isRetry()).isFalse();
    }

    @Test
    void aPolicyOfStreamErrorsAloneRepeatsRefusedStreams() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed(policy(2, "httpRetryEvents: [stream-error]"));

        assertThat(mesh.begin(Request.of("POST")).nextAttempt().refused(reset).isRetry())
                .isTrue();
        assertThat(failed(mesh, Request.of("POST"), noConnection, false).isRetry())
                .isFalse();
        assertThat(failed(mesh, Request.of("POST"), reset, true).isRetry()).isFalse();
    }

    @Test
    void maxRetriesIsTheNumberOfAttemptsAfterTheFirst() throws Exception {
        for (int max = 0; max <= 4; max++) {
            VirtualMesh mesh = VirtualMesh.routed(policy(max, "httpRetryEvents: [gateway-error]"));
            MeshCall call = mesh.begin(Request.of("POST"));

            int attempts = 1;
            while (call.nextAttempt().responded(502, headers()).isRetry()) {
                attempts++;
            }

            assertThat(attempts).as("attempts with maxRetries %d", max).isEqualTo(max + 1);
        }
    }

    @Test
    void zeroRetriesSwitchTheDefaultPolicyOff() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed(policy(0, "httpRetryEvents: [server-error]"));

        assertThat(responded(mesh, Request.of("GET"), 503).isRetry()).isFalse();
        assertThat(failed(mesh, Request.of("GET"), noConnection, false).isRetry())
                .isFalse();
    }

    @Test
    void whenRetriesAreUsedUpTheLastAnswerStands() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed(policy(1, "httpRetryEvents: [server-error]"));
        MeshCall call = mesh.begin(Request.of("GET"));

        assertThat(call.nextAttempt().responded(503, headers()).isRetry()).isTrue();
        assertThat(call.nextAttempt().responded(503, headers())).isSameAs(Verdict.DELIVER);
    }

    @Test
    void anAttemptThatRanIntoItsOwnTimeLimitCountsAsReset() throws Exception {
        for (FakeNanoClock clock : List.of(FakeNanoClock.create(), FakeNanoClock.aboutToWrap())) {
            VirtualMesh mesh = new VirtualMesh(clock, false).route("httpRoute", EVERYTHING, "");
            MeshAttempt attempt = mesh.begin(Request.of("POST")).nextAttempt();
            assertThat(attempt.answerTimeoutNanos())
                    .isEqualTo(Duration.ofMillis(400).toNanos());

            mesh.clock.advance(Duration.ofMillis(400));

            assertThat(attempt.failed(new InterruptedIOException("timeout"), true)
                            .isRetry())
                    .isTrue();
        }
    }

    @Test
    void itsOwnTimeLimitIsNoStreamErrorAndNoConnectionError() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed("""
                retryPolicy:
                  maxRetries: 5
                  perRetryTimeout: { unit: ms, value: 400 }
                  httpRetryEvents: [stream-error]
                  tcpRetryEvents: [connection-error]
                """);
        MeshAttempt attempt = mesh.begin(Request.of("GET")).nextAttempt();

        mesh.clock.advance(Duration.ofMillis(400));

        assertThat(attempt.failed(new InterruptedIOException("timeout"), true).isRetry())
                .isFalse();
    }

    @Test
    void anInterruptIsAnEnd() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed(EVERYTHING);

        assertThat(failed(mesh, Request.of("GET"), new InterruptedIOException("interrupted"), true)
                        .isRetry())
                .isFalse();
    }

    @Test
    void theStrictSwitchKeepsWrittenPoliciesToWhatIsSafe() throws Exception {
        VirtualMesh mesh = new VirtualMesh(FakeNanoClock.create(), true).route("httpRoute", EVERYTHING, "");

        assertThat(responded(mesh, Request.of("POST"), 503).isRetry()).isFalse();
        assertThat(failed(mesh, Request.of("POST"), reset, true).isRetry()).isFalse();
        assertThat(failed(mesh, Request.of("POST"), noConnection, false).isRetry())
                .isTrue();
        assertThat(responded(mesh, Request.of("GET"), 503).isRetry()).isTrue();
    }

    @Test
    void grpcStatusesCountWhereTheyStandInTheHeaders() throws Exception {
        VirtualMesh mesh = new VirtualMesh().route("grpcRoute", """
                retryPolicy:
                  maxRetries: 2
                  perRetryTimeout: { unit: s, value: 1 }
                  grpcRetryEvents: [unavailable, cancelled]
                """, "");

        Set<Integer> repeated = IntStream.range(0, 17)
                .filter(status ->
                        verdict(mesh, "grpc-status", Integer.toString(status)).isRetry())
                .boxed()
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(repeated).containsExactly(1, 14);
        assertThat(responded(mesh, Request.of("POST"), 200).isRetry()).isFalse();
    }

    // ---- the default policy

    @Test
    void theDefaultPolicyRepeatsIdempotentRequestsAlone() throws Exception {
        VirtualMesh mesh = VirtualMesh.ofNode();

        List<String> repeated = Stream.of(
                        "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "POST", "PATCH", "CONNECT")
                .filter(method ->
                        respondedUnchecked(mesh, Request.of(method), 503).isRetry())
                .toList();

        assertThat(repeated).containsExactly("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");
        assertThat(failed(mesh, Request.of("GET"), reset, true).isRetry()).isTrue();
        assertThat(failed(mesh, Request.of("POST"), reset, true).isRetry()).isFalse();
        assertThat(responded(mesh, Request.of("GET"), 502).isRetry()).isFalse();
    }

    @Test
    void theDefaultPolicyRepeatsWhatCannotHaveReachedThePeer() throws Exception {
        VirtualMesh mesh = VirtualMesh.ofNode();

        assertThat(failed(mesh, Request.of("POST"), noConnection, false).isRetry())
                .isTrue();
        assertThat(mesh.begin(Request.of("POST")).nextAttempt().refused(reset).isRetry())
                .isTrue();
    }

    @Test
    void whatACalleesOwnMeshRefusedUnseenIsRepeatedWhateverItsMethod() throws Exception {
        VirtualMesh mesh = VirtualMesh.ofNode();

        for (String reason : List.of("DRAINING", "LIMIT_REACHED")) {
            assertThat(mesh.begin(Request.of("POST"))
                            .nextAttempt()
                            .responded(503, headers("x-mesh-refusal", reason))
                            .isRetry())
                    .as(reason)
                    .isTrue();
        }
        assertThat(mesh.begin(Request.of("POST"))
                        .nextAttempt()
                        .responded(503, headers("x-mesh-refusal", "NO_HEALTHY_ENDPOINT"))
                        .isRetry())
                .isFalse();
    }

    @Test
    void theDefaultPolicyMakesTwoRetries() throws Exception {
        VirtualMesh mesh = VirtualMesh.ofNode();
        MeshCall call = mesh.begin(Request.of("GET"));

        assertThat(call.nextAttempt().responded(503, headers()).isRetry()).isTrue();
        assertThat(call.nextAttempt().responded(503, headers()).isRetry()).isTrue();
        assertThat(call.nextAttempt().responded(503, headers()).isRetry()).isFalse();
    }

    @Test
    void aRequestOptsInByItsIdempotencyKey() throws Exception {
        VirtualMesh mesh = VirtualMesh.ofNode();

        assertThat(responded(mesh, Request.of("POST", "Idempotency-Key", "\"8e03\""), 503)
                        .isRetry())
                .isTrue();
    }

    @Test
    void aRouteOptsInByItsTrafficPolicy() throws Exception {
        String policy = """
                ---
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: repeatable }
                spec: { targetRef: { kind: Route, name: all, virtualRouter: payments }, idempotent: %s }
                """;

        assertThat(responded(new VirtualMesh().route("httpRoute", "", policy.formatted(true)), Request.of("POST"), 503)
                        .isRetry())
                .isTrue();
        assertThat(responded(new VirtualMesh().route("httpRoute", "", policy.formatted(false)), Request.of("POST"), 503)
                        .isRetry())
                .isFalse();
    }

    @Test
    void aRequestMayWriteItsOwnPolicy() throws Exception {
        VirtualMesh mesh = VirtualMesh.ofNode();
        Request request = Request.of("POST", "x-envoy-retry-on", "5xx", "x-envoy-max-retries", "1");
        MeshCall call = mesh.begin(request);

        assertThat(call.nextAttempt().responded(500, headers()).isRetry()).isTrue();
        assertThat(call.nextAttempt().responded(500, headers()).isRetry()).isFalse();
    }

    // ---- never

    @Test
    void aBodyThatCannotBeRepeatedIsNotSentTwice() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed(EVERYTHING);
        Request request = Request.of("PUT").oneShot();

        assertThat(responded(mesh, request, 503).isRetry()).isFalse();
        assertThat(failed(mesh, request, reset, true).isRetry()).isFalse();
        assertThat(mesh.begin(request).nextAttempt().refused(reset).isRetry()).isFalse();
        // Nobody has begun to read it.
        assertThat(failed(mesh, request, noConnection, false).isRetry()).isTrue();
    }

    @Test
    void whatIsRateLimitedIsNotRepeated() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed(EVERYTHING);

        assertThat(verdict(mesh, 503, "x-envoy-ratelimited", "true").isRetry()).isFalse();
        // The overflow of the callee's own proxy is: the caller's policy sees a 503 (CP-06).
        assertThat(verdict(mesh, 503, "x-envoy-overloaded", "true").isRetry()).isTrue();
    }

    // ---- where to, and when

    @Test
    void eachAttemptGoesToAnEndpointThatIsNotTriedYet() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed(EVERYTHING);
        for (int round = 0; round < 50; round++) {
            MeshCall call = mesh.begin(Request.of("GET"));
            Set<Endpoint> first = new HashSet<>();
            for (int i = 0; i < 3; i++) {
                MeshAttempt attempt = call.nextAttempt();
                first.add(attempt.endpoint());
                assertThat(attempt.responded(503, headers()).isRetry()).isTrue();
            }
            assertThat(first).hasSize(3);
            // All are tried: any will do.
            assertThat(call.nextAttempt().endpoint()).isIn(first);
            call.cancel();
            mesh.clock.advance(Duration.ofSeconds(2)); // The budget's floor pays for six retries.
        }
    }

    @Test
    void theFirstRetryGoesElsewhereAtOnceAndLaterOnesPause() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed(EVERYTHING);
        Set<Long> second = new HashSet<>();
        for (int round = 0; round < 20; round++) {
            MeshCall call = mesh.begin(Request.of("GET"));
            assertThat(call.nextAttempt().responded(503, headers()).pauseNanos())
                    .isZero();
            second.add(call.nextAttempt().responded(503, headers()).pauseNanos());
            call.cancel();
            mesh.clock.advance(Duration.ofSeconds(1));
        }

        assertThat(second)
                .hasSize(20)
                .allMatch(pause -> pause < Duration.ofMillis(75).toNanos());
    }

    @Test
    void aRetryGoesWhereTheLastAttemptWentWell() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed(EVERYTHING);
        Endpoint ill = trouble(mesh);
        for (int round = 0; round < 50; round++) {
            MeshCall call = mesh.begin(Request.of("GET"));
            MeshAttempt first = call.nextAttempt();
            first.responded(503, headers());

            MeshAttempt second = call.nextAttempt();

            assertThat(second.endpoint()).as("round %d", round).isNotIn(ill, first.endpoint());
            second.responded(200, headers());
            second.ended(Attempt.End.COMPLETED);
            recover(first.endpoint(), ill);
            mesh.clock.advance(Duration.ofSeconds(1));
        }
    }

    /** Lets an attempt fail for good, and returns where. */
    private static Endpoint trouble(VirtualMesh mesh) throws IOException {
        MeshCall call = mesh.begin(Request.of("GET"));
        MeshAttempt attempt = call.nextAttempt();
        attempt.responded(503, headers());
        call.cancel();
        return attempt.endpoint();
    }

    private static void recover(Endpoint endpoint, Endpoint unlessThis) {
        if (endpoint != unlessThis) {
            endpoint.attemptJudged(false);
        }
    }

    @Test
    void oneSuccessMakesAnEndpointWellAgain() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed("");
        Endpoint ill = trouble(mesh);
        assertThat(ill.isFailing()).isTrue();

        for (int i = 0; i < 3; i++) {
            MeshAttempt attempt = mesh.begin(Request.of("GET")).nextAttempt();
            attempt.responded(200, headers());
            attempt.ended(Attempt.End.COMPLETED);
        }

        assertThat(ill.isFailing()).isFalse();
    }

    @Test
    void whatThePeerAsksForIsWaitedFor() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed(EVERYTHING);

        assertThat(verdict(mesh, 503, "Retry-After", "2").pauseNanos())
                .isEqualTo(Duration.ofSeconds(2).toNanos());
        assertThat(verdict(mesh, 503, "Retry-After", "Sat, 21 Nov 2026 12:00:03 GMT")
                        .pauseNanos())
                .isEqualTo(Duration.ofSeconds(3).toNanos());
        assertThat(verdict(mesh, 503, "Retry-After", "later").pauseNanos()).isZero();
    }

    @Test
    void aPauseThatDoesNotFitIsNotBegun() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed(EVERYTHING);

        assertThat(verdict(mesh, 503, "Retry-After", "15").isRetry()).isFalse();
        assertThat(verdict(mesh, 503, "Retry-After", "14").isRetry()).isTrue();
        assertThat(verdict(mesh, 503, "grpc-retry-pushback-ms", "-1").isRetry()).isFalse();
    }

    // ---- budget

    @Test
    void aServiceThatIsDownGetsAFifthMoreThanItsCalls() throws Exception {
        for (FakeNanoClock clock : List.of(FakeNanoClock.create(), FakeNanoClock.aboutToWrap())) {
            VirtualMesh mesh = new VirtualMesh(clock, false).route("httpRoute", EVERYTHING, "");
            int calls = 0;
            int attempts = 0;
            for (int millis = 0; millis < 30_000; millis += 5) {
                calls++;
                MeshCall call = mesh.begin(Request.of("GET"));
                do {
                    attempts++;
                } while (call.nextAttempt().responded(503, headers()).isRetry());
                clock.advance(Duration.ofMillis(5));
            }

            assertThat(attempts).isBetween((int) (calls * 1.15), (int) (calls * 1.2));
        }
    }

    @Test
    void anEndpointThatIsGoneCostsNoBudgetWhileOthersAreWell() throws Exception {
        VirtualMesh mesh = new VirtualMesh().route("httpRoute", EVERYTHING, NO_BUDGET);
        Endpoint gone = trouble(mesh);
        int met = 0;
        for (int i = 0; i < 300; i++) {
            MeshCall call = mesh.begin(Request.of("POST"));
            MeshAttempt attempt = call.nextAttempt();
            if (attempt.endpoint() == gone) {
                met++;
                Verdict verdict = attempt.failed(noConnection, false);
                assertThat(verdict.isRetry()).isTrue();
                assertThat(verdict.pauseNanos()).isZero();
                attempt = call.nextAttempt();
                assertThat(attempt.endpoint()).isNotSameAs(gone);
            }
            attempt.responded(200, headers());
            attempt.ended(Attempt.End.COMPLETED);
        }

        // Retries take turns as well, so the share is not exactly a third.
        assertThat(met).isGreaterThan(60);
    }

    @Test
    void whereNobodyCanBeReachedTheBudgetHolds() throws Exception {
        VirtualMesh mesh = new VirtualMesh().route("httpRoute", EVERYTHING, NO_BUDGET);

        int attempts = 0;
        for (int i = 0; i < 300; i++) {
            MeshCall call = mesh.begin(Request.of("GET"));
            do {
                attempts++;
            } while (call.nextAttempt().failed(noConnection, false).isRetry());
        }

        // The first call finds out about all three of them.
        assertThat(attempts).isEqualTo(300 + 2);
    }

    @Test
    void whatMayHaveReachedItsPeerIsPaidFor() throws Exception {
        VirtualMesh mesh = new VirtualMesh().route("httpRoute", EVERYTHING, NO_BUDGET);

        assertThat(failed(mesh, Request.of("GET"), reset, true).isRetry()).isFalse();
        assertThat(responded(mesh, Request.of("GET"), 503).isRetry()).isFalse();
    }

    private static final String NO_BUDGET = """
            ---
            apiVersion: intramesh.io/v1
            kind: TrafficPolicy
            metadata: { mesh: shop, name: budget }
            spec:
              targetRef: { kind: VirtualService, name: payments.local }
              retryBudget: { percent: 0, minRetriesPerSecond: 0, window: 10s }
            """;

    @Test
    void aTrafficPolicySetsTheBudgetAndAReloadKeepsWhatIsSpent() throws Exception {
        String policy = """
                ---
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: budget }
                spec:
                  targetRef: { kind: VirtualService, name: payments.local }
                  retryBudget: { percent: 0, minRetriesPerSecond: %d, window: 10s }
                """;
        VirtualMesh mesh = new VirtualMesh().route("httpRoute", EVERYTHING, policy.formatted(1));
        assertThat(retries(mesh, 100)).isEqualTo(10);

        mesh.route("httpRoute", EVERYTHING, policy.formatted(2));
        assertThat(budgetShown(mesh)).isEqualTo("0 % of calls over 10 s, at least 2/s; left now: 10");
        assertThat(retries(mesh, 100)).isEqualTo(10);
    }

    // ---- no multiplying

    @Test
    void whatACalleeHasTriedToExhaustionIsNotTriedAgainAndSaidOn() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed(EVERYTHING);
        MeshContext context = new MeshContext("r-1");

        mesh.during(context, () -> {
            assertThat(verdict(mesh, 503, "x-mesh-retries-exhausted", "true").isRetry())
                    .isFalse();
        });

        assertThat(context.hasExhaustedRetries()).isTrue();
    }

    @Test
    void whoHasNoRetryLeftSaysSoToItsCaller() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed(policy(1, "httpRetryEvents: [server-error]"));
        MeshContext context = new MeshContext("r-1");
        mesh.during(context, () -> {
            MeshCall call = mesh.begin(Request.of("GET"));

            call.nextAttempt().responded(503, headers());
            assertThat(context.hasExhaustedRetries()).isFalse();

            call.nextAttempt().responded(503, headers());
            assertThat(context.hasExhaustedRetries()).isTrue();
        });
    }

    @Test
    void whoMayNotRepeatLeavesThatToItsCaller() throws Exception {
        VirtualMesh mesh = VirtualMesh.ofNode();
        MeshContext context = new MeshContext("r-1");
        mesh.during(context, () -> {
            assertThat(responded(mesh, Request.of("POST"), 503).isRetry()).isFalse();
        });

        assertThat(context.hasExhaustedRetries()).isFalse();
    }

    private static String policy(int maxRetries, String events) {
        return """
                retryPolicy:
                  maxRetries: %d
                  perRetryTimeout: { unit: s, value: 2 }
                  %s
                """.formatted(maxRetries, events);
    }

    private static Verdict responded(VirtualMesh mesh, Request request, int status) throws IOException {
        return ended(mesh.begin(request), call -> call.nextAttempt().responded(status, headers()));
    }

    private static Verdict respondedUnchecked(VirtualMesh mesh, Request request, int status) {
        try {
            return responded(mesh, request, status);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Verdict verdict(VirtualMesh mesh, int status, String... headers) throws IOException {
        return ended(mesh.begin(Request.of("GET")), call -> call.nextAttempt().responded(status, headers(headers)));
    }

    private static Verdict verdict(VirtualMesh mesh, String name, String value) {
        try {
            return ended(
                    mesh.begin(Request.of("POST")), call -> call.nextAttempt().responded(200, headers(name, value)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Verdict failed(VirtualMesh mesh, Request request, IOException failure, boolean mayHaveReachedPeer)
            throws IOException {
        return ended(mesh.begin(request), call -> call.nextAttempt().failed(failure, mayHaveReachedPeer));
    }

    private static Verdict ended(MeshCall call, Step step) throws IOException {
        Verdict verdict = step.take(call);
        call.cancel();
        return verdict;
    }

    private static int retries(VirtualMesh mesh, int calls) throws IOException {
        int retries = 0;
        for (int i = 0; i < calls; i++) {
            MeshCall call = mesh.begin(Request.of("GET"));
            while (call.nextAttempt().responded(503, headers()).isRetry()) {
                retries++;
            }
        }
        return retries;
    }

    private static String budgetShown(VirtualMesh mesh) {
        Explanation explanation = LiveExplanations.explain(
                mesh.snapshot(),
                ExplainRequest.builder("payments.local")
                        .method("GET")
                        .path("/charges")
                        .build(),
                mesh.budgets,
                mesh.clock.nanoTime());
        return explanation.settings().stream()
                .filter(setting -> setting.name().equals("retry budget"))
                .map(Explanation.Setting::value)
                .findFirst()
                .orElseThrow();
    }

    private interface Step {
        Verdict take(MeshCall call) throws IOException;
    }
}
