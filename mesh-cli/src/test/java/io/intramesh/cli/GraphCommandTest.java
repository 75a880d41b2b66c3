package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GraphCommandTest {
    @TempDir
    private Path folder;

    @Test
    void everyStationIsDrawnWithItsShares() throws Exception {
        Run run = Run.mesh("graph", Shop.in(folder));

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .startsWith("digraph mesh {\n")
                .endsWith("}\n")
                .contains(
                        "node_shop_storefront -> service_shop_payments_x2e_local [style=dashed];",
                        "service_shop_payments_x2e_local -> router_shop_payments;",
                        "route_shop_payments_x2f_beta [label=\"GET /beta\\nbeta\"",
                        "router_shop_payments -> route_shop_payments_x2f_beta [label=\"1\"];",
                        "route_shop_payments_x2f_beta -> node_shop_payments_x2d_v1 [label=\"90 %\"];",
                        "route_shop_payments_x2f_orders -> node_shop_payments_x2d_v2 [label=\"0 %\", color=",
                        "node_shop_elsewhere [label=\"elsewhere\\nnot here\"",
                        "gateway_shop_front -> service_shop_payments_x2e_local [label=\"shop.example.com/pay/\"];");
    }

    @Test
    void mermaidShowsTheSame() throws Exception {
        Run run = Run.mesh("graph", "--format", "mermaid", Shop.in(folder));

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .startsWith("flowchart LR\n")
                .contains(
                        "  node_shop_storefront -.-> service_shop_payments_x2e_local\n",
                        "  route_shop_payments_x2f_beta -->|\"90 %\"| node_shop_payments_x2d_v1\n",
                        "  gateway_shop_front -->|\"#42;.example.org/beta\"| service_shop_payments_x2e_local\n");
    }

    @Test
    void oneServiceCanBeDrawnAlone() throws Exception {
        Run run = Run.mesh("graph", "--virtual-service", "STOCK.local", Shop.in(folder));

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("route_shop_stock_x2f_reserve -> node_shop_stock")
                .doesNotContain("payments");

        Run payments = Run.mesh("graph", "--virtual-service", "payments.local", Shop.in(folder));

        assertThat(payments.out())
                .contains("node_shop_storefront -> service_shop", "gateway_shop_front -> ")
                .doesNotContain("node_shop_stock");
    }

    @Test
    void anUnknownNameIsRefusedWithWhatThereIs() throws Exception {
        Run service = Run.mesh("graph", "--virtual-service", "payment.local", Shop.in(folder));
        Run mesh = Run.mesh("graph", "--mesh", "shp", Shop.in(folder));
        Run format = Run.mesh("graph", "--format", "png", Shop.in(folder));

        assertThat(service.exitCode()).isEqualTo(2);
        assertThat(service.err()).contains("did you mean 'payments.local'?", "stock.local");
        assertThat(mesh.exitCode()).isEqualTo(2);
        assertThat(mesh.err()).contains("did you mean 'shop'?");
        assertThat(format.exitCode()).isEqualTo(2);
        assertThat(format.err()).contains("dot or mermaid");
    }

    @Test
    void severalMeshesAreDrawnApartAndOneCanBeChosen() throws Exception {
        String shop = Shop.in(folder);
        Shop.withAnotherMesh(folder);

        assertThat(Run.mesh("graph", shop).out()).contains("subgraph cluster_0", "label=\"other\"", "label=\"shop\"");
        assertThat(Run.mesh("graph", "--mesh", "other", shop).out())
                .contains("web.local")
                .doesNotContain("cluster", "payments-v1");
    }

    @Test
    void namesOfAnyCharactersAreSafeAndDistinct() throws Exception {
        List<String> names =
                List.of("a\\\"b", "a_b", "a-b", "a.b", "a b", "a;b -> c", "end", "größe", "a&lt;b", "<b>", "#35;");
        StringBuilder nodes = new StringBuilder();
        for (String name : names) {
            nodes.append("---\napiVersion: intramesh.io/v1\nkind: VirtualNode\nmetadata: { mesh: m, name: \"")
                    .append(name)
                    .append("\" }\nspec: {}\n");
        }
        Files.writeString(folder.resolve("odd.yaml"), nodes);

        String dot = Run.mesh("graph", folder.toString()).out();
        String mermaid =
                Run.mesh("graph", "--format", "mermaid", folder.toString()).out();

        assertThat(ids(dot, Pattern.compile("(?m)^  (node_\\w+) \\[label=\"(?:[^\"\\\\]|\\\\.)*\", shape=")))
                .hasSameSizeAs(names);
        assertThat(ids(mermaid, Pattern.compile("(?m)^  (node_\\w+)\\(\\[\"[^\"<>&\\[\\]]*\"]\\):::node$")))
                .hasSameSizeAs(names);
    }

    private static Set<String> ids(String text, Pattern line) {
        Set<String> ids = new HashSet<>();
        Matcher matcher = line.matcher(text);
        while (matcher.find()) {
            ids.add(matcher.group(1));
        }
        return ids;
    }

    @Test
    void drawingTwiceGivesTheSameText() throws Exception {
        String shop = Shop.in(folder);

        assertThat(Run.mesh("graph", shop).out())
                .isEqualTo(Run.mesh("graph", shop).out());
    }
}
