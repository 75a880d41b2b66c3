package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ValidateCommandTest {
    private static final String MESH = "apiVersion: intramesh.io/v1\nkind: Mesh\nmetadata: { name: shop }\n";

    @TempDir
    private Path folder;

    @Test
    void aGoodFolderIsCountedAndNothingIsRefused() throws Exception {
        Run run = Run.mesh("validate", "--json", Shop.in(folder));

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.out())
                .startsWith("{\"counts\":{\"Mesh\":1,\"VirtualNode\":4,\"VirtualService\":2,\"VirtualRouter\":2,"
                        + "\"Route\":4,\"VirtualGateway\":1,\"GatewayRoute\":2},\"problems\":[")
                .doesNotContain("\"severity\":\"error\"")
                .endsWith("]}\n");
        assertThat(run.lines()).hasSize(1);
        assertThat(run.err()).isEmpty();
    }

    @Test
    void aReferenceToSomethingElsewhereIsANote() throws Exception {
        Run run = Run.mesh("validate", Shop.in(folder));

        assertThat(run.exitCode()).isZero();
        assertThat(run.lines())
                .anySatisfy(line -> assertThat(line)
                        .matches("shop\\.yaml:\\d+:\\d+ spec\\.httpRoute\\.action\\.weightedTargets\\[2]"
                                + "\\.virtualNode: note: .*elsewhere.*"));
        assertThat(run.out()).contains("nothing refused, 1 note");
    }

    @Test
    void aRefusedResourceHasItsPlaceAndDoesNotHideItsNeighbours() throws Exception {
        write("a.yaml", MESH + """
                        ---
                        apiVersion: intramesh.io/v1
                        kind: VirtualNode
                        metadata: { mesh: shop, name: a }
                        spec:
                          listeners:
                            - portMapping: { port: 70000, protocol: http }
                        """);

        Run readable = Run.mesh("validate", folder.toString());
        Run json = Run.mesh("validate", folder.toString(), "--json");

        assertThat(readable.exitCode()).isEqualTo(1);
        assertThat(readable.lines().get(0))
                .matches("a\\.yaml:10:\\d+ spec\\.listeners\\[0]\\.portMapping\\.port: .*70000.*");
        assertThat(readable.out()).contains("Mesh 1, VirtualNode 0,", "1 error", "1 resource, 0 files");
        assertThat(json.exitCode()).isEqualTo(1);
        assertThat(json.out())
                .contains("\"counts\":{\"Mesh\":1,\"VirtualNode\":0,")
                .contains("{\"file\":\"a.yaml\",\"line\":10,\"column\":")
                .contains("\"path\":\"spec.listeners[0].portMapping.port\",\"severity\":\"error\",\"message\":\"");
    }

    @Test
    void aFileThatIsNoYamlIsRefused() throws Exception {
        write("broken.yaml", "kind: [\n");

        Run run = Run.mesh("validate", folder.toString());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.lines().get(0)).startsWith("broken.yaml:");
        assertThat(run.out()).contains("0 resources, 1 file");
    }

    @Test
    void theSameResourceTwiceIsANoteAndAnErrorWhenStrict() throws Exception {
        write("a.yaml", MESH);
        write("b.yaml", MESH);

        Run lenient = Run.mesh("validate", folder.toString());
        Run strict = Run.mesh("validate", "--strict", folder.toString());

        assertThat(lenient.exitCode()).isZero();
        assertThat(lenient.lines().get(0)).contains("note:").contains("a.yaml").contains("b.yaml");
        assertThat(strict.exitCode()).isEqualTo(1);
        assertThat(strict.lines().get(0))
                .doesNotContain("note:")
                .contains("a.yaml")
                .contains("b.yaml");
    }

    @Test
    void valuesFillPlaceholders() throws Exception {
        write("a.yaml", "apiVersion: intramesh.io/v1\nkind: Mesh\nmetadata: { name: \"${CLI_TEST_MESH}\" }\n");
        Path values = Files.writeString(folder.resolve("values.txt"), "CLI_TEST_MESH: shop\n");

        Run without = Run.mesh("validate", folder.toString());
        Run with = Run.mesh("validate", folder.toString(), "--values", values.toString());

        assertThat(without.exitCode()).isEqualTo(1);
        assertThat(without.out()).contains("CLI_TEST_MESH");
        assertThat(with.exitCode()).as(with.out()).isZero();
        assertThat(with.out()).contains("Mesh 1");
    }

    @Test
    void wrongValuesAreAUsageError() throws Exception {
        write("a.yaml", MESH);
        Path values = Files.writeString(folder.resolve("values.txt"), "- a\n");

        Run run = Run.mesh("validate", folder.toString(), "--values", values.toString());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("values.txt:1:3: no parameter");
    }

    @Test
    void filesWithoutMeshResourcesAreSkippedAndListedOnRequest() throws Exception {
        write("a.yaml", MESH);
        write("other.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n");

        Run run = Run.mesh("validate", folder.toString());
        Run verbose = Run.mesh("validate", "--verbose", folder.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("in 2 files; 1 file skipped").doesNotContain("other.yaml");
        assertThat(verbose.out()).contains("other.yaml: skipped");
    }

    @Test
    void aFolderWithoutResourcesIsNoted() {
        Run run = Run.mesh("validate", folder.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(run.lines().get(0)).isEqualTo(folder + ": note: holds no mesh resources; check the path");
    }

    @Test
    void aPathThatIsNotThereIsRefused() {
        Path nowhere = folder.resolve("nowhere");

        Run readable = Run.mesh("validate", nowhere.toString());
        Run json = Run.mesh("validate", "--json", nowhere.toString());

        assertThat(readable.exitCode()).isEqualTo(1);
        assertThat(readable.lines().get(0)).startsWith(nowhere + ": no such file or folder");
        assertThat(json.exitCode()).isEqualTo(1);
        assertThat(json.out())
                .startsWith("{\"counts\":{\"Mesh\":0,")
                .contains("\"problems\":[{\"file\":\"" + nowhere + "\",\"line\":0,\"column\":0,\"path\":\"\","
                        + "\"severity\":\"error\",\"message\":\"no such file or folder");
    }

    @Test
    void aSingleFileWillDo() throws Exception {
        Path file = write("a.yaml", MESH);
        write("broken.yaml", "kind: [\n");

        Run run = Run.mesh("validate", file.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Mesh 1", "in 1 file\n");
    }

    @Test
    void appMeshApiJsonIsRead() throws Exception {
        write("node.json", """
                {"meshName":"shop","virtualNodeName":"a","spec":{
                  "listeners":[{"portMapping":{"port":80,"protocol":"http"}}],
                  "serviceDiscovery":{"dns":{"hostname":"a.local"}}}}
                """);

        Run run = Run.mesh("validate", "--json", folder.toString());

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.out()).contains("\"VirtualNode\":1");
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
