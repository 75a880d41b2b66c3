package io.intramesh.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.DocumentValue;
import io.intramesh.document.MeshTestDocument;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MeshTestsTest {
    private static final String HEAD = """
            apiVersion: intramesh.io/v1
            kind: MeshTest
            metadata: { mesh: shop, name: payments }
            spec:
              expectations:
            """;

    @Test
    void aTestIsNoResourceNoProblemAndNotSkipped() {
        ReadResult result = read("tests.yaml", HEAD + "    - orders calling x goes to y\n");

        assertThat(result.resources().size()).isZero();
        assertThat(result.problems()).isEmpty();
        assertThat(result.skipped()).isEmpty();
        assertThat(result.tests()).singleElement().satisfies(test -> {
            assertThat(test.mesh()).isEqualTo("shop");
            assertThat(test.name()).isEqualTo("payments");
            assertThat(test.origin()).hasToString("tests.yaml:1:1");
            assertThat(test.expectations()).hasSize(1);
        });
    }

    @Test
    void aTestStandsBesideResourcesAndInJson() {
        ReadResult yaml = read("mesh.yaml", HEAD + """
                              - a sentence
                          ---
                          apiVersion: intramesh.io/v1
                          kind: Mesh
                          metadata: { name: shop }
                          spec: {}
                          """);
        ReadResult json = read("t.json", """
                {"apiVersion":"intramesh.io/v1","kind":"MeshTest","metadata":{"name":"t"},
                 "spec":{"expectations":["one","two"]}}
                """);

        assertThat(yaml.resources().size()).isEqualTo(1);
        assertThat(yaml.tests()).hasSize(1);
        assertThat(json.tests()).singleElement().satisfies(test -> {
            assertThat(test.mesh()).isNull();
            assertThat(text(test, 1).at(1)).hasToString("t.json:2:34");
        });
        assertThat(json.problems()).isEmpty();
    }

    @Test
    void whatIsWrongWithATestConcernsTheTestAlone() {
        ReadResult result = read("tests.yaml", """
                apiVersion: intramesh.io/v2
                kind: MeshTest
                metadata: { mesh: shop, nam: x }
                spec: { expectation: [] }
                """);

        assertThat(result.hasErrors()).isFalse();
        assertThat(result.tests().get(0).problems())
                .extracting(Object::toString)
                .containsExactlyInAnyOrder(
                        "tests.yaml:1:13 apiVersion: 'intramesh.io/v2' (expected: intramesh.io/v1)",
                        "tests.yaml:3:25 metadata.nam: unknown member 'nam'; did you mean 'name'?",
                        "tests.yaml:4:9 spec.expectation: unknown member 'expectation'; did you mean 'expectations'?");
    }

    @Test
    void aMisspelledKindIsNotPassedOver() {
        ReadResult result = read("tests.yaml", HEAD.replace("MeshTest", "MeshTests") + "    - x\n");

        assertThat(result.problems().get(0).message()).endsWith("did you mean 'MeshTest'?");
    }

    @Test
    void everyCharacterOfASentenceHasItsPlace() {
        ReadResult result = read("t.yaml", HEAD + """
                              - one two
                              - "say \\"it\\" now"
                              - 'it''s now'
                              - >
                                folded into
                                one now
                              - plain over
                                two now
                          """);
        MeshTestDocument test = result.tests().get(0);

        assertThat(placeOf(test, 0, "two")).isEqualTo("t.yaml:6:11");
        assertThat(placeOf(test, 1, "now")).isEqualTo("t.yaml:7:19");
        assertThat(placeOf(test, 2, "now")).isEqualTo("t.yaml:8:14");
        assertThat(placeOf(test, 3, "now")).isEqualTo("t.yaml:11:11");
        assertThat(placeOf(test, 4, "now")).isEqualTo("t.yaml:13:11");
    }

    @Test
    void whereTheSourceDoesNotShowTheTextThePlaceIsThatOfTheValue() {
        ReadResult escaped = read("t.yaml", HEAD + "    - \"\\u006fne two\"\n");
        ReadResult filled = new DocumentSet(Map.of("WHO", "orders"), Map.of(), expression -> null, false)
                .read(List.of(RawDocument.of("t.yaml", HEAD + "    - ${WHO} calling x\n")));

        assertThat(placeOf(escaped.tests().get(0), 0, "two")).isEqualTo("t.yaml:6:7");
        assertThat(text(filled.tests().get(0), 0).text()).isEqualTo("orders calling x");
        assertThat(placeOf(filled.tests().get(0), 0, "calling")).isEqualTo("t.yaml:6:7");
    }

    @Test
    void whatNothingFillsIsAProblemOfTheTest() {
        ReadResult result = read("t.yaml", HEAD + "    - ${NOBODY_KNOWS_THIS} calling x\n");

        assertThat(result.hasErrors()).isFalse();
        assertThat(result.tests().get(0).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).startsWith("nothing fills ${NOBODY_KNOWS_THIS}"));
    }

    @Test
    void aTagIsRefused() {
        ReadResult result = read("t.yaml", HEAD + "    - !Ref orders\n");

        assertThat(result.tests().get(0).problems())
                .extracting(Object::toString)
                .containsExactly("t.yaml:6:7 spec.expectations: the tag !Ref means nothing here; remove it");
    }

    private static ReadResult read(String name, String content) {
        return new DocumentSet(Map.of(), Map.of(), expression -> null, false)
                .read(List.of(RawDocument.of(name, content)));
    }

    private static DocumentValue.Text text(MeshTestDocument test, int index) {
        return (DocumentValue.Text) test.expectations().get(index);
    }

    private static String placeOf(MeshTestDocument test, int index, String word) {
        DocumentValue.Text text = text(test, index);
        return text.at(text.text().indexOf(word)).toString();
    }
}
