package io.intramesh.testing.expectation;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.DocumentReader;
import io.intramesh.document.RawDocument;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MeshTestCaseTest {
    private static final String HEAD = """
            apiVersion: intramesh.io/v1
            kind: MeshTest
            metadata: { mesh: shop, name: payments }
            spec:
              expectations:
            """;

    private final ExpectationChecker checker = ExpectationChecker.of(ShopMesh.mesh());

    @Test
    void sentencesMayStandWithoutQuotesThoughYamlTakesThemApart() {
        List<MeshTestCase> cases = read("""
                    - orders calling POST http://payments.local/pay is refused: NO_ROUTE
                    - orders calling GET http://payments.local/beta with header x-tester: yes goes to payments-v2
                    - "orders calling GET http://payments.local/beta with header x-tester: no, goes 10 % to payments-v2"
                """);

        assertThat(cases)
                .allSatisfy(test -> assertThat(test.check(checker).messages()).isEmpty());
        assertThat(cases.get(1).title())
                .isEqualTo(
                        "orders calling GET http://payments.local/beta with header x-tester: yes goes to payments-v2");
        assertThat(cases.get(0).test()).isEqualTo("payments");
        assertThat(cases.get(0).origin()).hasToString("t.yaml:6:7");
    }

    @Test
    void troubleHasItsOwnPlace() {
        List<MeshTestCase> cases = read("""
                    - orders calling POST http://payments.local/pay is refusd
                    - orders calling POST http://payments.local/pay is refused: NO_ROUT
                    - >
                      orders calling GET http://payments.local/beta
                      goez to payments-v1
                """);

        assertThat(cases)
                .extracting(test -> test.place().toString())
                .containsExactly("t.yaml:6:56", "t.yaml:7:65", "t.yaml:10:7");
        assertThat(cases)
                .allSatisfy(test -> assertThat(test.check(checker).status()).isEqualTo(Outcome.Status.ERROR));
        assertThat(cases.get(2).title()).isEqualTo("orders calling GET http://payments.local/beta goez to payments-v1");
    }

    @Test
    void aMappingSaysTheSame() {
        List<MeshTestCase> cases = read("""
                    - name: the beta is a canary
                      caller: orders
                      call: GET http://payments.local/beta
                      goesTo: { payments-v1: 90, payments-v2: 10 }
                      takesRoute: beta
                      timesOutAfter: 2 s
                      retriesAtMost: 2
                    - { caller: orders, call: GET http://payments.local/beta, headers: { x-tester: "yes" }, goesTo: payments-v2 }
                    - { caller: orders, call: POST http://payments.local/pay, isRefused: NO_ROUTE }
                    - { call: POST http://payments.local/pay, isRefused: true }
                    - { gateway: front, call: GET http://shop.example.com/shop/pay, as: payments.local /pay, takesGatewayRoute: pay }
                    - { caller: orders, call: GET http://x.example/, isOutsideTheMesh: true, isRefused: EGRESS_DENIED }
                    - { caller: orders, call: GET http://payments.local/beta, goesTo: { payments-v2: 10 } }
                    - { caller: orders, call: GET http://payments.local/beta, goesTo: { payments-v1: 90 }, restGoesElsewhere: true }
                    - { caller: orders, call: GET https://s3.amazonaws.com/, leavesTheMesh: true }
                    - { caller: orders, call: GET http://payments.local/pay, timesOutWhenIdleFor: 300 s }
                """);

        assertThat(cases)
                .allSatisfy(test -> assertThat(test.check(checker).messages()).isEmpty());
        assertThat(cases)
                .extracting(MeshTestCase::title)
                .startsWith(
                        "the beta is a canary",
                        "orders calling GET http://payments.local/beta",
                        "orders calling POST http://payments.local/pay",
                        "anyone calling POST http://payments.local/pay",
                        "through gateway front calling GET http://shop.example.com/shop/pay");
    }

    @Test
    void aMappingThatIsWrongNamesThePlace() {
        List<MeshTestCase> cases = read("""
                    - { caller: orders, call: GET http://payments.local/beta, goesTo: { payments-v1: 50, payments-v2: 10 } }
                    - { callerr: orders, call: GET http://payments.local/beta, goesTo: payments-v1 }
                    - { caller: orders, goesTo: payments-v1 }
                    - { caller: orders, call: GET http://payments.local/beta }
                    - { call: GET http://payments.local/beta, goesTo: payments-v1, isRefused: true }
                    - { call: GET http://payments.local/beta, goesTo: { payments-v1: lots } }
                    - { call: GET http://payments.local/beta, isRefused: POLICI }
                    - { call: GET http://payments.local/beta, leavesTheMesh: maybe }
                    - [ a, b ]
                    - { call: GET http://payments.local/beta, timesOutAfter: soon }
                    - { caller: a, gateway: b, call: GET http://payments.local/beta, isRefused: true }
                    - { call: GET http://payments.local/beta, isRefused: ~ }
                    - 7
                """);

        assertThat(cases)
                .extracting(test -> test.check(checker).messages().get(0))
                .satisfiesExactly(
                        m -> assertThat(m).startsWith("goesTo: the shares make 60 %"),
                        m -> assertThat(m).startsWith("unknown member 'callerr'; did you mean 'caller'?"),
                        m -> assertThat(m).startsWith("call: missing"),
                        m -> assertThat(m).startsWith("nothing is expected"),
                        m -> assertThat(m).startsWith("isRefused: a call either goes to a node"),
                        m -> assertThat(m).startsWith("goesTo.payments-v1: 'lots' (expected: a share in percent"),
                        m -> assertThat(m).contains("did you mean 'POLICY'?"),
                        m -> assertThat(m).startsWith("leavesTheMesh: 'maybe' (expected: true or false)"),
                        m -> assertThat(m).startsWith("a list (expected: a sentence, or a mapping)"),
                        m -> assertThat(m).startsWith("'soon' (expected: a duration"),
                        m -> assertThat(m).startsWith("gateway: together with caller"),
                        m -> assertThat(m).startsWith("isRefused: nothing (expected: a value)"),
                        m -> assertThat(m).startsWith("the sentence ends here (expected: calling)"));
        assertThat(cases.get(0).place()).hasToString("t.yaml:6:71");
        assertThat(cases.get(5).place()).hasToString("t.yaml:11:70");
        assertThat(cases.get(9).place()).hasToString("t.yaml:15:62");
    }

    @Test
    void whatIsWrongWithTheDocumentIsACaseOfItsOwn() {
        List<MeshTestCase> cases =
                cases(HEAD.replace("name: payments", "nam: payments") + "    - x calling y is refused\n");

        assertThat(cases).hasSize(2);
        assertThat(cases.get(0).check(checker).messages().get(0)).contains("did you mean 'name'?");
        assertThat(cases.get(0).test()).isEqualTo("t.yaml");
    }

    @Test
    void theMeshOfTheDocumentCounts() {
        List<MeshTestCase> cases =
                cases(HEAD.replace("mesh: shop", "mesh: shp") + "    - orders calling payments is refused\n");

        assertThat(cases.get(0).check(checker).messages()).containsExactly("no mesh 'shp' here; did you mean 'shop'?");
    }

    private static List<MeshTestCase> read(String expectations) {
        return cases(HEAD + expectations);
    }

    private static List<MeshTestCase> cases(String text) {
        return MeshTestCase.of(DocumentReader.builder()
                .environment(Map.of())
                .build()
                .read(List.of(RawDocument.of("t.yaml", text)))
                .tests());
    }
}
