package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExplainCommandTest {
    @TempDir
    private Path folder;

    @Test
    void aRequestThatIsTakenSaysWhereItGoesAndWhy() throws Exception {
        Run run = explain("--virtual-node", "storefront", "GET", "http://payments.local/beta?id=1");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.lines().get(0))
                .isEqualTo("GET http://payments.local/beta?id=1 from storefront"
                        + " goes to payments-v1 (90.00 %), payments-v2 (10.00 %)");
        assertThat(run.out()).contains("virtual service: payments.local", "virtual router: payments", "* beta");
    }

    @Test
    void aRefusalIsAnAnswer() throws Exception {
        Run run = explain("POST", "payments.local/beta");

        assertThat(run.exitCode()).isZero();
        assertThat(run.lines().get(0)).isEqualTo("POST payments.local/beta is refused: NO_ROUTE");
        assertThat(run.out()).contains("- beta", "- orders", "no match:", "refused: NO_ROUTE: ");
    }

    @Test
    void aCallerThatDoesNotDeclareTheBackendIsRefused() throws Exception {
        Run run = explain("--virtual-node", "payments-v1", "GET", "payments.local/beta");

        assertThat(run.exitCode()).isZero();
        assertThat(run.lines().get(0)).endsWith("is refused: EGRESS_DENIED");
    }

    @Test
    void jsonBeginsWithTheKeysOfALine() throws Exception {
        Run run = explain("--json", "GET", "http://payments.local/beta?id=1");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .startsWith("{\"virtualService\":\"payments.local\",\"virtualRouter\":\"payments\",\"route\":\"beta\","
                        + "\"targets\":[{\"virtualNode\":\"payments-v1\",\"weight\":90,\"port\":8081},"
                        + "{\"virtualNode\":\"payments-v2\",\"weight\":10,\"port\":8082}],\"gatewayRoute\":null,"
                        + "\"forwardedHost\":\"payments.local\",\"forwardedPath\":\"/beta?id=1\",\"refusal\":null,"
                        + "\"message\":null,\"gatewayRoutesTried\":[],\"routesTried\":[{\"name\":\"beta\",");
        assertThat(run.lines()).hasSize(1);
    }

    @Test
    void aGatewayRewritesAndTheRouterDecidesOnTheRewrittenRequest() throws Exception {
        Run run = explain("--virtual-gateway", "front", "GET", "http://shop.example.com/pay/beta/x");

        assertThat(run.exitCode()).isZero();
        assertThat(run.lines().get(0)).contains(" at front goes to payments-v1");
        assertThat(run.out()).contains("forwarded as: payments.local/beta/x");
    }

    @Test
    void theProtocolCanBeNamed() throws Exception {
        Run run = explain("--protocol", "grpc", "POST", "stock.local/shop.Stock/Reserve");

        assertThat(run.exitCode()).isZero();
        assertThat(run.lines().get(0)).endsWith("goes to stock (100.0 %)");
        assertThat(explain("--protocol", "quic", "POST", "stock.local/").exitCode())
                .isEqualTo(2);
    }

    @Test
    void headersCount() throws Exception {
        Files.writeString(folder.resolve("vip.yaml"), """
                apiVersion: intramesh.io/v1
                kind: Route
                metadata: { mesh: shop, virtualRouter: payments, name: vip }
                spec:
                  priority: 0
                  httpRoute:
                    match: { prefix: /, headers: [{ name: x-vip, match: { exact: "yes" } }] }
                    action: { weightedTargets: [{ virtualNode: payments-v2, weight: 1 }] }
                """);

        assertThat(explain("-H", "X-VIP: yes", "GET", "payments.local/beta").out())
                .contains("goes to payments-v2 (100.0 %)");
        assertThat(explain("-H", "X-VIP: no", "GET", "payments.local/beta").out())
                .contains("goes to payments-v1");
    }

    @Test
    void badInputIsAUsageErrorWithoutAnAnswer() throws Exception {
        assertUsageError(explain("GET"), "METHOD and URL");
        assertUsageError(explain(), "METHOD and URL");
        assertUsageError(explain("get", "payments.local"), "(expected: GET, in capitals)");
        assertUsageError(explain("GET", "payments.local:99999"), "port: 99999");
        assertUsageError(explain("-H", "x", "GET", "payments.local"), "no colon");
        assertUsageError(explain("--virtual-node", "nobody", "GET", "payments.local"), "nobody");
        assertUsageError(explain("--virtual-gateway", "nowhere", "GET", "payments.local"), "nowhere");
        assertUsageError(explain("--mesh", "nomesh", "GET", "payments.local"), "nomesh");
        assertUsageError(explain("--requests", "x", "GET", "payments.local"), "--requests");
        assertUsageError(Run.mesh("explain", "GET", "payments.local"), "--registry");
        assertUsageError(
                Run.mesh("explain", "--registry", folder.resolve("none").toString(), "GET", "a.local"),
                "no such file or folder");
    }

    @Test
    void whatIsRefusedAtLoadIsSaidAndTheRestExplained() throws Exception {
        Files.writeString(folder.resolve("broken.yaml"), "kind: [\n");

        Run run = explain("GET", "payments.local/beta");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("goes to payments-v1");
        assertThat(run.err()).contains("broken.yaml:", "mesh validate");
    }

    @Test
    void ofSeveralMeshesTheOneThatHasWhatIsNamedIsAsked() throws Exception {
        Shop.withAnotherMesh(folder);

        assertThat(explain("GET", "http://web.local/").out()).contains("goes to web");
        assertThat(explain("GET", "http://stock.local/").exitCode()).isZero();
        assertThat(explain("--virtual-node", "storefront", "GET", "payments.local/beta")
                        .out())
                .contains("goes to payments-v1");
        assertThat(explain("--mesh", "other", "GET", "payments.local/").out()).contains("goes to web");
    }

    @Test
    void whatSeveralMeshesHaveMustBeNamed() throws Exception {
        Shop.withAnotherMesh(folder);

        assertUsageError(explain("GET", "payments.local/"), "other, shop; name it with --mesh");
        assertUsageError(explain("GET", "nowhere.local/"), "none of other, shop has what the request names");
    }

    private Run explain(String... arguments) throws Exception {
        String[] all = new String[arguments.length + 3];
        all[0] = "explain";
        all[1] = "--registry";
        all[2] = Shop.in(folder);
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        return Run.mesh(all);
    }

    private static void assertUsageError(Run run, String message) {
        assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains(message).doesNotContain("\tat ");
    }
}
