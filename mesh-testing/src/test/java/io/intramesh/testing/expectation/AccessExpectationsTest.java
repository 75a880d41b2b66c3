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
import org.jspecify.annotations.Nullable;
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
            ---
            apiVersion: intramesh.io/v1
            kind: AccessPolicy
            metadata: { mesh: shop, name: payments-v2 }
            spec:
              targetRef: { kind: VirtualNode, name: payments-v2 }
              jwt: [{ issuer: 'https://id.example', audiences: [shop], jwks: { file: /keys.json } }]
              rules:
                - { name: clerks, effect: ALLOW, methods: [GET], claims: { role: clerk } }
                - { name: readers, effect: ALLOW, methods: [PUT], claims: { scope: read } }
                - { name: not-leavers, effect: DENY, claims: { status: leaving } }
                - name: december
                  effect: ALLOW
                  methods: [DELETE]
                  notBefore: 2026-12-01T00:00:00Z
                  notAfter: 2027-01-01T00:00:00Z
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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET | | is allowed by rule clerks",
                "GET | with claim role: clerk | is allowed by rule clerks",
                "GET | , with claims role: clerk, role: guest | is allowed by rule clerks",
                "GET | with claim role: guest | is denied by default",
                "GET | with claims role: clerk and status: leaving | is denied by rule not-leavers",
                "GET | without a token | is denied by rule not-leavers",
                "PUT | with claim scope: 'read write' | is allowed by rule readers",
                "PUT | with claim scope: reader | is denied by default",
                "DELETE | at 2026-12-24T12:00:00+01:00 | is allowed by rule december",
                "DELETE | with claim role: guest at 2026-11-30T23:59:59Z | is denied by default",
                "DELETE | with claim role: guest, at 2027-01-01T00:00:00Z, | is denied by default",
            },
            quoteCharacter = '`')
    void aTokenAndATimeCanBeNamed(String method, @Nullable String details, String claim) {
        String sentence = "orders calling " + method + " http://payments.local/beta with header x-tester: yes "
                + (details == null ? "" : details) + " " + claim;

        Outcome outcome = checker.check(Expectation.parse(sentence));

        assertThat(outcome.messages()).as(sentence).isEmpty();
        assertThat(outcome.isMet()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "with claim clerk is allowed | a claim of the caller's token, such as role: clerk",
                "at noon is allowed | a time with its offset, such as 2026-12-01T09:00:00Z",
                "without token is allowed | expected: a token",
                "with role: x is allowed | header, headers, claim or claims",
            })
    void whatIsNoTokenAndNoTimeIsNotUnderstood(String details, String message) {
        assertThatThrownBy(() -> Expectation.parse("a calling http://a/ " + details))
                .hasMessageContaining(message);
    }

    @Test
    void mappingsNameThemToo() {
        List<MeshTestCase> cases = MeshTestCase.of(DocumentReader.builder()
                .environment(Map.of())
                .build()
                .read(List.of(RawDocument.of("tests.yaml", """
                        apiVersion: intramesh.io/v1
                        kind: MeshTest
                        metadata: { mesh: shop, name: tokens }
                        spec:
                          expectations:
                            - { caller: orders, call: GET http://payments.local/beta, headers: { x-tester: "yes" },
                                claims: { role: [clerk, guest] }, isAllowed: clerks }
                            - { caller: orders, call: GET http://payments.local/beta, headers: { x-tester: "yes" },
                                claims: {}, isDenied: not-leavers }
                            - { caller: orders, call: DELETE http://payments.local/beta, headers: { x-tester: "yes" },
                                claims: { role: guest }, at: 2026-12-01T00:00:00Z, isAllowed: december }
                        """)))
                .tests());

        assertThat(cases).hasSize(3);
        assertThat(cases)
                .allSatisfy(test -> assertThat(test.check(checker).messages())
                        .as(test.title())
                        .isEmpty());
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
