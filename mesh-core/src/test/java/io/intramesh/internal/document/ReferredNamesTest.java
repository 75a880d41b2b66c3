package io.intramesh.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.ReadResult;
import io.intramesh.model.Kind;
import io.intramesh.model.ResourceId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fragments without a name are called what their neighbours call them, where that is clear. */
final class ReferredNamesTest {
    private static final String SERVICE = "{\"spec\":{}}";

    private static String gatewayRouteTo(String service) {
        return "{\"meshName\":\"m\",\"gatewayRouteName\":\"to-" + service.replace('.', '-')
                + "\",\"virtualGatewayName\":\"g\",\"spec\":{\"httpRoute\":{\"match\":{\"prefix\":\"/\"},"
                + "\"action\":{\"target\":{\"virtualService\":{\"virtualServiceName\":\"" + service + "\"}}}}}}";
    }

    private static String nodeWithBackend(String service) {
        return "{\"meshName\":\"m\",\"virtualNodeName\":\"caller\",\"spec\":{\"backends\":[{\"virtualService\":"
                + "{\"virtualServiceName\":\"" + service + "\"}}]}}";
    }

    private static String serviceOf(String name, String node) {
        return "{\"meshName\":\"m\",\"virtualServiceName\":\"" + name
                + "\",\"spec\":{\"provider\":{\"virtualNode\":{\"virtualNodeName\":\"" + node + "\"}}}}";
    }

    private static List<String> names(ReadResult result, Kind kind) {
        assertThat(Read.errors(result)).isEmpty();
        return result.resources().ids().stream()
                .filter(id -> id.kind() == kind)
                .map(ResourceId::name)
                .sorted()
                .toList();
    }

    private static List<String> services(String... files) {
        return names(Read.files(files), Kind.VIRTUAL_SERVICE);
    }

    @Test
    void aServiceIsCalledWhatGatewayRoutesAndBackendsCallIt() {
        assertThat(services("f/food-vs.json", SERVICE, "f/x.json", gatewayRouteTo("food.default.svc.cluster.local")))
                .containsExactly("food.default.svc.cluster.local");
        assertThat(services("f/food-vs.json", SERVICE, "f/x.json", nodeWithBackend("food.shop.local")))
                .containsExactly("food.shop.local");
    }

    @Test
    void theNoteSaysWhereTheNameStands() {
        ReadResult result = Read.files("f/food-vs.json", SERVICE, "f/x.json", gatewayRouteTo("food.local"));

        assertThat(Read.notes(result))
                .contains("f/food-vs.json:1:1: no names in the file: took virtualService 'food.local' (the name at"
                        + " f/x.json:1:1 that fits the name of the file) in mesh 'm' (the only one here); add"
                        + " virtualServiceName, meshName")
                .noneMatch(note -> note.contains("virtualService 'food.local' is not here"));
    }

    @Test
    void eachOfSeveralTakesItsOwn() {
        assertThat(services(
                        "teller-vs-1.json",
                        SERVICE,
                        "teller-vs-2.json",
                        SERVICE,
                        "a.json",
                        gatewayRouteTo("teller-2.local"),
                        "b.json",
                        gatewayRouteTo("teller-1.local")))
                .containsExactly("teller-1.local", "teller-2.local");
    }

    @Test
    void theFirstLabelMayHaveMoreWordsAndTheNamespaceMayDecide() {
        assertThat(services("food-vs.json", SERVICE, "a.json", gatewayRouteTo("food-teller.local")))
                .containsExactly("food-teller.local");
        assertThat(services(
                        "food-east-vs.json",
                        SERVICE,
                        "a.json",
                        gatewayRouteTo("food.east.local"),
                        "b.json",
                        gatewayRouteTo("food.west.local")))
                .containsExactly("food.east.local");
        assertThat(services("local-vs.json", SERVICE, "a.json", gatewayRouteTo("food.local")))
                .containsExactly("local-vs");
    }

    @Test
    void theNameThatFitsBestIsTaken() {
        assertThat(services(
                        "food-vs.json",
                        SERVICE,
                        "a.json",
                        gatewayRouteTo("food-teller.local"),
                        "b.json",
                        gatewayRouteTo("food.local")))
                .containsExactly("food.local");
    }

    @Test
    void aNameThatIsNotClearIsNotTaken() {
        String east = gatewayRouteTo("food.east.local");
        String west = gatewayRouteTo("food.west.local");

        assertThat(services("food-vs.json", SERVICE, "a.json", east, "b.json", west))
                .containsExactly("food-vs");
        assertThat(services("food-vs.json", SERVICE, "vs-food.json", SERVICE, "a.json", east))
                .containsExactly("food-vs", "vs-food");
    }

    @Test
    void theOwnFolderComesFirst() {
        String east = gatewayRouteTo("food.east.local");
        String west = gatewayRouteTo("food.west.local");

        assertThat(services("e/food-vs.json", SERVICE, "e/a.json", east, "w/b.json", west))
                .containsExactly("food.east.local");
        assertThat(services("e/food-vs.json", SERVICE, "w/b.json", west)).containsExactly("food.west.local");
        assertThat(services("e/food-vs.json", SERVICE, "e/updates/food-vs.json", SERVICE, "e/a.json", east))
                .containsExactly("food-vs", "food.east.local");
    }

    @Test
    void anUpdateKeepsItsStem() {
        assertThat(services("food-vs-updated.json", SERVICE, "a.json", gatewayRouteTo("food.local")))
                .containsExactly("food-vs-updated");
    }

    @Test
    void aDeclaredNameIsTakenAlready() {
        assertThat(services(
                        "food-vs.json",
                        SERVICE,
                        "a.json",
                        gatewayRouteTo("food.local"),
                        "b.json",
                        serviceOf("food.local", "n")))
                .containsExactly("food-vs", "food.local");
    }

    @Test
    void aStemThatOthersNameStays() {
        assertThat(services(
                        "food-vs.json",
                        SERVICE,
                        "a.json",
                        gatewayRouteTo("food.local"),
                        "b.json",
                        gatewayRouteTo("food-vs")))
                .containsExactly("food-vs");
    }

    @Test
    void nodesAndRoutersMustHaveTheVerySameWords() {
        String node = "{\"spec\":{\"serviceDiscovery\":{\"dns\":{\"hostname\":\"h\"}}}}";

        assertThat(names(Read.files("red-vn.json", node, "a.json", serviceOf("s", "red-node")), Kind.VIRTUAL_NODE))
                .containsExactly("red-node");
        assertThat(names(Read.files("red-vn.json", node, "a.json", serviceOf("s", "red-v2")), Kind.VIRTUAL_NODE))
                .containsExactly("red-vn");
        assertThat(names(
                        Read.files(
                                "food-vr.json",
                                "{\"spec\":{\"listeners\":[{\"portMapping\":{\"port\":1,\"protocol\":\"tcp\"}}]}}",
                                "a.json",
                                "{\"meshName\":\"m\",\"virtualRouterName\":\"food-router\",\"routeName\":\"r\",\"spec\":"
                                        + "{\"tcpRoute\":{\"action\":{\"weightedTargets\":[{\"virtualNode\":\"v\","
                                        + "\"weight\":1}]}}}}"),
                        Kind.VIRTUAL_ROUTER))
                .containsExactly("food-router");
    }

    @Test
    void routesWithoutNamesFindTheRouterByItsFoundName() {
        ReadResult result = Read.files(
                "food-vr.json",
                "{\"spec\":{\"listeners\":[{\"portMapping\":{\"port\":1,\"protocol\":\"tcp\"}}]}}",
                "food-vs.json",
                "{\"meshName\":\"m\",\"virtualServiceName\":\"food.local\",\"spec\":{\"provider\":{\"virtualRouter\":"
                        + "{\"virtualRouterName\":\"food-router\"}}}}",
                "food-route.json",
                "{\"tcpRoute\":{\"action\":{\"weightedTargets\":[{\"virtualNode\":\"v\",\"weight\":1}]}}}");

        assertThat(result.resources().ids()).contains(ResourceId.route("m", "food-router", "food-route"));
    }

    @Test
    @Timeout(30)
    void manyFragmentsAndManyNamesOfTheSameWordsCostLittle() {
        List<String> files = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            files.addAll(List.of(i + "/food-vs.json", SERVICE, i + "/a.json", gatewayRouteTo("food.n" + i + ".local")));
        }

        // More names share the word than anybody compares: unclear by decree.
        assertThat(services(files.toArray(new String[0]))).containsExactly("food-vs");
    }
}
