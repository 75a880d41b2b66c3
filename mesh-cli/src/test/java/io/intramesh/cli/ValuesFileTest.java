package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ValuesFileTest {
    @TempDir
    private Path folder;

    @Test
    void valuesAreTheTextAsWritten() throws Exception {
        assertThat(read("MESH: shop\nPORT: 08080\nON: yes\nRATIO: 1.50\nQUOTED: \"a: b\"\nBIG: 0x1F\n"))
                .containsExactly(
                        entry("MESH", "shop"),
                        entry("PORT", "08080"),
                        entry("ON", "yes"),
                        entry("RATIO", "1.50"),
                        entry("QUOTED", "a: b"),
                        entry("BIG", "0x1F"));
    }

    @Test
    void nothingIsTheEmptyText() throws Exception {
        assertThat(read("A:\nB: null\nC: ~\nD: 'null'\n"))
                .containsExactly(entry("A", ""), entry("B", ""), entry("C", ""), entry("D", "null"));
    }

    @Test
    void nestedNamesAreJoinedWithDotsAndListsWithCommas() throws Exception {
        assertThat(read("image:\n  tag: v2\n  repo: { name: r }\nSubnets: [a, b]\n"))
                .containsExactly(entry("image.tag", "v2"), entry("image.repo.name", "r"), entry("Subnets", "a,b"));
    }

    @Test
    void aCharacterOutsideTheBasicPlaneMayStandAnywhere() throws Exception {
        for (int before = 1000; before < 1050; before++) {
            String padding = "a".repeat(before);
            assertThat(read("A: " + padding + "\uD83D\uDE80")).containsExactly(entry("A", padding + "\uD83D\uDE80"));
        }
    }

    @Test
    void jsonWillDo() throws Exception {
        assertThat(read("{\"A\": \"1\", \"B\": 2}")).containsExactly(entry("A", "1"), entry("B", "2"));
    }

    @Test
    void filesOfParametersForTheAwsCliWillDo() throws Exception {
        assertThat(read("[{\"ParameterKey\": \"A\", \"ParameterValue\": \"1\"},"
                        + " {\"ParameterKey\": \"B\", \"ParameterValue\": \"x,y\", \"UsePreviousValue\": false}]"))
                .containsExactly(entry("A", "1"), entry("B", "x,y"));
        assertThat(read("[\"A=1\", \"B=x=y\", \"C=\"]"))
                .containsExactly(entry("A", "1"), entry("B", "x=y"), entry("C", ""));
        assertThat(read("{\"Parameters\": {\"A\": \"1\", \"B\": [1, 2]}, \"Tags\": {\"Team\": \"mesh\"}}"))
                .containsExactly(entry("A", "1"), entry("B", "1,2"));
        assertThat(read("Parameters: { A: 1 }\nother: 2\n"))
                .containsExactly(entry("Parameters.A", "1"), entry("other", "2"));
    }

    @Test
    void listsThatHoldNoParametersAreRefusedWithTheirPlace() throws Exception {
        assertRefused("- A=1\n- A=2\n").hasMessageContaining("values.yaml:2:3: 'A' is given twice");
        assertRefused("- A=1\n- =2\n").hasMessageContaining("values.yaml:2:3: no parameter");
        assertRefused("- { ParameterKey: A, UsePreviousValue: true }\n")
                .hasMessageContaining("values.yaml:1:3: no parameter (expected: ParameterKey and ParameterValue)");
        assertRefused("- [ A ]\n").hasMessageContaining("values.yaml:1:3: no parameter");
    }

    @Test
    void anEmptyFileHoldsNoValues() throws Exception {
        assertThat(read("")).isEmpty();
        assertThat(read("# nothing yet\n")).isEmpty();
    }

    @Test
    void aNameGivenTwiceIsRefusedWithItsPlace() throws Exception {
        assertRefused("A: 1\nB: 2\nA: 3\n").hasMessageContaining("values.yaml:3:1: 'A' is given twice");
        assertRefused("a.b: 1\na:\n  b: 2\n").hasMessageContaining("values.yaml:3:3: 'a.b' is given twice");
    }

    @Test
    void whatIsNoMapIsRefusedWithItsPlace() throws Exception {
        assertRefused("- a\n- b\n").hasMessageContaining("values.yaml:1:3: no parameter");
        assertRefused("[]").hasMessageContaining("no map");
        assertRefused("just text").hasMessageContaining("no map");
        assertRefused("A: [[1]]\n").hasMessageContaining("values.yaml:1:5: a list of lists");
        assertRefused("? [a]\n: 1\n").hasMessageContaining("no name");
    }

    @Test
    void brokenYamlIsRefusedWithItsPlace() throws Exception {
        assertRefused("A: 1\nB: [1, 2\n").hasMessageContaining("values.yaml:3:1: no YAML: ");
        assertRefused("A: 1\n---\nB: 2\n").hasMessageContaining("no YAML: ");
    }

    @Test
    void hostileFilesAreBounded() throws Exception {
        StringBuilder bomb = new StringBuilder("a0: &a0 { k: v }\n");
        for (int i = 1; i < 20; i++) {
            bomb.append("a%d: &a%d { x: *a%d, y: *a%d }%n".formatted(i, i, i - 1, i - 1));
        }
        assertRefused(bomb.toString()).hasMessageContaining("too many values");

        assertRefused("a: &a { b: *a }\n").hasMessageContaining("nested too deeply");
        assertRefused("A: " + "x".repeat(ValuesFile.MAX_BYTES)).hasMessageContaining("too large");

        Path file = folder.resolve("values.yaml");
        Files.write(file, new byte[] {'A', ':', ' ', (byte) 0xff});
        assertThatThrownBy(() -> ValuesFile.read(file)).hasMessageContaining("not UTF-8");
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> ValuesFile.read(folder.resolve("none.yaml")))
                .isInstanceOf(BadInputException.class)
                .hasMessageStartingWith("--values ")
                .hasMessageEndingWith("none.yaml: no such file or folder");
        assertThatThrownBy(() -> ValuesFile.read(folder))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("cannot be read");
    }

    private Map<String, String> read(String text) throws IOException, BadInputException {
        return ValuesFile.read(Files.writeString(folder.resolve("values.yaml"), text));
    }

    private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("values.yaml"), text);
        return assertThatThrownBy(() -> ValuesFile.read(file)).isInstanceOf(BadInputException.class);
    }
}
