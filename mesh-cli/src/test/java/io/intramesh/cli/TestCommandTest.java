package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

final class TestCommandTest {
    private static final String HEAD = """
            apiVersion: intramesh.io/v1
            kind: MeshTest
            metadata: { mesh: shop, name: payments }
            spec:
              expectations:
            """;
    private static final String GOOD = HEAD + """
                - storefront calling GET http://payments.local/beta goes 10 % to payments-v2
                - storefront calling POST http://payments.local/beta is refused: NO_ROUTE
            """;
    private static final String BAD = HEAD + """
                - storefront calling GET http://payments.local/beta goes 10 % to payments-v2
                - storefront calling GET http://payments.local/beta goes 50 % to payments-v2
                - storefornt calling GET http://payments.local/beta is refused
                - storefront calling GET http://payments.local/beta goez to payments-v2
            """;

    @TempDir
    private Path folder;

    @Test
    void whatIsMetIsOk() throws IOException {
        write("tests/payments.yaml", GOOD);

        Run run = Run.mesh("test", Shop.in(folder));

        assertThat(run.exitCode()).isZero();
        assertThat(run.lines())
                .containsExactly(
                        "ok      tests/payments.yaml:6:7: storefront calling GET http://payments.local/beta goes 10 %"
                                + " to payments-v2",
                        "ok      tests/payments.yaml:7:7: storefront calling POST http://payments.local/beta is refused:"
                                + " NO_ROUTE",
                        "",
                        "2 expectations: 2 ok");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void whatIsNotMetIsShownWithTheDifferenceAndTheReason() throws IOException {
        write("tests.yaml", BAD);

        Run run = Run.mesh("test", Shop.in(folder));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .contains(
                        "FAILED  tests.yaml:7:7: storefront calling GET http://payments.local/beta goes 50 % to payments-v2",
                        "        expected: goes 50 % to payments-v2 (found: 10 %)",
                        "        happens:  goes 90 % to payments-v1:8081 and 10 % to payments-v2:8082, by route beta",
                        "        tried:    route beta (",
                        "ERROR   tests.yaml:8:7: storefornt calling",
                        "        no virtual node 'storefornt' here; did you mean 'storefront'?",
                        "ERROR   tests.yaml:9:57: storefront calling",
                        "        'goez' (expected: goes …, is refused",
                        "4 expectations: 1 ok, 1 failed, 2 without meaning");
    }

    @Test
    void testsMayLieElsewhereAndThenOnlyThoseCount() throws IOException {
        Files.createDirectories(folder.resolve("mesh"));
        write("mesh/bad.yaml", BAD);
        write("elsewhere.yaml", GOOD);

        Run run = Run.mesh(
                "test",
                Shop.in(folder.resolve("mesh")),
                "--tests",
                folder.resolve("elsewhere.yaml").toString());

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("ok      elsewhere.yaml:6:7", "2 expectations: 2 ok");
    }

    @Test
    void noExpectationsAreNoSuccess() throws IOException {
        Run run = Run.mesh("test", Shop.in(folder));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("no expectations (expected: documents of kind MeshTest", "mesh test --help");
    }

    @Test
    void aFolderThatIsNotThereIsSaid() {
        Run run = Run.mesh("test", folder.resolve("nowhere").toString());
        Run tests = Run.mesh("test", folder.toString(), "--tests", "nowhere");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("nowhere: no such file or folder");
        assertThat(tests.exitCode()).isEqualTo(2);
        assertThat(tests.err()).contains("--tests nowhere: ", "no such file or folder");
    }

    @Test
    void refusedResourcesAreNoSuccessUnlessTheyAreAllowed() throws IOException {
        write("tests.yaml", GOOD);
        write(
                "bad.yaml",
                "{ apiVersion: intramesh.io/v1, kind: VirtualNode, metadata: { mesh: shop, name: x }, spec: { a: 1 } }\n");
        String mesh = Shop.in(folder);

        Run run = Run.mesh("test", mesh);
        Run allowed = Run.mesh("test", "--allow-refused", mesh);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("2 expectations: 2 ok; 1 problem in the mesh's own resources");
        assertThat(run.err()).contains("bad.yaml:1:", "--allow-refused takes that");
        assertThat(allowed.exitCode()).isZero();
        assertThat(allowed.err()).contains("bad.yaml:1:");
    }

    @Test
    void aFileThatCannotBeReadMayHoldTestsAndIsNeverAllowed() throws IOException {
        write("tests.yaml", GOOD);
        write("broken.yaml", HEAD + "    - storefront calling a with header x: 1 is refused: POLICY\n");
        String mesh = Shop.in(folder);

        Run run = Run.mesh("test", "--allow-refused", mesh);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("ERROR   broken.yaml:6:", "needs quotes");
    }

    @Test
    void valuesFillMeshAndTests() throws IOException {
        write("tests.yaml", GOOD.replace("10 %", "${SHARE} %"));
        write("values.txt", "SHARE: 10\n");
        String mesh = Shop.in(folder);

        Run run =
                Run.mesh("test", mesh, "--values", folder.resolve("values.txt").toString());

        assertThat(run.exitCode()).isZero();
    }

    @Test
    void jsonSaysTheSame() throws IOException {
        write("tests.yaml", BAD);

        Run run = Run.mesh("test", "--json", Shop.in(folder));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.lines())
                .singleElement()
                .satisfies(json -> assertThat(json)
                        .startsWith(
                                "{\"counts\":{\"met\":1,\"failed\":1,\"error\":2},\"expectations\":[{\"test\":\"payments\","
                                        + "\"expectation\":\"storefront calling GET http://payments.local/beta goes 10 % to payments-v2\","
                                        + "\"file\":\"tests.yaml\",\"line\":6,\"column\":7,\"status\":\"met\",\"messages\":[],\"happens\":"
                                        + "\"goes 90 % to payments-v1:8081 and 10 % to payments-v2:8082, by route beta\",\"tried\":[")
                        .contains("\"status\":\"failed\",\"messages\":[\"goes 50 % to payments-v2 (found: 10 %)\"]")
                        .contains("\"status\":\"error\"")
                        .endsWith("\"refused\":[]}"));
    }

    @Test
    void junitXmlIsWrittenForBuildServers() throws Exception {
        write(
                "tests.yaml",
                BAD + "    - 'storefront calling GET http://payments.local/?a=\"<&>\" is refused: NO_ROUTE'\n");
        write(
                "bad.yaml",
                "{ apiVersion: intramesh.io/v1, kind: VirtualNode, metadata: { mesh: shop, name: x }, spec: { a: 1 } }\n");
        Path xml = folder.resolve("target/reports/mesh.xml");

        Run run = Run.mesh("test", Shop.in(folder), "--junit", xml.toString());

        assertThat(run.exitCode()).isEqualTo(1);
        Document document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(xml.toFile());
        Element suite = (Element) document.getElementsByTagName("testsuite").item(0);
        assertThat(suite.getAttribute("name")).isEqualTo("payments");
        assertThat(suite.getAttribute("tests")).isEqualTo("5");
        assertThat(suite.getAttribute("failures")).isEqualTo("1");
        assertThat(suite.getAttribute("errors")).isEqualTo("2");
        assertThat(document.getElementsByTagName("failure").item(0).getTextContent())
                .contains("tests.yaml:7:7", "expected: goes 50 % to payments-v2 (found: 10 %)");
        assertThat(((Element) document.getElementsByTagName("testcase").item(4)).getAttribute("name"))
                .isEqualTo("storefront calling GET http://payments.local/?a=\"<&>\" is refused: NO_ROUTE");
        assertThat(((Element) document.getElementsByTagName("testcase").item(5)).getAttribute("name"))
                .isEqualTo("nothing is refused");
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
