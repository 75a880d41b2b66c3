package io.intramesh.testing.expectation;

import static io.intramesh.testing.assertj.MeshAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.OfflineMesh;
import io.intramesh.document.DocumentReader;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sentences about access policies. */
final class AccessExpectationsTest {
    private static final String POLICIES = """
            ---
            apiVersion: intramesh.io/v1
            kind: AccessPolicy
            metadata: { mesh: shop, name: mesh }
            spec: { targetRef: { kind: Mesh, name: shop } }
            ---
            apiVersion: intramesh.io/v1
            kind: AccessPolicy
            metadata: { mesh: shop, name: payments-v1 }
            spec:
              targetRef: { kind: VirtualNode, name: payments-v1 }
              rules:
                - { name: orders, effect: ALLOW, callers: [{ virtualNode: orders }] }
                - { name: ops, effect: ALLOW, callers: [{ spiffeId: 'spiffe://ops.example/*' }] }
                - { name: no-admin, effect: DENY, callers: [{ virtualNode: orders }], paths: [{ prefix: /pay/admin }] }
            """;

    private final OfflineMesh mesh = mesh();
    private final ExpectationChecker checker = ExpectationChecker.of(mesh);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "orders calling GET http://payments.local/pay is allowed",
                "orders calling GET http://payments.local/pay is allowed by rule orders and goes to payments-v1",
                "orders calling GET http://payments.local/pay/admin/x is denied",
                "orders calling GET http://payments.local/pay/admin/x is denied by rule no-admin",
                "orders calling GET http://payments.local/pay/%61dmin is denied by rule no-admin, by route pay",
                "orders calling GET http://payments.local/pay/admin is refused: POLICY",
                "orders calling tcp ledger.local:5432 is denied by default",
                "spiffe://ops.example/cron calling GET http://payments.local/pay is allowed by rule ops",
                "spiffe://ops.example.evil/cron calling GET http://payments.local/pay is denied by default",
            })
    void whatPoliciesSayIsMet(String sentence) {
        Outcome outcome = checker.check(Expectation.parse(sentence));

        assertThat(outcome.messages()).isEmpty();
        assertThat(outcome.isMet()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "orders calling GET http://payments.local/pay is denied | is denied (found: payments-v1 allowed by rule 'orders' of accessPolicy 'payments-v1')",
                "orders calling GET http://payments.local/pay is allowed by rule ops | is allowed by rule ops (found: payments-v1 allowed by rule 'orders'",
                "orders calling GET http://payments.local/pay/admin is allowed | is allowed (found: payments-v1 denied by rule 'no-admin'",
                "orders calling GET http://payments.local/pay/admin is denied by default | is denied by default (found: payments-v1 denied by rule 'no-admin'",
                "orders calling tcp ledger.local:5432 is denied by rule x | is denied by rule x (found: ledger denied by the default of 'mesh')",
                "orders calling POST http://payments.local/pay is denied | is denied (found: is refused: NO_ROUTE)",
            })
    void whatPoliciesDoNotSayIsTold(String sentence, String difference) {
        Outcome outcome = checker.check(Expectation.parse(sentence));

        assertThat(outcome.status()).isEqualTo(Outcome.Status.FAILED);
        assertThat(outcome.messages()).singleElement().asString().contains(difference);
    }

    @Test
    void aCallIsNotAllowedAndDeniedAtOnce() {
        assertThatThrownBy(() -> Expectation.parse("a calling http://a/ is allowed, is denied"))
                .hasMessageContaining("a call is either allowed, or denied or refused");
        assertThatThrownBy(() -> Expectation.parse("spiffe://x calling http://a/ is allowed"))
                .hasMessageContaining("expected: a SPIFFE ID, such as spiffe://shop.example/shop/orders");
    }

    @Test
    void testsInJavaSayTheSame() {
        assertThat(mesh).from("orders").to("payments.local").routes("GET /pay").isAllowedByRule("orders");
        assertThat(mesh)
                .from("orders")
                .to("payments.local")
                .routes("GET /pay/admin")
                .isDeniedByRule("no-admin");
        assertThat(mesh)
                .from("orders")
                .to("ledger.local")
                .routes("tcp ledger.local:5432")
                .isDeniedByDefault();
        assertThatThrownBy(() -> assertThat(mesh)
                        .from("orders")
                        .to("payments.local")
                        .routes("GET /pay/admin")
                        .isAllowed())
                .hasMessageContaining("access to payments-v1: denied by rule 'no-admin' of accessPolicy 'payments-v1'");
    }

    private static OfflineMesh mesh() {
        ReadResult read = DocumentReader.builder()
                .environment(Map.of())
                .build()
                .read(List.of(RawDocument.of("shop.yaml", ShopMesh.TEXT + POLICIES)));
        assertThat(read.hasErrors()).as("%s", read.problems()).isFalse();
        return OfflineMesh.of(read.resources());
    }
}
