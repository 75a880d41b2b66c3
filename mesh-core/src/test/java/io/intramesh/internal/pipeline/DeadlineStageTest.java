package io.intramesh.internal.pipeline;

import static io.intramesh.internal.pipeline.VirtualMesh.headers;
import static io.intramesh.internal.pipeline.VirtualMesh.sent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.MeshContext;
import io.intramesh.internal.pipeline.VirtualMesh.Request;
import io.intramesh.testing.FakeNanoClock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DeadlineStageTest {
    private static final String TWO_SECONDS = "timeout: { perRequest: { unit: s, value: 2 } }";

    @Test
    void theTimeLeftTravelsWithEveryAttempt() throws Exception {
        for (FakeNanoClock clock : List.of(FakeNanoClock.create(), FakeNanoClock.aboutToWrap())) {
            VirtualMesh mesh = new VirtualMesh(clock, false).route("httpRoute", TWO_SECONDS, "");
            MeshCall call = mesh.begin(Request.of("GET"));

            MeshAttempt first = call.nextAttempt();
            assertThat(sent(first)).containsEntry("x-envoy-expected-rq-timeout-ms", "2000");
            clock.advance(Duration.ofMillis(1500));
            first.responded(503, headers());

            assertThat(sent(call.nextAttempt())).containsEntry("x-envoy-expected-rq-timeout-ms", "500");
            call.cancel();
        }
    }

    @Test
    void anAttemptsOwnLimitTravelsWhereItIsShorter() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed("""
                timeout: { perRequest: { unit: s, value: 2 } }
                retryPolicy: { maxRetries: 3, perRetryTimeout: { unit: ms, value: 700 }, httpRetryEvents: [server-error] }
                """);
        MeshCall call = mesh.begin(Request.of("GET"));

        MeshAttempt first = call.nextAttempt();
        assertThat(first.answerTimeoutNanos()).isEqualTo(Duration.ofMillis(700).toNanos());
        assertThat(first.timeoutNanos()).isEqualTo(Duration.ofSeconds(2).toNanos());
        assertThat(sent(first)).containsEntry("x-envoy-expected-rq-timeout-ms", "700");

        mesh.clock.advance(Duration.ofMillis(1800));
        first.responded(503, headers());
        MeshAttempt second = call.nextAttempt();
        assertThat(second.answerTimeoutNanos()).isZero();
        assertThat(sent(second)).containsEntry("x-envoy-expected-rq-timeout-ms", "200");
        call.cancel();
    }

    @Test
    void aRouteWithoutALimitLeavesThatOfTheCalleesListener() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed("timeout: { perRequest: { unit: s, value: 0 } }");
        MeshAttempt limited = mesh.begin(Request.of("GET")).nextAttempt();

        assertThat(sent(limited)).containsEntry("x-envoy-expected-rq-timeout-ms", "15000");
        // Not a gRPC call.
        assertThat(sent(limited)).doesNotContainKey("grpc-timeout");
        limited.finish();
    }

    @Test
    void grpcHearsOfItInItsOwnForm() throws Exception {
        VirtualMesh mesh = new VirtualMesh().route("grpcRoute", TWO_SECONDS, "");

        MeshAttempt attempt = mesh.begin(Request.of("POST")).nextAttempt();

        assertThat(sent(attempt)).containsEntry("grpc-timeout", "2000000u");
        attempt.finish();
    }

    @Test
    void whatAGrpcCallerSaysItselfHoldsWhereItIsShorter() throws Exception {
        VirtualMesh mesh = new VirtualMesh().route("grpcRoute", TWO_SECONDS, "");

        MeshAttempt attempt =
                mesh.begin(Request.of("POST", "grpc-timeout", "300m")).nextAttempt();

        assertThat(attempt.timeoutNanos()).isEqualTo(Duration.ofMillis(300).toNanos());
        attempt.finish();
    }

    @Test
    void aRequestMayShortenItsOwnLimits() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed(TWO_SECONDS);
        Request request = Request.of(
                "GET", "x-envoy-upstream-rq-timeout-ms", "900", "x-envoy-upstream-rq-per-try-timeout-ms", "250");

        MeshAttempt attempt = mesh.begin(request).nextAttempt();

        assertThat(attempt.timeoutNanos()).isEqualTo(Duration.ofMillis(900).toNanos());
        assertThat(attempt.answerTimeoutNanos())
                .isEqualTo(Duration.ofMillis(250).toNanos());
        attempt.finish();
    }

    @Test
    void aCallGetsWhatIsLeftOfTheRequestThatItIsFor() throws Exception {
        for (FakeNanoClock clock : List.of(FakeNanoClock.create(), FakeNanoClock.aboutToWrap())) {
            VirtualMesh mesh = new VirtualMesh(clock, false).route("httpRoute", TWO_SECONDS, "");
            MeshContext context = new MeshContext(
                    "r-1", clock.nanoTime(), Duration.ofMillis(1200).toNanos());
            clock.advance(Duration.ofMillis(700));

            mesh.during(context, () -> {
                MeshAttempt attempt = mesh.begin(Request.of("GET")).nextAttempt();

                assertThat(attempt.timeoutNanos())
                        .isEqualTo(Duration.ofMillis(500).toNanos());
                attempt.finish();
            });
        }
    }

    @Test
    void noCallIsMadeForACallerThatHasGone() throws Exception {
        VirtualMesh mesh = VirtualMesh.routed(TWO_SECONDS);
        MeshContext context = new MeshContext("r-1", mesh.clock.nanoTime(), 1_000_000);
        mesh.clock.advance(Duration.ofMillis(1));

        mesh.during(context, () -> {
            assertThatThrownBy(() -> mesh.begin(Request.of("GET")))
                    .isInstanceOfSatisfying(MeshCallException.class, refusal -> {
                        assertThat(refusal.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
                        assertThat(refusal.mayHaveReachedPeer()).isFalse();
                    });
        });
    }

    @Test
    void theFormsOfTimeAreReadAndWritten() {
        assertThat(TimeLeft.millis("250")).isEqualTo(Duration.ofMillis(250).toNanos());
        assertThat(TimeLeft.millis("0")).isZero();
        assertThat(List.of("", "-5", "1.5", "1e3", "999999999"))
                .allMatch(text -> TimeLeft.millis(text) == TimeLeft.UNSAID);
        assertThat(TimeLeft.grpc("2H")).isEqualTo(Duration.ofHours(2).toNanos());
        assertThat(TimeLeft.grpc("3M")).isEqualTo(Duration.ofMinutes(3).toNanos());
        assertThat(TimeLeft.grpc("4S")).isEqualTo(Duration.ofSeconds(4).toNanos());
        assertThat(TimeLeft.grpc("99999999m")).isEqualTo(99_999_999L * 1_000_000);
        assertThat(TimeLeft.grpc("6u")).isEqualTo(6_000);
        assertThat(TimeLeft.grpc("7n")).isEqualTo(7);
        assertThat(List.of("", "m", "123456789m", "5s", "-1m", "5"))
                .allMatch(text -> TimeLeft.grpc(text) == TimeLeft.UNSAID);
        assertThat(TimeLeft.toMillis(1)).isEqualTo("1");
        assertThat(TimeLeft.toMillis(1_999_999)).isEqualTo("1");
        assertThat(TimeLeft.toGrpc(Duration.ofMillis(15).toNanos())).isEqualTo("15000u");
        assertThat(TimeLeft.toGrpc(Duration.ofHours(1).toNanos())).isEqualTo("3600000m");
        assertThat(TimeLeft.toGrpc(Duration.ofDays(30).toNanos())).isEqualTo("2592000S");
    }
}
