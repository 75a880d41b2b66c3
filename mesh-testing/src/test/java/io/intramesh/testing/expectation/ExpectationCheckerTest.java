package io.intramesh.testing.expectation;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.OfflineMesh;
import io.intramesh.model.ResourceSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ExpectationCheckerTest {
    private final ExpectationChecker checker = ExpectationChecker.of(ShopMesh.mesh());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "orders calling GET http://payments.local/beta/x goes 10 % to payments-v2",
                "orders calling GET http://payments.local/beta goes 90 % to payments-v1 and 10 % to payments-v2",
                "orders calling GET http://payments.local/beta goes 90 % to payments-v1:8083, 10 % to payments-v2:8084",
                "orders calling GET http://payments.local/beta goes 90 % to payments-v1, by route beta",
                "orders calling GET http://payments.local/beta goes 90 % to payments-v1 and the rest elsewhere",
                "orders calling GET http://PAYMENTS.local/beta with header X-Tester: yes goes to payments-v2",
                "orders calling GET http://payments.local/beta times out after 2 s, retries at most 2 times",
                "orders calling GET http://payments.local/beta times out after 2000 ms",
                "orders calling GET http://payments.local/pay times out after 15 s, times out when idle for 5 min",
                "orders calling GET http://payments.local/thirds retries at most 1 time",
                "orders calling GET http://payments.local/thirds goes 33 % to payments-v2",
                "orders calling GET http://payments.local/thirds goes 33.3 % to payments-v2",
                "orders calling GET http://payments.local/thirds goes 67 % to payments-v1 and 33 % to payments-v2",
                "orders calling POST http://payments.local/pay is refused: NO_ROUTE",
                "orders calling POST http://payments.local/pay is refused",
                "orders calling payments /pay goes to payments-v1",
                "anyone calling payments.local/pay goes to payments-v1",
                "storefront calling http://payments.local/pay is refused: EGRESS_DENIED",
                "storefront calling GET http://ads.example/offers is refused: EGRESS_DENIED",
                "storefront calling GET http://paymentz.local/ outside the mesh is refused: EGRESS_DENIED",
                "storefront calling GET http://ads.example/offers outside the mesh is refused",
                "orders calling GET https://s3.us-east-1.amazonaws.com/bucket leaves the mesh",
                "orders calling grpc stock.local shop.Stock/Reserve goes to stock-v1, by route reserve",
                "orders calling grpc stock.local shop.Stock/Count is refused: NO_ROUTE",
                "orders calling tcp ledger.local:5432 goes to ledger",
                "through gateway front calling GET http://shop.example.com/shop/pay goes to payments-v1,"
                        + " by gateway route pay, by route pay, as payments.local /pay",
                "through gateway front calling GET http://other.example.com/shop/pay is refused: NO_ROUTE",
            })
    void whatTheMeshDoesIsMet(String sentence) {
        Outcome outcome = checker.check(Expectation.parse(sentence));

        assertThat(outcome.messages()).isEmpty();
        assertThat(outcome.isMet()).isTrue();
        assertThat(outcome).hasToString("");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "orders calling GET http://payments.local/beta goes 50 % to payments-v2 | goes 50 % to payments-v2 (found: 10 %)",
                "orders calling GET http://payments.local/beta goes to payments-v1 | goes 100 % to payments-v1 (found: 90 %)",
                "orders calling GET http://payments.local/beta goes 0 % to payments-v2 | goes 0 % to payments-v2 (found: 10 %)",
                "orders calling GET http://payments.local/thirds goes 33.30 % to payments-v2 | (found: 33.33 %)",
                "orders calling GET http://payments.local/thirds goes 34 % to payments-v2 | (found: 33.33 %)",
                "orders calling GET http://payments.local/beta goes 90 % to payments-v1 and 10 % to ledger | nothing to payments-v2",
                "orders calling GET http://payments.local/beta goes 10 % to payments-v2:8083 | (found: 0 %)",
                "orders calling GET http://payments.local/beta is refused | is refused (found: it is not)",
                "orders calling POST http://payments.local/pay is refused: POLICY | is refused: POLICY (found: NO_ROUTE)",
                "orders calling POST http://payments.local/pay goes to payments-v1 | goes 100 % to payments-v1",
                "orders calling GET http://payments.local/beta takes route pay | takes route pay (found: beta)",
                "orders calling GET http://payments.local/beta times out after 3 s | times out after 3 s (found: 2 s, ",
                "orders calling GET http://payments.local/beta never times out | never times out (found: 2 s, ",
                "orders calling POST http://payments.local/pay times out after 15 s | (found: no such setting)",
                "orders calling GET http://payments.local/thirds retries at most 0 times | (found: 1 retry on server-error",
                "orders calling GET http://payments.local/beta leaves the mesh | leaves the mesh (found: it does not)",
                "storefront calling GET http://ads.example/offers leaves the mesh | leaves the mesh (found: it does not)",
                "through gateway front calling GET http://shop.example.com/shop/pay as payments.local /x | goes on as payments.local /x (found: payments.local /pay)",
            })
    void whatTheMeshDoesNotDoIsTold(String sentence, String difference) {
        Outcome outcome = checker.check(Expectation.parse(sentence));

        assertThat(outcome.status()).isEqualTo(Outcome.Status.FAILED);
        assertThat(String.join(", ", outcome.messages())).contains(difference);
        assertThat(outcome.toString()).startsWith("expected: ").contains("\nhappens:  ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ordrs calling GET http://payments.local/beta is refused | no virtual node 'ordrs' here; did you mean 'orders'?",
                "orders calling GET http://paymets.local/beta is refused | no virtual service 'paymets.local' here; did you mean 'payments.local'?",
                "orders calling GET http://paymets.local/beta is refused: EGRESS_DENIED | did you mean 'payments.local'?",
                "orders calling GET http://paymets.local/beta leaves the mesh | did you mean 'payments.local'?",
                "orders calling GET http://ads.example/ is refused | write 'outside the mesh' behind it",
                "orders calling GET http://ads.example/ is refused: NO_ROUTE | no virtual service 'ads.example' here",
                "orders calling GET http://payments.local/ outside the mesh is refused | leave out 'outside the mesh'",
                "orders calling GET http://payments.local/beta goes 0 % to payments-v3 | no virtual node 'payments-v3' here; did you mean 'payments-v1'?",
                "orders calling POST http://payments.local/ is refused, by route bta | no route 'bta' in virtual router 'payments'; did you mean 'beta'?",
                "through gateway frnt calling GET http://x.com/ is refused | no virtual gateway 'frnt' here; did you mean 'front'?",
                "through gateway front calling GET http://x.com/ takes gateway route pau | no gateway route 'pau' in virtual gateway 'front'; did you mean 'pay'?",
                "orders calling GET http://payments.local/beta takes gateway route pay | no gateway takes part in this call",
            })
    void aNameThatIsNotThereIsAnErrorAndNeverMet(String sentence, String message) {
        Outcome outcome = checker.check(Expectation.parse(sentence));

        assertThat(outcome.status()).isEqualTo(Outcome.Status.ERROR);
        assertThat(String.join(", ", outcome.messages())).contains(message);
    }

    @Test
    void theDifferenceShowsTheRoutesThatWereTried() {
        Outcome outcome = checker.check(Expectation.parse(
                "orders calling GET http://payments.local/beta goes to payments-v2, by route testers"));

        assertThat(outcome.happens())
                .isEqualTo("goes 90 % to payments-v1:8083 and 10 % to payments-v2:8084, by route beta");
        assertThat(outcome.tried()).hasSize(2);
        assertThat(outcome.tried().get(0))
                .startsWith("route testers (")
                .contains("no match: ")
                .contains("x-tester");
        assertThat(outcome.tried().get(1)).startsWith("route beta (").endsWith("takes it");
        assertThat(outcome.toString()).contains("expected: takes route testers (found: beta)");
    }

    @Test
    void aChangedWeightIsSeen() {
        Expectation expectation =
                Expectation.parse("orders calling GET http://payments.local/beta goes 10 % to payments-v2");
        OfflineMesh changed = ShopMesh.mesh(ShopMesh.TEXT.replace("weight: 10 ", "weight: 11 "));

        assertThat(ExpectationChecker.of(changed).check(expectation).status()).isEqualTo(Outcome.Status.FAILED);
    }

    @Test
    void theMeshMustBeClear() {
        Expectation any = Expectation.parse("anyone calling GET http://payments.local/ is refused");
        OfflineMesh two = ShopMesh.mesh(ShopMesh.TEXT
                + "---\n{ apiVersion: intramesh.io/v1, kind: Mesh, metadata: { name: other }, spec: {} }\n");

        assertThat(ExpectationChecker.of(two).check(any).messages())
                .containsExactly("no mesh is named, and there are other, shop; name one in metadata.mesh");
        assertThat(ExpectationChecker.of(OfflineMesh.of(ResourceSet.EMPTY))
                        .check(any)
                        .messages())
                .containsExactly("there are no resources to ask; name a folder that has some");
    }

    @Test
    void aShortNameThatFitsSeveralServicesIsNone() {
        OfflineMesh two = ShopMesh.mesh(ShopMesh.TEXT + """
                          ---
                          apiVersion: intramesh.io/v1
                          kind: VirtualService
                          metadata: { mesh: shop, name: payments.test }
                          spec: {}
                          """);

        assertThat(ExpectationChecker.of(two)
                        .check(Expectation.parse("orders calling payments /pay goes to payments-v1"))
                        .status())
                .isEqualTo(Outcome.Status.ERROR);
    }
}
