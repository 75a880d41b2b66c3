package io.intramesh.samples.shop.runner;

import static io.intramesh.testing.assertj.MeshAssertions.assertThat;

import io.intramesh.OfflineMesh;
import io.intramesh.Reason;
import io.intramesh.testing.junit.MeshExpectations;
import io.intramesh.testing.junit.MeshTest;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What the shop expects of its mesh: the sentences beside the resources, and the same from Java. */
@MeshTest("../mesh")
final class MeshExpectationsTest {
    @TestFactory
    Stream<DynamicNode> sentences() {
        return MeshExpectations.in("../mesh");
    }

    @Test
    void theBetaIsACanary(OfflineMesh mesh) {
        assertThat(mesh)
                .from("orders")
                .to("payments.local")
                .routes("POST /beta/pay")
                .goesTo("payments-v1", 90)
                .goesTo("payments-v2", 10)
                .takesRoute("beta");
    }

    @Test
    void ourTestersGetTheNewVersion(OfflineMesh mesh) {
        assertThat(mesh)
                .from("orders")
                .to("payments.local")
                .routes("POST /beta/pay")
                .withHeader("x-shop-tester", "yes")
                .goesTo("payments-v2")
                .takesRoute("testers");
    }

    @Test
    void theStorefrontCannotPayWithoutAnOrder(OfflineMesh mesh) {
        assertThat(mesh)
                .from("storefront")
                .routes("POST http://payments.local/pay")
                .isRefused(Reason.EGRESS_DENIED);
    }
}
