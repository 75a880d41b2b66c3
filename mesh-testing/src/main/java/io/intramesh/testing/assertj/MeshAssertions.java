package io.intramesh.testing.assertj;

import io.intramesh.OfflineMesh;
import org.jspecify.annotations.Nullable;

/**
 * Entry point of assertions on a mesh, beside those of AssertJ itself.
 *
 * <pre>{@code
 * import static io.intramesh.testing.assertj.MeshAssertions.assertThat;
 *
 * assertThat(mesh).from("orders").to("payments.local").routes("GET /beta")
 *         .goesTo("payments-v1", 90)
 *         .goesTo("payments-v2", 10)
 *         .takesRoute("beta");
 * assertThat(mesh).from("storefront").routes("GET http://ads.example/").isRefused(Reason.EGRESS_DENIED);
 * assertThat(mesh).meets("orders calling GET http://payments.local/pay goes to payments-v1");
 * }</pre>
 */
public final class MeshAssertions {
    private MeshAssertions() {}

    /** Begins an assertion on a mesh. */
    public static MeshAssert assertThat(@Nullable OfflineMesh actual) {
        return new MeshAssert(actual);
    }
}
