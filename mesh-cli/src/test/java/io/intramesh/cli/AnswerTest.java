package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.Reason;
import io.intramesh.cli.Question.Answered;
import io.intramesh.explain.Explanation;
import java.util.List;
import org.junit.jupiter.api.Test;

/** People script against these texts. A test that fails here has found a change that breaks them. */
final class AnswerTest {
    private static final Explanation TAKEN = new Explanation(
            List.of(new Explanation.Tried("front", "prefix /", null)),
            "front",
            "payments.local",
            "/beta?id=1",
            "payments.local",
            "payments",
            List.of(
                    new Explanation.Tried("admin", "prefix /admin", "path: /beta"),
                    new Explanation.Tried("beta", "prefix /beta", null)),
            "beta",
            List.of(
                    new Explanation.Target("payments-v1", 90, 8080, 0.9, List.of()),
                    new Explanation.Target("payments-v2", 0, null, 0, List.of())),
            List.of(new Explanation.Setting("timeout.perRequest", "15 s", "default")),
            List.of(new Explanation.Access(
                    "payments-v1",
                    true,
                    "payments",
                    "callers",
                    "denied by rule 'no-admin' of accessPolicy 'strict'",
                    List.of(new Explanation.Tried("ALLOW 'callers'", "everything", null)))),
            null);

    private static final Explanation REFUSED = new Explanation(
            List.of(),
            null,
            "payments.local",
            null,
            "payments.local",
            null,
            List.of(),
            null,
            List.of(),
            List.of(),
            List.of(),
            new Explanation.Refused(Reason.NO_ROUTE, "no \"route\" für it"));

    @Test
    void aLineHasTheKeysInTheirOrder() {
        assertThat(Answer.line(Answered.of(TAKEN)))
                .isEqualTo("{\"virtualService\":\"payments.local\",\"virtualRouter\":\"payments\",\"route\":\"beta\","
                        + "\"targets\":[{\"virtualNode\":\"payments-v1\",\"weight\":90,\"port\":8080},"
                        + "{\"virtualNode\":\"payments-v2\",\"weight\":0,\"port\":null}],"
                        + "\"gatewayRoute\":\"front\",\"forwardedHost\":\"payments.local\","
                        + "\"forwardedPath\":\"/beta?id=1\",\"refusal\":null}");
    }

    @Test
    void aRefusalHasTheSameKeys() {
        assertThat(Answer.line(Answered.of(REFUSED)))
                .isEqualTo("{\"virtualService\":\"payments.local\",\"virtualRouter\":null,\"route\":null,"
                        + "\"targets\":[],\"gatewayRoute\":null,\"forwardedHost\":\"payments.local\","
                        + "\"forwardedPath\":null,\"refusal\":\"NO_ROUTE\"}");
    }

    @Test
    void theFullAnswerBeginsLikeALineAndAddsWhy() {
        String line = Answer.line(Answered.of(TAKEN));

        assertThat(Answer.full(Answered.of(TAKEN)))
                .isEqualTo(line.substring(0, line.length() - 1)
                        + ",\"message\":null,"
                        + "\"gatewayRoutesTried\":[{\"name\":\"front\",\"conditions\":\"prefix /\",\"mismatch\":null}],"
                        + "\"routesTried\":[{\"name\":\"admin\",\"conditions\":\"prefix /admin\","
                        + "\"mismatch\":\"path: /beta\"},"
                        + "{\"name\":\"beta\",\"conditions\":\"prefix /beta\",\"mismatch\":null}],"
                        + "\"settings\":[{\"name\":\"timeout.perRequest\",\"value\":\"15 s\",\"source\":\"default\"}],"
                        + "\"access\":[{\"virtualNode\":\"payments-v1\",\"isAllowed\":true,\"policy\":\"payments\","
                        + "\"rule\":\"callers\",\"shadow\":\"denied by rule 'no-admin' of accessPolicy 'strict'\","
                        + "\"rulesTried\":[{\"name\":\"ALLOW 'callers'\",\"conditions\":\"everything\","
                        + "\"mismatch\":null}]}]}");
        assertThat(Answer.full(Answered.of(REFUSED))).contains("\"message\":\"no \\\"route\\\" für it\"");
    }

    @Test
    void anErrorNamesItsLine() {
        assertThat(Answer.error(3, "no \"JSON\"")).isEqualTo("{\"error\":\"line 3: no \\\"JSON\\\"\"}");
    }
}
