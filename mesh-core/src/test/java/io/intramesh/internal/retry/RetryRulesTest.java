package io.intramesh.internal.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.model.RetryPolicy;
import io.intramesh.model.RetryPolicy.GrpcEvent;
import io.intramesh.model.RetryPolicy.HttpEvent;
import io.intramesh.model.RetryPolicy.TcpEvent;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class RetryRulesTest {
    @Test
    void aServerErrorIsEveryStatusOfAppMeshsListAndEveryLoss() {
        RetryRules rules = http(HttpEvent.SERVER_ERROR);

        assertThat(statuses(rules)).containsExactly(500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511);
        assertThat(losses(rules)).containsExactly(Loss.NOT_CONNECTED, Loss.REFUSED, Loss.RESET);
    }

    @Test
    void aGatewayErrorIsThreeStatusesAndEveryLoss() {
        RetryRules rules = http(HttpEvent.GATEWAY_ERROR);

        assertThat(statuses(rules)).containsExactly(502, 503, 504);
        assertThat(losses(rules)).containsExactly(Loss.NOT_CONNECTED, Loss.REFUSED, Loss.RESET);
    }

    @Test
    void aClientErrorIs409Alone() {
        RetryRules rules = http(HttpEvent.CLIENT_ERROR);

        assertThat(statuses(rules)).containsExactly(409);
        assertThat(losses(rules)).isEmpty();
    }

    @Test
    void aStreamErrorIsARefusedStreamAlone() {
        RetryRules rules = http(HttpEvent.STREAM_ERROR);

        assertThat(statuses(rules)).isEmpty();
        assertThat(losses(rules)).containsExactly(Loss.REFUSED);
    }

    @Test
    void aConnectionErrorIsAFailedConnectAlone() {
        RetryRules rules =
                RetryRules.of(new RetryPolicy(1, Duration.ZERO, Set.of(), Set.of(TcpEvent.CONNECTION_ERROR), Set.of()));

        assertThat(statuses(rules)).isEmpty();
        assertThat(losses(rules)).containsExactly(Loss.NOT_CONNECTED);
    }

    @Test
    void aGrpcEventIsItsStatusAlone() {
        for (GrpcEvent event : GrpcEvent.values()) {
            RetryRules rules = RetryRules.of(new RetryPolicy(1, Duration.ZERO, Set.of(), Set.of(), Set.of(event)));

            assertThat(rules.takesGrpc()).isTrue();
            assertThat(IntStream.range(0, 20).filter(status -> rules.takesGrpcStatus(Integer.toString(status))))
                    .as("statuses of %s", event)
                    .containsExactly(event.status());
            assertThat(statuses(rules)).isEmpty();
            assertThat(losses(rules)).isEmpty();
        }
    }

    @Test
    void aGrpcStatusThatIsNoneIsNotTaken() {
        RetryRules rules =
                RetryRules.of(new RetryPolicy(1, Duration.ZERO, Set.of(), Set.of(), Set.of(GrpcEvent.values())));

        assertThat(Stream.of("", "x", "-1", "99999999999", "0", "17").filter(rules::takesGrpcStatus))
                .isEmpty();
        assertThat(rules.takesGrpcStatus(null)).isFalse();
    }

    @Test
    void theDefaultPolicyIsAppMeshs() {
        RetryRules rules = RetryRules.of(null);

        assertThat(rules.isWritten()).isFalse();
        assertThat(rules.maxRetries()).isEqualTo(2);
        assertThat(statuses(rules)).containsExactly(503);
        assertThat(losses(rules)).containsExactly(Loss.NOT_CONNECTED, Loss.REFUSED, Loss.RESET);
        assertThat(rules.takesGrpcStatus("14")).isTrue();
        assertThat(rules.takesGrpcStatus("13")).isFalse();
    }

    @Test
    void aRequestMayAddEventsAndSayHowOften() {
        RetryRules rules = RetryRules.of(null)
                .with(
                        "gateway-error, retriable-status-codes,http3-post-connect-failure",
                        "internal",
                        "7",
                        "429, 418,x");

        assertThat(rules.isWritten()).isTrue();
        assertThat(rules.maxRetries()).isEqualTo(7);
        assertThat(statuses(rules)).containsExactly(418, 429, 502, 503, 504);
        assertThat(rules.takesGrpcStatus("13")).isTrue();
    }

    @Test
    void aNumberOfRetriesAloneWritesNoPolicy() {
        RetryRules rules = RetryRules.of(null).with(null, null, "0", null);

        assertThat(rules.isWritten()).isFalse();
        assertThat(rules.maxRetries()).isZero();
        assertThat(RetryRules.of(null).with(null, null, "many", null).maxRetries())
                .isEqualTo(2);
    }

    @Test
    void aLimitBeyondAllTimeLimitsNothing() {
        RetryPolicy policy = new RetryPolicy(
                Long.MAX_VALUE, Duration.ofSeconds(Long.MAX_VALUE), Set.of(HttpEvent.SERVER_ERROR), Set.of(), Set.of());

        assertThat(RetryRules.perTryNanos(policy)).isZero();
        assertThat(RetryRules.of(policy).maxRetries()).isEqualTo(Long.MAX_VALUE);
    }

    private static RetryRules http(HttpEvent event) {
        return RetryRules.of(new RetryPolicy(1, Duration.ZERO, Set.of(event), Set.of(), Set.of()));
    }

    private static Set<Integer> statuses(RetryRules rules) {
        return IntStream.range(100, 600)
                .filter(rules::takesStatus)
                .boxed()
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<Loss> losses(RetryRules rules) {
        return Stream.of(Loss.values()).filter(rules::takes);
    }
}
