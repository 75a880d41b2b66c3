package io.intramesh.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.Route;
import io.intramesh.model.Timeouts;
import io.intramesh.model.WeightedTarget;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class DocumentWriterTest {
    private static final String ROUTER = """
            apiVersion: intramesh.io/v1
            kind: VirtualRouter
            metadata: { mesh: shop, name: payments }
            spec:
              listeners:
                - { portMapping: { port: 8080, protocol: http } }
            """;
    private static final String ROUTE = """
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: shop, virtualRouter: payments, name: beta }
            spec:
              priority: 0
              httpRoute:
                match:
                  prefix: /beta
                  headers:
                    - { name: x-tester, match: { exact: "yes" } }
                action:
                  weightedTargets:
                    - { virtualNode: payments-v1, weight: 90 }
                    - { virtualNode: payments-v2_shop, weight: 10 }
                retryPolicy:
                  maxRetries: 2
                  perRetryTimeout: { unit: ms, value: 800 }
                  httpRetryEvents: [gateway-error, stream-error]
                timeout: { perRequest: { unit: s, value: 5 } }
            """;
    private static final String NODE = """
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: payments-v1 }
            spec:
              serviceDiscovery: { dns: { hostname: "${HOST}", ipPreference: IPv6_ONLY } }
              backends:
                - { virtualService: { virtualServiceName: Ads } }
            """;
    private static final String MESH = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: shop }
            spec:
              egressFilter: { type: DROP_ALL }
            """;

    @Test
    void nativeDocumentsLookAsPeopleWriteThem() {
        String written = MESH + "---\n" + ROUTER + "---\n" + ROUTE;

        assertThat(write(DocumentForm.NATIVE, read(written))).isEqualTo(written);
    }

    @Test
    void schemaAndCommentsStandAboveEachDocument() {
        DocumentWriter writer = DocumentWriter.builder(DocumentForm.NATIVE)
                .schema("s.json")
                .comments(id -> List.of("About " + id.name()))
                .build();

        List<RawDocument> files = writer.files(read(ROUTER + "---\n" + ROUTE));

        assertThat(writer.text(read(MESH))).isEqualTo("# yaml-language-server: $schema=s.json\n# About shop\n" + MESH);
        assertThat(files).extracting(RawDocument::name).containsExactly("routers/payments.yaml");
        assertThat(new String(files.get(0).content(), StandardCharsets.UTF_8))
                .startsWith("# yaml-language-server: $schema=../s.json\n# About payments\n")
                .contains("---\n# yaml-language-server: $schema=../s.json\n# About beta\n");
    }

    @Test
    void jsonIsTheInputOfTheApi() {
        assertThat(write(DocumentForm.JSON, read(MESH))).isEqualTo("""
                        {
                          "meshName": "shop",
                          "spec": {
                            "egressFilter": {
                              "type": "DROP_ALL"
                            }
                          }
                        }
                        """);
    }

    @Test
    void manifestsAreWhatTheControllerTakes() {
        String written =
                write(DocumentForm.KUBERNETES, read(MESH + "---\n" + ROUTER + "---\n" + ROUTE + "---\n" + NODE));

        assertThat(written).startsWith("""
                        apiVersion: v1
                        kind: Namespace
                        metadata: { name: shop, labels: { mesh: shop } }
                        ---
                        apiVersion: appmesh.k8s.aws/v1beta2
                        kind: Mesh
                        metadata: { name: shop }
                        spec:
                          namespaceSelector: { matchLabels: { mesh: shop } }
                          egressFilter: { type: DROP_ALL }
                        ---
                        apiVersion: appmesh.k8s.aws/v1beta2
                        kind: VirtualRouter
                        metadata: { name: payments, namespace: shop }
                        spec:
                          awsName: payments
                          listeners:
                            - { portMapping: { port: 8080, protocol: http } }
                          routes:
                            - name: beta
                              priority: 0
                              httpRoute:
                                match:
                                  prefix: /beta
                                  headers:
                                    - { name: x-tester, match: { exact: "yes" } }
                                action:
                                  weightedTargets:
                                    - { virtualNodeRef: { name: payments-v1 }, weight: 90 }
                                    - { virtualNodeRef: { name: payments-v2, namespace: shop }, weight: 10 }
                        """);
        assertThat(written)
                .contains(
                        "ipPreference: IPv6_ONLY # unknown to App Mesh's CRD\n",
                        "virtualServiceARN: arn:aws:appmesh:us-east-1:000000000000:mesh/shop/virtualService/Ads #");
    }

    @Test
    void namesThatKubernetesGaveNeedNoAwsName() {
        String router = ROUTER.replace("name: payments", "name: payments_prod");

        assertThat(write(DocumentForm.KUBERNETES, read(MESH + "---\n" + router)))
                .contains("metadata: { name: payments, namespace: prod }\n")
                .doesNotContain("awsName");
    }

    @Test
    void aRouteOfARouterFromElsewhereBringsNoRouterAlong() {
        ResourceSet resources = read(ROUTE);

        String written = write(DocumentForm.KUBERNETES, resources);

        assertThat(written).contains("intramesh.io/routes-only: \"true\"", "meshRef: { name: shop }");
        assertThat(read(written)).isEqualTo(resources);
    }

    @Test
    void whatNoDocumentCanSayIsRefused() {
        Timeouts timeout = new Timeouts(null, Duration.ofNanos(1_000));
        Route route = new Route(
                ResourceId.route("m", "r", "n"),
                null,
                new Route.Tcp(null, List.of(new WeightedTarget("n", 1, null)), timeout));

        assertThatThrownBy(() -> write(DocumentForm.NATIVE, ResourceSet.of(List.of(route))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT0.000001S cannot be written (expected: whole milliseconds");
    }

    private static String write(DocumentForm form, ResourceSet resources) {
        return DocumentWriter.builder(form).build().text(resources);
    }

    private static ResourceSet read(String text) {
        ReadResult result = DocumentReader.builder()
                .values(Map.of("HOST", "v1.shop"))
                .environment(Map.of())
                .build()
                .read(List.of(RawDocument.of("a.yaml", text)));
        assertThat(result.hasErrors()).as("%s", result.problems()).isFalse();
        return result.resources();
    }
}
