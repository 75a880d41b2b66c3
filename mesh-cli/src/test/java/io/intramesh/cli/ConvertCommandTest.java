package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.DocumentReader;
import io.intramesh.document.ReadResult;
import io.intramesh.registry.FileRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConvertCommandTest {
    @TempDir
    private Path folder;

    private Path in;
    private Path out;

    @BeforeEach
    void nameFolders() throws IOException {
        in = Files.createDirectory(folder.resolve("in"));
        out = folder.resolve("out");
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "json", "kubernetes"})
    void whatIsWrittenReadsBackAsTheSameResources(String form) throws Exception {
        Run run = convert(form, Shop.in(in));

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(read(out).hasErrors()).isFalse();
        assertThat(read(out).resources().all())
                .containsExactlyInAnyOrderElementsOf(read(in).resources().all());
        assertThat(read(out).resources().routes("shop", "payments"))
                .isEqualTo(read(in).resources().routes("shop", "payments"));
        Run diff = Run.mesh("diff", in.toString(), out.toString());
        assertThat(diff.exitCode()).as(diff.out()).isZero();
        assertThat(diff.out()).contains("no change for traffic");
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "json", "kubernetes"})
    void whatIsExpectedOfTheMeshGoesAlong(String form) throws Exception {
        Shop.in(in);
        Files.createDirectories(in.resolve("checks"));
        Files.writeString(in.resolve("checks/odd.yaml"), """
                apiVersion: intramesh.io/v1
                kind: MeshTest
                metadata: { name: "what: ever" }
                spec:
                  expectations:
                    - storefront calling GET http://nowhere.local is refused: NO_ROUTE
                    - { name: a, caller: storefront, call: GET http://nowhere.local, isRefused: NO_ROUTE }
                    - [[a, []], null, { b: [{ c: ~ }] }, "${HOME"]
                """);
        Files.writeString(in.resolve("checks/nameless.yaml"), """
                apiVersion: intramesh.io/v1
                kind: MeshTest
                metadata: {}
                spec: { expectations: [x] }
                """);

        Run run = convert(form, in.toString());

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(files()).contains("tests/odd.yaml", ".schema/intramesh-v1.schema.json");
        assertThat(Files.readString(out.resolve("tests/odd.yaml")))
                .startsWith(
                        "# yaml-language-server: $schema=../.schema/intramesh-v1.schema.json\n# From checks/odd.yaml:")
                .contains("    - storefront calling GET http://nowhere.local is refused: NO_ROUTE\n");
        assertThat(read(out).tests()).singleElement().satisfies(test -> {
            assertThat(test.name()).isEqualTo("what: ever");
            assertThat(test.expectations()).hasSize(3);
        });
        assertThat(Files.readString(out.resolve("CONVERSION.md")))
                .containsPattern("## Refused, and left out\\s+- `checks/nameless.yaml");
    }

    @Test
    void anOverrideThatHasItsWayIsLeftOutAndOneForWhatLivesElsewhereStays() throws Exception {
        write("""
                {"meshName": "shop", "virtualNodeName": "ads", "spec": {
                  "listeners": [{"portMapping": {"port": 80, "protocol": "http"}}],
                  "serviceDiscovery": {"awsCloudMap": {"namespaceName": "shop.internal", "serviceName": "ads"}}}}
                """);
        Files.writeString(in.resolve("o.yaml"), """
                apiVersion: intramesh.io/v1
                kind: Override
                metadata: { mesh: shop, name: ads }
                spec:
                  targetRef: { kind: VirtualNode, name: ads }
                  serviceDiscovery: { dns: { hostname: ads.shop.internal } }
                ---
                apiVersion: intramesh.io/v1
                kind: Override
                metadata: { mesh: shop, name: far }
                spec:
                  targetRef: { kind: VirtualNode, name: far }
                  serviceDiscovery: { dns: { hostname: far.shop.internal } }
                """);

        Run run = convert("native", in.toString());

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(Files.readString(out.resolve("nodes/ads.yaml"))).contains("dns: { hostname: ads.shop.internal }");
        assertThat(Files.readString(out.resolve("overrides.yaml")))
                .contains("name: far")
                .doesNotContain("name: ads");
        assertThat(Files.readString(out.resolve("CONVERSION.md")))
                .contains("override 'ads' at o.yaml:1:1", "is left out: what it decides stands in the resources");
        assertThat(read(out).problems()).noneMatch(problem -> problem.message().contains("replaces nothing"));
        Run diff = Run.mesh("diff", in.toString(), out.toString());
        assertThat(diff.exitCode()).as(diff.out()).isZero();
    }

    @Test
    void nativeDocumentsNameASchemaThatIsThereOrNoneAtAll() throws Exception {
        convert("native", Shop.in(in));

        String first = Files.readString(out.resolve("nodes/storefront.yaml"))
                .lines()
                .findFirst()
                .orElseThrow();
        String address = first.substring(first.indexOf('=') + 1);
        assertThat(Files.readString(out.resolve("nodes").resolve(address))).isEqualTo(DocumentSchema.render());

        convert("native", in.toString(), "--force", "--schema", "none");
        assertThat(Files.readString(out.resolve("nodes/storefront.yaml"))).startsWith("# From ");
    }

    @Test
    void aRouterStandsWithItsRoutesAndEveryKindInItsFolder() throws Exception {
        convert("native", Shop.in(in));

        assertThat(files()).contains("mesh.yaml", "nodes/storefront.yaml", "routers/payments.yaml", "CONVERSION.md");
        assertThat(Files.readString(out.resolve("routers/payments.yaml")))
                .contains("kind: VirtualRouter", "kind: Route\n", "# From shop.yaml:");
    }

    @Test
    void jsonHasAnObjectInAFileAndNumbersTheRoutes() throws Exception {
        convert("json", Shop.in(in));

        assertThat(files())
                .contains("mesh.json", "routers/payments.json")
                .anyMatch(file -> file.matches("routers/payments/01-.*\\.json"))
                .noneMatch(file -> file.endsWith(".yaml"));
    }

    @Test
    void aStreamGoesToStandardOutputAndNothingElseDoes() throws Exception {
        Run run = Run.mesh("convert", "--to", "native", "-o", "-", Shop.in(in));
        Files.createDirectory(out);
        Files.writeString(out.resolve("all.yaml"), run.out());

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(read(out).resources()).isEqualTo(read(in).resources());
    }

    @Test
    void whatNeedsADecisionIsSaidBesideTheResourceAndInTheReport() throws Exception {
        write("""
                {"meshName": "shop", "virtualNodeName": "ads", "spec": {
                  "listeners": [{"portMapping": {"port": 80, "protocol": "http"}}],
                  "serviceDiscovery": {"awsCloudMap": {"namespaceName": "shop.internal", "serviceName": "ads"}}}}
                """);

        Run run = convert("native", in.toString());

        assertThat(run.out()).contains("1 needs a decision, see CONVERSION.md");
        assertThat(Files.readString(out.resolve("nodes/ads.yaml")))
                .contains("# From a.json:1:1", "needs a decision", "awsCloudMap: ");
        assertThat(Files.readString(out.resolve("CONVERSION.md")))
                .contains("## Needs a decision", "Cloud Map", "| virtualNode 'ads' | a.json:1:1 | nodes/ads.yaml:");
    }

    @Test
    void aRefusedResourceKeepsEverythingFromBeingWrittenUnlessTheRestIsAskedFor() throws Exception {
        Shop.in(in);
        write("{\"meshName\": \"shop\", \"virtualRouterName\": \"bad\", \"spec\": {\"listeners\": 1}}");

        Run refused = convert("native", in.toString());
        Run partial = convert("native", in.toString(), "--partial");

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("a.json:1:", "nothing is written");
        assertThat(partial.exitCode()).isEqualTo(1);
        assertThat(files()).contains("routers/payments.yaml").noneMatch(file -> file.contains("bad"));
        assertThat(Files.readString(out.resolve("CONVERSION.md"))).contains("## Refused, and left out", "a.json:1:");
    }

    @Test
    void aFolderThatHoldsSomethingIsLeftAloneWithoutForce() throws Exception {
        Shop.in(in);
        Files.createDirectory(out);
        Files.writeString(out.resolve("mine.yaml"), "a: b");

        Run refused = convert("native", in.toString());
        Run forced = convert("native", in.toString(), "--force");

        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("not empty (expected: a new or empty folder)", "--force");
        assertThat(forced.exitCode()).isZero();
        assertThat(forced.err()).contains("mine.yaml was there before and stays");
        assertThat(files()).contains("mine.yaml", "mesh.yaml").noneMatch(file -> file.contains(".mesh-convert"));
    }

    @Test
    void theFolderThatIsReadIsNotWrittenInto() throws Exception {
        Shop.in(in);

        for (Path place : List.of(in, in.resolve("new"), folder)) {
            Run run = Run.mesh("convert", "--to", "json", "-o", place.toString(), "--force", in.toString());

            assertThat(run.exitCode()).as("%s", place).isEqualTo(2);
            assertThat(run.err()).contains("name a folder apart");
        }
        assertThat(in.resolve("new")).doesNotExist();
    }

    @Test
    void noNameLeadsOutOfTheFolder() throws Exception {
        String[] names = {"..", ".", "-rf", "..\\\\..\\\\x", "con", "CON", "\\u0000", " "};
        for (String name : names) {
            Files.writeString(
                    in.resolve("n" + names.length + name.hashCode() + ".json"),
                    "{\"meshName\": \"..\", \"virtualNodeName\": \"" + name + "\", \"spec\": {}}");
        }

        Run run = convert("native", in.toString());

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(files())
                .allMatch(file -> file.matches(
                        "CONVERSION\\.md|\\.schema/.*|nodes/[A-Za-z0-9_][A-Za-z0-9_.-]*\\.yaml|nodes/unnamed.*"));
        assertThat(read(out).resources().size()).isEqualTo(names.length);
        try (Stream<Path> beside = Files.list(folder)) {
            assertThat(beside).containsExactlyInAnyOrder(in, out);
        }
    }

    @Test
    void placeholdersAreFilledAndTheirValuesStayLiteral() throws Exception {
        Path values = Files.writeString(folder.resolve("values.yaml"), "HOST: 'a${B}'\n");
        write(
                "{\"meshName\": \"shop\", \"virtualNodeName\": \"ads\", \"spec\": {\"serviceDiscovery\": {\"dns\": {\"hostname\": \"${HOST}\"}}}}");

        Run run = convert("native", in.toString(), "--values", values.toString());

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(Files.readString(out.resolve("nodes/ads.yaml"))).contains("hostname: \"a$${B}\"");
    }

    @Test
    void nothingToConvertAndUnknownFormsAreWrongInput() throws Exception {
        assertThat(convert("native", in.toString()).err()).contains("holds no mesh resources; check the path");
        assertThat(convert("xml", in.toString()).err()).contains("'xml' (expected: native, json or kubernetes)");
        assertThat(convert("xml", in.toString()).exitCode()).isEqualTo(2);
        assertThat(out).doesNotExist();
    }

    private Run convert(String form, String path, String... more) {
        return Run.mesh(Stream.concat(Stream.of("convert", "--to", form, path, "-o", out.toString()), Stream.of(more))
                .toArray(String[]::new));
    }

    private void write(String json) throws IOException {
        Files.writeString(in.resolve("a.json"), json);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> inside = Files.walk(out)) {
            return inside.filter(Files::isRegularFile)
                    .map(file -> out.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    private static ReadResult read(Path path) throws IOException {
        return DocumentReader.builder().environment(Map.of()).build().read(FileRegistry.documents(path));
    }
}
