package io.intramesh.samples.shop.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.OfflineMesh;
import io.intramesh.Reason;
import io.intramesh.document.DocumentReader;
import io.intramesh.document.Problem;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.model.Kind;
import io.intramesh.registry.FileRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What README and comments say about the folder of mesh resources, asked of the mesh. */
final class MeshFolderTest {
    private static final Path FOLDER = Path.of("..", "mesh");

    @Test
    void everythingInTheFolderIsTaken() throws IOException {
        assertThat(remarks(read())).isEmpty();
    }

    @Test
    void theRunnersEndpointsAreTaken() throws IOException {
        Map<Service, Integer> ports = new HashMap<>();
        Service.ALL.forEach(service -> ports.put(service, service.preferredPort() + 1000));
        List<RawDocument> documents = new ArrayList<>(committed());
        documents.add(RawDocument.of(EndpointsFile.NAME, EndpointsFile.text(ports)));

        ReadResult result = DocumentReader.builder().build().read(documents);

        assertThat(remarks(result)).isEmpty();
        assertThat(result.resources().ofKind(Kind.ENDPOINTS)).hasSize(Service.ALL.size());
    }

    @Test
    void theBetaIsSplitNinetyToTen() throws IOException {
        Explanation decision = explain(ExplainRequest.builder("payments.local")
                .virtualNode("orders")
                .method("POST")
                .path("/beta/pay?amount=590")
                .build());

        assertThat(decision.route()).isEqualTo("beta");
        assertThat(shares(decision)).isEqualTo(Map.of("payments-v1", 0.9, "payments-v2", 0.1));
    }

    @Test
    void testersGetTheNewVersion() throws IOException {
        Explanation decision = explain(ExplainRequest.builder("payments.local")
                .virtualNode("orders")
                .method("POST")
                .path("/beta/pay?amount=590")
                .header("x-shop-tester", "yes")
                .build());

        assertThat(decision.route()).isEqualTo("testers");
        assertThat(shares(decision)).isEqualTo(Map.of("payments-v2", 1.0));
    }

    @Test
    void everyoneElsePaysWithTheOldVersion() throws IOException {
        Explanation decision = explain(ExplainRequest.builder("payments.local")
                .virtualNode("orders")
                .method("POST")
                .path("/pay?amount=590")
                .build());

        assertThat(shares(decision)).isEqualTo(Map.of("payments-v1", 1.0));
    }

    @Test
    void refundsHaveNoRoute() throws IOException {
        Explanation decision = explain(ExplainRequest.builder("payments.local")
                .virtualNode("orders")
                .method("POST")
                .path("/refunds")
                .build());

        assertThat(reason(decision)).isEqualTo(Reason.NO_ROUTE);
    }

    @Test
    void theStorefrontReachesNeitherPaymentsNorTheOutside() throws IOException {
        Explanation shortcut = explain(ExplainRequest.builder("payments.local")
                .virtualNode("storefront")
                .method("POST")
                .path("/pay?amount=590")
                .build());
        Explanation offers = explain(ExplainRequest.builder("ads.example")
                .virtualNode("storefront")
                .method("GET")
                .path("/offers")
                .build());

        assertThat(reason(shortcut)).isEqualTo(Reason.EGRESS_DENIED);
        assertThat(reason(offers)).isEqualTo(Reason.EGRESS_DENIED);
    }

    @Test
    void stockCanBeSeenAndReserved() throws IOException {
        Explanation look = explain(ExplainRequest.builder("inventory.local")
                .virtualNode("storefront")
                .method("GET")
                .path("/stock")
                .build());
        Explanation reserve = explain(ExplainRequest.builder("inventory.local")
                .virtualNode("orders")
                .method("POST")
                .path("/stock/tea/reservations")
                .build());

        assertThat(look.route()).isEqualTo("look");
        assertThat(reserve.route()).isEqualTo("reserve");
    }

    private static ReadResult read() throws IOException {
        return DocumentReader.builder().build().read(committed());
    }

    private static List<Problem> remarks(ReadResult result) {
        return result.problems();
    }

    /** The folder without what a shop that runs from it at this moment has written there. */
    private static List<RawDocument> committed() throws IOException {
        return FileRegistry.documents(FOLDER).stream()
                .filter(document -> !document.name().equals(EndpointsFile.NAME))
                .toList();
    }

    private static Explanation explain(ExplainRequest request) throws IOException {
        return OfflineMesh.of(read().resources()).explain(request);
    }

    private static Map<String, Double> shares(Explanation decision) {
        Map<String, Double> shares = new HashMap<>();
        decision.targets().forEach(target -> shares.put(target.virtualNode(), target.share()));
        return shares;
    }

    private static Reason reason(Explanation decision) {
        assertThat(decision.refusal()).isNotNull();
        return decision.refusal().reason();
    }
}
