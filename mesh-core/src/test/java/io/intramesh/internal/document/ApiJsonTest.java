package io.intramesh.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.ReadResult;
import io.intramesh.model.Kind;
import io.intramesh.model.ResourceId;
import io.intramesh.model.VirtualService;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The forms in which App Mesh's API and command line wrote resources down. */
final class ApiJsonTest {
    private static final ResourceId SERVICE = ResourceId.of(Kind.VIRTUAL_SERVICE, "m", "s");
    private static final String SPEC = "\"spec\":{\"provider\":{\"virtualNode\":{\"virtualNodeName\":\"v\"}}}";
    private static final String ROUTE =
            "{\"tcpRoute\":{\"action\":{\"weightedTargets\":[{\"virtualNode\":\"v\",\"weight\":1}]}}}";

    private static ReadResult read(String json) {
        return Read.files("a.json", json);
    }

    private static void givesTheService(ReadResult result) {
        assertThat(Read.errors(result)).isEmpty();
        assertThat(result.resources().get(SERVICE))
                .isEqualTo(new VirtualService(SERVICE, new VirtualService.Provider.Node("v")));
        assertThat(Read.notes(result))
                .containsExactly(Read.notes(result).get(0))
                .allMatch(note ->
                        note.endsWith("virtualNode 'v' is not here; it may live elsewhere, else check the name"));
    }

    @Test
    void inputOfCreateAndUpdate() {
        givesTheService(read("{\"meshName\":\"m\",\"virtualServiceName\":\"s\"," + SPEC
                + ",\"tags\":[{\"key\":\"a\",\"value\":\"b\"}],\"clientToken\":\"t\",\"meshOwner\":\"111122223333\"}"));
    }

    @Test
    void inputInYaml() {
        givesTheService(
                Read.files(
                        "a.yaml",
                        "meshName: m\nvirtualServiceName: s\nspec:\n  provider:\n    virtualNode:\n      virtualNodeName: v\n"));
    }

    @Test
    void answersWrappedAndBare() {
        String answer = "{\"meshName\":\"m\",\"virtualServiceName\":\"s\",\"metadata\":{\"arn\":\"x\",\"version\":1},"
                + "\"status\":{\"status\":\"ACTIVE\"}," + SPEC + "}";

        givesTheService(read(answer));
        givesTheService(read("{\"virtualService\":" + answer + "}"));
        givesTheService(read("{\"virtualService\":" + answer + ",\"ResponseMetadata\":{}}"));
    }

    @Test
    void listsWhoseItemsHoldSpecsAreReadAndOnlyReferencesAreSkipped() {
        String service = "{\"meshName\":\"m\",\"virtualServiceName\":\"s\"," + SPEC + "}";

        givesTheService(read("{\"virtualServices\":[" + service + "]}"));
        givesTheService(read("{\"virtualServices\":[{\"virtualService\":" + service + "}],\"nextToken\":\"t\"}"));

        ReadResult mixed = read("{\"virtualServices\":[{\"meshName\":\"m\",\"virtualServiceName\":\"r\",\"arn\":\"x\"},"
                + service + "]}");
        assertThat(mixed.resources().get(SERVICE)).isNotNull();
        assertThat(Read.notes(mixed))
                .contains("a.json:1:21: a list of references holds no specs; skipped, use the describe answers");
    }

    @Test
    void aWholeMeshInOneDocument() {
        ReadResult result = read("{\"mesh\":{\"meshName\":\"m\",\"spec\":{\"egressFilter\":{\"type\":\"ALLOW_ALL\"}}},"
                + "\"virtualServices\":[{\"meshName\":\"m\",\"virtualServiceName\":\"s\"," + SPEC + "}],"
                + "\"virtualNode\":{\"meshName\":\"m\",\"virtualNodeName\":\"v\",\"spec\":{}},"
                + "\"routes\":[{\"route\":{\"meshName\":\"m\",\"virtualRouterName\":\"r\",\"routeName\":\"a\",\"spec\":"
                + ROUTE
                + "}}]}");

        assertThat(Read.errors(result)).isEmpty();
        assertThat(result.resources().ids())
                .containsExactlyInAnyOrder(
                        ResourceId.mesh("m"),
                        SERVICE,
                        ResourceId.of(Kind.VIRTUAL_NODE, "m", "v"),
                        ResourceId.route("m", "r", "a"));
    }

    @Test
    void whatIsWrongInOneItemOfAListRefusesThatItemAlone() {
        ReadResult result = read("{\"virtualServices\":[{\"meshName\":\"m\",\"virtualServiceName\":\"s\"," + SPEC + "},"
                + "{\"meshName\":\"m\",\"virtualServiceName\":\"t\",\"meshName\":\"m\"," + SPEC + "}]}");

        assertThat(result.resources().get(SERVICE)).isNotNull();
        assertThat(result.resources().get(ResourceId.of(Kind.VIRTUAL_SERVICE, "m", "t")))
                .isNull();
        assertThat(Read.errors(result))
                .singleElement()
                .asString()
                .contains("virtualServices[1].meshName: 'meshName' is written twice");
    }

    @Test
    void whatOtherProgramsCallAMeshOrRoutesIsPassedOver() {
        ReadResult result = read("{\"mesh\":{\"vertices\":[1,2]},\"routes\":[{\"path\":\"/\"}]}");

        assertThat(Read.errors(result)).isEmpty();
        assertThat(result.skipped()).containsExactly("a.json");
    }

    @Test
    void aListThatIsWrittenTwiceIsAnError() {
        ReadResult result = read("{\"virtualServices\":[{\"meshName\":\"m\",\"virtualServiceName\":\"s\"," + SPEC
                + "}],\"virtualServices\":[]}");

        assertThat(Read.errors(result))
                .singleElement()
                .asString()
                .contains("virtualServices: 'virtualServices' is written twice");
    }

    @Test
    void whatPowerShellPrintsIsRefusedAndNotPassedOver() {
        String printed = "{\"MeshName\":\"m\",\"VirtualServiceName\":\"s\",\"Spec\":{\"Provider\":null},\"Status\":{}}";
        String mend = "let the AWS CLI print it";

        assertThat(Read.errors(read(printed)))
                .singleElement()
                .satisfies(error -> assertThat(error)
                        .startsWith("a.json:1:2 MeshName: members that begin with capitals")
                        .endsWith(mend));
        assertThat(Read.errors(read("{\"VirtualService\":" + printed + "}")))
                .singleElement()
                .satisfies(error -> assertThat(error)
                        .startsWith("a.json:1:2 VirtualService: members that begin with capitals")
                        .endsWith(mend));
    }

    @Test
    void aMapOfParametersIsNoResource() {
        ReadResult result = read("{\"MeshName\":\"m\",\"VirtualServiceName\":\"s\"}");

        assertThat(Read.errors(result)).isEmpty();
        assertThat(result.resources().all()).isEmpty();
    }

    @Test
    void severalValuesAndAListOfThem() {
        String one = "{\"meshName\":\"m\",\"virtualServiceName\":\"a\",\"spec\":{}}";
        String two = "{\"meshName\":\"m\",\"virtualServiceName\":\"b\",\"spec\":{}}";

        assertThat(read(one + "\n" + two).resources().size()).isEqualTo(2);
        assertThat(read("[" + one + "," + two + "]").resources().size()).isEqualTo(2);
        assertThat(Read.files("a", "[" + one + "," + two + "]").resources().size())
                .isEqualTo(2);
        assertThat(Read.files("a.yml", "meshName: m\nspec: {}\n---\n---\nmeshName: n\nspec: {}\n")
                        .resources()
                        .size())
                .isEqualTo(2);
    }

    @Test
    void listsOfReferencesAndDeletionsAreSkippedWithANote() {
        ReadResult list = read(
                "{\"virtualNodes\":[{\"arn\":\"x\",\"meshName\":\"m\",\"virtualNodeName\":\"v\"}],\"nextToken\":\"t\"}");
        ReadResult deleted = read("{\"virtualService\":{\"meshName\":\"m\",\"virtualServiceName\":\"s\",\"spec\":{},"
                + "\"status\":{\"status\":\"DELETED\"}}}");

        assertThat(list.problems())
                .singleElement()
                .asString()
                .isEqualTo("a.json:1:1: a list of references holds no specs; skipped, use the describe answers");
        assertThat(deleted.problems())
                .singleElement()
                .asString()
                .isEqualTo("a.json:1:79 virtualService.status: the answer to a deletion; skipped");
        assertThat(list.resources().size() + deleted.resources().size()).isZero();
        assertThat(list.hasErrors() || deleted.hasErrors()).isFalse();
    }

    @Test
    void theKindIsToldByTheNames() {
        String empty = ",\"spec\":{}}";

        assertThat(kinds("{\"meshName\":\"m\"" + empty)).containsExactly(Kind.MESH);
        assertThat(kinds("{\"meshName\":\"m\"}")).containsExactly(Kind.MESH);
        assertThat(kinds("{\"meshName\":\"m\",\"virtualNodeName\":\"x\"" + empty))
                .containsExactly(Kind.VIRTUAL_NODE);
        assertThat(kinds("{\"meshName\":\"m\",\"virtualRouterName\":\"x\"" + empty))
                .containsExactly(Kind.VIRTUAL_ROUTER);
        assertThat(kinds("{\"meshName\":\"m\",\"virtualRouterName\":\"x\",\"routeName\":\"y\",\"spec\":" + ROUTE + "}"))
                .containsExactly(Kind.ROUTE);
        assertThat(kinds("{\"meshName\":\"m\",\"virtualRouterName\":\"x\",\"spec\":" + ROUTE + "}"))
                .containsExactly(Kind.ROUTE);
        assertThat(kinds("{\"meshName\":\"m\"," + SPEC + "}")).containsExactly(Kind.VIRTUAL_SERVICE);
    }

    private static List<Kind> kinds(String json) {
        ReadResult result = read(json);
        assertThat(Read.errors(result)).isEmpty();
        return result.resources().ids().stream().map(ResourceId::kind).toList();
    }

    @Test
    void theKindOfAFragmentIsToldByItsShapeElseByTheNameOfItsFile() {
        String bare = "{\"spec\":{\"listeners\":[{\"portMapping\":{\"port\":1,\"protocol\":\"http\"}}]}}";
        String pooled = "{\"spec\":{\"listeners\":[{\"portMapping\":{\"port\":1,\"protocol\":\"http\"},"
                + "\"connectionPool\":{\"http\":{\"maxConnections\":1}}}]}}";

        assertThat(Read.files("x-vr.json", bare).resources().ofKind(Kind.VIRTUAL_ROUTER))
                .hasSize(1);
        assertThat(Read.files("x-vgw.json", bare).resources().ofKind(Kind.VIRTUAL_GATEWAY))
                .hasSize(1);
        assertThat(Read.files("virtualGateway.json", bare).resources().ofKind(Kind.VIRTUAL_GATEWAY))
                .hasSize(1);
        assertThat(Read.files("x.json", pooled).resources().ofKind(Kind.VIRTUAL_GATEWAY))
                .hasSize(1);
        assertThat(Read.files("my-route.json", ROUTE).resources().ofKind(Kind.ROUTE))
                .hasSize(1);
        assertThat(Read.files("mesh.json", "{}").resources().ofKind(Kind.MESH)).hasSize(1);
        assertThat(Read.errors(Read.files("x.json", bare)))
                .containsExactly("x.json:1:1: neither names nor spec tell what this is (expected: a member such as"
                        + " virtualNodeName); add it");
    }

    @Test
    void whatStoodOnTheCommandLineIsGuessedAndSaid() {
        String listener = "\"listeners\":[{\"portMapping\":{\"port\":1,\"protocol\":\"tcp\"}}]";

        ReadResult result = Read.files(
                "m/mesh.json",
                "{}",
                "m/a-route-1.json",
                ROUTE,
                "m/a-vr-1.json",
                "{\"spec\":{" + listener + "}}",
                "m/b-vr-2.json",
                "{\"spec\":{" + listener + "}}",
                "other/c-route.json",
                ROUTE);

        assertThat(Read.errors(result)).isEmpty();
        assertThat(result.resources().ids())
                .contains(
                        ResourceId.mesh("mesh"),
                        ResourceId.route("mesh", "a-vr-1", "a-route-1"),
                        ResourceId.route("mesh", "default", "c-route"));
        assertThat(Read.notes(result))
                .contains(
                        "m/mesh.json:1:1 meshName: missing; took 'mesh' (the name of the file); add \"meshName\"",
                        "m/a-route-1.json:1:1: no names in the file: took route 'a-route-1' (the name of the file) of"
                                + " virtualRouter 'a-vr-1' (its name fits best of 2 in this folder) in mesh 'mesh' (the"
                                + " only one here); add routeName, virtualRouterName, meshName",
                        "other/c-route.json:1:1: no names in the file: took route 'c-route' (the name of the file) of"
                                + " virtualRouter 'default' (since none stands in this folder) in mesh 'mesh' (the only"
                                + " one here); add routeName, virtualRouterName, meshName");
        assertThat(Read.notes(result)).filteredOn(note -> note.contains("took")).hasSize(5);
    }

    @Test
    void aFragmentWithoutAnyMeshAroundGoesToTheOneNamedDefault() {
        ReadResult result = read("{" + SPEC + "}");

        assertThat(result.resources().ids()).containsExactly(ResourceId.of(Kind.VIRTUAL_SERVICE, "default", "a"));
        assertThat(Read.notes(result))
                .contains(
                        "a.json:1:1: no names in the file: took virtualService 'a' (the name of the file) in mesh 'default'"
                                + " (since nothing here names a single one); add virtualServiceName, meshName");
    }

    @Test
    void namesThatStandThereAreNotAskedForAgain() {
        ReadResult result = Read.files("a.json", "{\"routeName\":\"r\",\"spec\":" + ROUTE + "}");
        ReadResult almost = Read.files("a.json", "{\"meshName\":\"m\",\"routeName\":\"r\",\"spec\":" + ROUTE + "}");

        assertThat(Read.notes(result))
                .contains(
                        "a.json:1:1: not all names are in the file: took virtualRouter 'default' (since none stands in"
                                + " this folder) in mesh 'default' (since nothing here names a single one); add"
                                + " virtualRouterName, meshName");
        assertThat(Read.notes(almost))
                .contains(
                        "a.json:1:1 virtualRouterName: missing; took 'default' (since none stands in this folder); add"
                                + " \"virtualRouterName\"");
    }

    @Test
    void skeletonsOfTheCommandLineAreRefused() {
        ReadResult result =
                read("{\"meshName\":\"\",\"virtualNodeName\":\"\",\"spec\":{\"listeners\":[{\"portMapping\":"
                        + "{\"port\":0,\"protocol\":\"tcp\"}}]}}");

        assertThat(Read.errors(result))
                .containsExactly(
                        "a.json:1:13 meshName: empty (expected: 1 to 255 characters)",
                        "a.json:1:34 virtualNodeName: empty (expected: 1 to 255 characters)",
                        "a.json:1:81 spec.listeners[0].portMapping.port: 0 (expected: 1 to 65535)");
    }

    @Test
    void membersThatTheApiDoesNotKnowAreErrors() {
        ReadResult result =
                read("{\"meshName\":\"m\",\"virtualServiceNam\":\"s\",\"virtualNodeName\":\"v\",\"spec\":{}}");

        assertThat(Read.errors(result))
                .singleElement()
                .asString()
                .contains("virtualServiceNam: unknown member 'virtualServiceNam'");
    }

    @Test
    void otherDialectsAndOtherFilesAreSkipped() {
        ReadResult result = Read.files(
                "pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: { name: p }",
                "sns.json", "{\"Resources\":{\"T\":{\"Type\":\"AWS::SNS::Topic\"}}}",
                "main.tf", "resource \"aws_appmesh_mesh\" \"m\" { name = \"m\" }",
                "compose.yml", "services: {}",
                "empty.yaml", "",
                "text", "just words");

        assertThat(result.problems())
                .extracting(Object::toString)
                .containsExactly(
                        "main.tf: Terraform's own files are not read; run 'terraform show -json > mesh.json' where you run"
                                + " Terraform, and put its output here ('terraform show -json PLANFILE' shows a plan instead"
                                + " of the state)");
        assertThat(result.skipped()).containsExactly("pod.yaml", "sns.json", "compose.yml", "empty.yaml", "text");
        assertThat(result.hasErrors()).isFalse();
    }

    @Test
    void aSpecWhoseOnlyMemberIsMisspeltIsNotTakenForAnotherKindOfFile() {
        ReadResult slip = Read.files("beta.json", "{\"spec\": {\"htpRoute\": {}}}");
        ReadResult other = Read.files("beta.json", "{\"spec\": {\"replicas\": 3}}");

        assertThat(Read.errors(slip))
                .containsExactly("beta.json:1:11 spec.htpRoute: no member of a spec; did you mean 'httpRoute'?");
        assertThat(other.skipped()).containsExactly("beta.json");
    }
}
