package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DescribeCommandTest {
    @TempDir
    private Path folder;

    @Test
    void aNodeIsShownWithItsDefaultsAndWhoSendsToIt() throws Exception {
        Run run = describe("VirtualNode", "payments-v1");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.lines())
                .contains(
                        "virtual node payments-v1",
                        "  mesh: shop",
                        "  written in: shop.yaml:13:1",
                        "  listeners[8081].protocol: http",
                        "  listeners[8081].tls.mode: plaintext only (default)",
                        "  listeners[8081].timeout.perRequest: 15 s (default)",
                        "  serviceDiscovery: DNS v1.payments.local, as one load balancer",
                        "  route payments/beta: GET /beta sends it 90 % (payments.local)",
                        "  route payments/orders: /orders sends it 50 % (payments.local)",
                        "  virtual node storefront: declares payments.local");
    }

    @Test
    void aServiceIsShownWithItsRoutesInOrder() throws Exception {
        Run run = describe("vs", "PAYMENTS.local");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .containsSubsequence(
                        "virtual service payments.local",
                        "ports: 8080 http",
                        "virtual router payments: decides by its routes",
                        "route payments/beta: 1. GET /beta → payments-v1 90 %, payments-v2 10 %",
                        "route payments/orders: 2. /orders → elsewhere 50 %, payments-v1 50 %",
                        "virtual node storefront: may call it",
                        "gateway route front/pay: shop.example.com/pay/ sends it everything");
    }

    @Test
    void aRouteMayBeNamedWithOrWithoutItsRouter() throws Exception {
        Run run = describe("route", "payments/orders");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.lines())
                .contains(
                        "  match: /orders",
                        "  priority: 2",
                        "  order: tried as the 2. of 2",
                        "  timeout.perRequest: 15 s (default)",
                        "  virtual node payments-v2: gets 0 %",
                        "  virtual node elsewhere (not here): gets 50 %",
                        "  virtual router payments: holds it");
        assertThat(describe("Routes", "orders").out()).isEqualTo(run.out());
        assertThat(describe("gr", "front/plain").lines())
                .contains("  rewrite.path: stays", "  rewrite.hostname: stays");
    }

    @ParameterizedTest
    @ValueSource(strings = {"VirtualNode", "virtualNode", "vn", "virtual-node", "node", "nodes", "VIRTUALNODES"})
    void aKindIsUnderstoodAsPeopleTypeIt(String kind) throws Exception {
        assertThat(describe(kind, "stock").lines().get(0)).isEqualTo("virtual node stock");
    }

    @Test
    void everyKindCanBeNamed() throws Exception {
        assertThat(Kinds.parse("meshes").documentName()).isEqualTo("Mesh");
        assertThat(Kinds.parse("traffic-policies").documentName()).isEqualTo("TrafficPolicy");
        assertThat(Kinds.parse("access_policy").documentName()).isEqualTo("AccessPolicy");
        assertThat(Kinds.parse("endpoints").documentName()).isEqualTo("Endpoints");
        assertThat(Kinds.parse("overrides").documentName()).isEqualTo("Override");
        assertThat(Kinds.parse("vg").documentName()).isEqualTo("VirtualGateway");
    }

    @Test
    void aWrongNameGetsTheNearestAndTheList() throws Exception {
        Run name = describe("node", "payment-v1");
        Run kind = describe("VirtualNod", "payments-v1");
        Run none = describe("Override", "x");

        assertThat(name.exitCode()).isEqualTo(2);
        assertThat(name.err()).contains("did you mean 'payments-v1'?", "payments-v1, payments-v2, stock, storefront");
        assertThat(kind.exitCode()).isEqualTo(2);
        assertThat(kind.err()).contains("did you mean 'VirtualNode'?");
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err()).contains("there are none of that kind");
    }

    @Test
    void aNameInSeveralMeshesNeedsItsMesh() throws Exception {
        Shop.withAnotherMesh(folder);

        Run run = describe("service", "payments.local");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--mesh", "other, shop");
        assertThat(describe("service", "payments.local", "--mesh", "other").lines())
                .contains("  virtual node web: gets everything, with 15 s per request");
    }

    @Test
    void whatNeedsADecisionStandsApartAndNotesAreThoseOfTheResource() throws Exception {
        Files.writeString(folder.resolve("cloud.yaml"), """
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: one }
                spec:
                  listeners:
                    - portMapping: { port: 1, protocol: http }
                      tls: { mode: PERMISSIVE, certificate: { file: { certificateChain: c, privateKey: k } } }
                  serviceDiscovery: { awsCloudMap: { namespaceName: shop.local, serviceName: one } }
                  logging: { accessLog: { file: { path: /dev/stdout } } }
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: two }
                spec:
                  listeners: [{ portMapping: { port: 1, protocol: http } }]
                  serviceDiscovery: { awsCloudMap: { namespaceName: shop.local, serviceName: two } }
                """);

        Run run = describe("node", "one");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .containsSubsequence("needs a decision\n  cloud.yaml:8:", "needs a decision: ", "problems and notes\n")
                .doesNotContain("cloud.yaml:16");
    }

    @Test
    void whatIsRefusedShowsWhy() throws Exception {
        Files.writeString(folder.resolve("bad.yaml"), """
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: broken }
                spec: { listeners: [{ portMapping: { port: 99999, protocol: http } }] }
                """);

        Run run = describe("node", "broken");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("refused", "99999 (expected: 1 to 65535)");
    }

    @Test
    void jsonHasTheseKeysInThisOrder() throws Exception {
        Run run = describe("VirtualService", "stock.local", "--json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .startsWith("{\"kind\":\"VirtualService\",\"mesh\":\"shop\",\"parent\":null,\"name\":\"stock.local\","
                        + "\"file\":\"shop.yaml\",\"line\":")
                .contains(
                        ",\"refused\":false,\"settings\":[{\"name\":\"provider\",\"value\":\"virtualRouter stock\","
                                + "\"default\":false},",
                        "\"leadsTo\":[{\"kind\":\"VirtualRouter\",\"name\":\"stock\",\"isThere\":true,\"words\":",
                        "\"ledFrom\":[],\"decisions\":[],\"problems\":[]}");
    }

    private Run describe(String kind, String name, String... options) throws Exception {
        String[] arguments = new String[options.length + 5];
        arguments[0] = "describe";
        arguments[1] = kind;
        arguments[2] = name;
        arguments[3] = "--registry";
        arguments[4] = Shop.in(folder);
        System.arraycopy(options, 0, arguments, 5, options.length);
        return Run.mesh(arguments);
    }
}
