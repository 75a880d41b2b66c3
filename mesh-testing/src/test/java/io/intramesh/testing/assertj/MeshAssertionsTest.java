package io.intramesh.testing.assertj;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.OfflineMesh;
import io.intramesh.Reason;
import io.intramesh.testing.expectation.ShopMesh;
import java.time.Duration;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

final class MeshAssertionsTest {
    private final OfflineMesh mesh = ShopMesh.mesh();

    @Test
    void whatTheMeshDoesCanBeSaidInOneChain() {
        MeshAssertions.assertThat(mesh)
                .from("orders")
                .to("payments.local")
                .routes("GET /beta")
                .goesTo("payments-v1", 90)
                .goesTo("payments-v2", 10)
                .takesRoute("beta")
                .timesOutAfter(Duration.ofSeconds(2))
                .timesOutWhenIdleFor(Duration.ofMinutes(5))
                .retriesAtMost(2);
        MeshAssertions.assertThat(mesh)
                .from("orders")
                .routes("GET http://payments.local/beta")
                .withHeader("x-tester", "yes")
                .goesTo("payments-v2")
                .takesRoute("testers");
        MeshAssertions.assertThat(mesh)
                .inMesh("shop")
                .from("orders")
                .routes("GET http://payments.local/thirds")
                .goesTo("payments-v2", 33.3);
        MeshAssertions.assertThat(mesh)
                .from("orders")
                .routes("POST http://payments.local/pay")
                .isRefused()
                .isRefused(Reason.NO_ROUTE);
        MeshAssertions.assertThat(mesh)
                .throughGateway("front")
                .routes("GET http://shop.example.com/shop/pay")
                .takesGatewayRoute("pay")
                .isRewrittenTo("payments.local /pay")
                .isRewrittenTo("payments.local/pay")
                .isRewrittenTo("payments.local")
                .isRewrittenTo("/pay");
        MeshAssertions.assertThat(mesh)
                .from("orders")
                .routes("GET https://s3.amazonaws.com/")
                .leavesTheMesh();
        MeshAssertions.assertThat(mesh)
                .from("storefront")
                .routes("GET http://paymentz.local/")
                .outsideTheMesh()
                .isRefused(Reason.EGRESS_DENIED);
        MeshAssertions.assertThat(mesh)
                .from("orders")
                .routes("grpc stock.local shop.Stock/Reserve")
                .goesTo("stock-v1");
        MeshAssertions.assertThat(mesh).meets("orders calling tcp ledger.local:5432 goes to ledger");
    }

    @Test
    void aFailureShowsExpectationOutcomeAndExplanation() {
        String message = failure(() -> MeshAssertions.assertThat(mesh)
                .as("the canary")
                .from("orders")
                .to("payments.local")
                .routes("GET /beta")
                .goesTo("payments-v2", 50));

        Assertions.assertThat(message)
                .startsWith("[the canary]")
                .contains(
                        "orders calling GET /beta",
                        "expected: goes 50 % to payments-v2 (found: 10 %)",
                        "happens:  goes 90 % to payments-v1:8083 and 10 % to payments-v2:8084, by route beta",
                        "route testers (",
                        "virtual router: payments",
                        "timeout.perRequest = 2 s");
    }

    @Test
    void eachAssertionCanFail() {
        CallAssert beta = beta();

        failure(() -> beta.goesTo("payments-v1"));
        failure(() -> beta.goesTo("payments-v2", 0));
        failure(() -> beta.goesTo("payments-v2", 10.5));
        failure(beta::isRefused);
        failure(() -> beta.isRefused(Reason.POLICY));
        failure(beta::leavesTheMesh);
        failure(() -> beta.takesRoute("pay"));
        failure(() -> beta.isRewrittenTo("payments.local /x"));
        failure(() -> beta.timesOutAfter(Duration.ZERO));
        failure(() -> beta.timesOutWhenIdleFor(Duration.ofSeconds(1)));
        failure(() -> beta.retriesAtMost(1));
        failure(() ->
                MeshAssertions.assertThat(mesh).meets("orders calling GET http://payments.local/beta is refused"));
    }

    @Test
    void aNameThatIsNotThereFails() {
        Assertions.assertThat(failure(() -> beta().goesTo("payments-v3", 0))).contains("did you mean 'payments-v1'?");
        Assertions.assertThat(failure(() -> MeshAssertions.assertThat(mesh)
                        .from("ordrs")
                        .routes("GET http://payments.local/")
                        .isRefused()))
                .contains("no virtual node 'ordrs' here; did you mean 'orders'?");
        Assertions.assertThat(failure(() -> beta().takesGatewayRoute("pay"))).contains("no gateway takes part");
        Assertions.assertThat(failure(() -> MeshAssertions.assertThat(mesh)
                        .inMesh("shp")
                        .meets("orders calling GET http://payments.local/beta is refused")))
                .contains("no mesh 'shp' here; did you mean 'shop'?");
    }

    @Test
    void aCallThatIsNotUnderstoodIsAMistakeOfTheTest() {
        assertThatThrownBy(() -> MeshAssertions.assertThat(mesh).routes("GET /beta"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("character 5: '/beta' (expected: a host");
        assertThatThrownBy(() -> MeshAssertions.assertThat(mesh).meets("orders calls payments"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(expected: calling)");
    }

    @Test
    void noMeshIsNoMesh() {
        failure(() -> MeshAssertions.assertThat(null).routes("GET http://payments.local/"));
    }

    private CallAssert beta() {
        return MeshAssertions.assertThat(mesh).from("orders").routes("GET http://payments.local/beta");
    }

    private static String failure(ThrowingCallable assertion) {
        AssertionError[] failure = new AssertionError[1];
        assertThatExceptionOfType(AssertionError.class).isThrownBy(assertion).satisfies(error -> failure[0] = error);
        return String.valueOf(failure[0].getMessage());
    }
}
