package io.intramesh.internal.document;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** Files that are no documents, or made to hurt: each is refused with its own words, and soon. */
@Timeout(60)
final class HostileFilesTest {
    private static final String HEAD =
            "apiVersion: intramesh.io/v1\nkind: VirtualService\nmetadata: { mesh: m, name: n }\n";

    private record Case(String what, RawDocument file, String error) {}

    private static Case of(String what, String file, String content, String error) {
        return of(what, file, content.getBytes(UTF_8), error);
    }

    private static Case of(String what, String file, byte[] content, String error) {
        return new Case(what, RawDocument.of(file, content), error);
    }

    @TestFactory
    Stream<DynamicTest> aFileThatIsNoDocumentIsUnreadableForItsOwnReason() {
        return Stream.of(
                        of(
                                "trailing comma",
                                "a.json",
                                "{\n  \"spec\": {},\n}",
                                "a.json:3:1: no JSON: a comma before '}'; remove the comma"),
                        of(
                                "comma in a list",
                                "a.json",
                                "{\"a\":[1,]}",
                                "a.json:1:9: no JSON: a comma before ']'; remove the comma"),
                        of(
                                "bare placeholder",
                                "a.json",
                                "{\"port\": $PORT}",
                                "a.json:1:10: no JSON: a placeholder without quotes; write \"${NAME}\", also where a number stands"),
                        of(
                                "half a file",
                                "a.json",
                                "{\"a\":",
                                "no JSON: the file ends inside a value; close what is open"),
                        of(
                                "comments",
                                "a.json",
                                "{ // x\n}",
                                "a.json:1:3: no JSON: a comment, which JSON does not have; remove it"),
                        of(
                                "comments as in YAML",
                                "a.json",
                                "{\"a\": 1,\n # x\n}",
                                "a.json:2:2: no JSON: a comment, which JSON does not have; remove it"),
                        of(
                                "single quotes",
                                "a.json",
                                "{'a': 1}",
                                "a.json:1:2: no JSON: the quote ' around text; write \""),
                        of(
                                "quotes of a word processor",
                                "a.json",
                                "{\"a\": \u201cb\u201d}",
                                "a.json:1:7: no JSON: the quote \u201c around text; write \""),
                        of("YAML in JSON", "a.json", "a: b", "no JSON: "),
                        of(
                                "deep JSON",
                                "a.json",
                                "[".repeat(100_000),
                                "a.json:1:65: nested deeper than 64 levels; flatten it"),
                        of(
                                "deep YAML",
                                "a.yaml",
                                "[".repeat(100_000),
                                "a.yaml:1:65: nested deeper than 64 levels; flatten it"),
                        of(
                                "deep block YAML",
                                "a.yaml",
                                deepBlocks(),
                                "a.yaml:64:64: nested deeper than 64 levels; flatten it"),
                        of(
                                "many values in JSON",
                                "a.json",
                                "[" + "1,".repeat(Bounds.MAX_JSON_NODES) + "1]",
                                "more than 4000000 values in one file; split the file"),
                        of(
                                "many values in YAML",
                                "a.yaml",
                                "[" + "1,".repeat(Bounds.MAX_NODES) + "1]",
                                "more than 1000000 values in one file; split the file"),
                        of(
                                "alias bomb",
                                "a.yaml",
                                aliasBomb(),
                                "aliases repeat more than 1000000 values; write out what they stand for"),
                        of("alias in itself", "a.yaml", "a: &x [ *x ]", "a.yaml:1:9: the alias *x contains itself"),
                        of(
                                "alias of nothing",
                                "a.yaml",
                                "a: *x",
                                "a.yaml:1:4: the alias *x has no anchor above it; put text with '*' in quotes"),
                        of(
                                "tab",
                                "a.yaml",
                                "a:\n\tb: c",
                                "a.yaml:2:1: no YAML: a tab where only spaces may stand; indent by spaces"),
                        of(
                                "two colons",
                                "a.yaml",
                                "a: b: c",
                                "a.yaml:1:5: no YAML: mapping values are not allowed here"),
                        of("bad escape", "a.yaml", "a: \"\\q\"", "no YAML: "),
                        of("unknown directive", "a.yaml", "%YAML 3.0\n---\na: b", "no YAML: "),
                        of("NUL", "a.yaml", "a: 1\nb: \0", "a.yaml:2:4: control character U+0000; remove it"),
                        of(
                                "NUL in JSON",
                                "a.json",
                                "{\"a\": \"\0\"}",
                                "a.json:1:8: control character U+0000; remove it"),
                        of("text around a template", "a.yaml", "host: {{ .Values.a }}.svc", "no YAML: "),
                        of(
                                "no UTF-8",
                                "a.yaml",
                                new byte[] {'a', ':', '\n', 'b', ':', ' ', (byte) 0xFF},
                                "a.yaml:2:4: the byte at offset 6 is no UTF-8; save the file as UTF-8"),
                        of("UTF-16", "a.yaml", "a: b".getBytes(UTF_16), "a.yaml:1:1: the byte at offset 0 is no UTF-8"),
                        of(
                                "half a character",
                                "a.json",
                                new byte[] {'"', (byte) 0xC3},
                                "the byte at offset 1 is no UTF-8"),
                        of(
                                "large",
                                "a.yaml",
                                large(),
                                "a.yaml: 8388609 bytes (expected: at most 8388608); split the file"),
                        of(
                                "large JSON",
                                "a.json",
                                largeJson(),
                                "a.json: 67108865 bytes (expected: at most 67108864); split the file"),
                        of(
                                "YAML that calls itself JSON's state",
                                "terraform.tfstate",
                                "a: &a [1]\nb: *a\n".getBytes(UTF_8),
                                "terraform.tfstate:1:1: no JSON"))
                .map(each -> DynamicTest.dynamicTest(each.what(), () -> {
                    ReadResult result = Read.reader().read(List.of(each.file()));

                    assertThat(Read.errors(result)).singleElement().asString().contains(each.error());
                    assertThat(result.unreadable()).containsExactly(each.file().name());
                    assertThat(result.resources().size()).isZero();
                }));
    }

    private static byte[] large() {
        byte[] bytes = new byte[Bounds.MAX_FILE_BYTES + 1];
        Arrays.fill(bytes, (byte) '#');
        return bytes;
    }

    private static byte[] largeJson() {
        byte[] bytes = new byte[Bounds.MAX_JSON_BYTES + 1];
        Arrays.fill(bytes, (byte) ' ');
        return bytes;
    }

    private static String deepBlocks() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            text.append(" ".repeat(i)).append("a:\n");
        }
        return text.toString();
    }

    private static String aliasBomb() {
        StringBuilder text = new StringBuilder("a0: &a0 [ x, x, x, x, x, x, x, x, x, x ]\n");
        for (int i = 1; i < 12; i++) {
            text.append("a").append(i).append(": &a").append(i).append(" [");
            text.append((" *a" + (i - 1) + ",").repeat(10)).append(" ]\n");
        }
        return text.toString();
    }

    @Test
    void aByteOrderMarkIsAccepted() {
        assertThat(Read.files("a.yaml", "\uFEFF" + HEAD + "spec: {}")
                        .resources()
                        .size())
                .isOne();
        assertThat(Read.files("a.json", "\uFEFF{\"meshName\":\"m\",\"spec\":{}}")
                        .resources()
                        .size())
                .isOne();
    }

    @Test
    void aSurrogatePairIsReadWhereverItStands() {
        for (int before = 900; before < 1100; before++) {
            String text = "#" + "x".repeat(before) + "\uD83D\uDE00" + "\n" + HEAD + "spec: {}";

            ReadResult result = Read.files("a.yaml", text);

            assertThat(Read.errors(result))
                    .as("%s characters before it", before)
                    .isEmpty();
        }
    }

    @Test
    void aKeyWrittenTwiceIsRefusedAtTheSecondNamingTheFirst() {
        ReadResult yaml = Read.files("a.yaml", HEAD + "spec:\n  provider:\n  provider:\n");
        ReadResult json = Read.files("a.json", "{\"meshName\":\"m\",\n\"meshName\":\"n\",\"spec\":{}}");

        assertThat(Read.errors(yaml))
                .containsExactly("a.yaml:6:3 spec.provider: 'provider' is written twice, first at line 5; remove one");
        assertThat(yaml.refused()).hasSize(1);
        assertThat(yaml.unreadable()).isEmpty();
        assertThat(Read.errors(json))
                .containsExactly("a.json:2:1 meshName: 'meshName' is written twice, first at line 1; remove one");
    }

    @Test
    void anAliasMayStandForWhatItNames() {
        ReadResult result = Read.files("a.yaml", """
                apiVersion: intramesh.io/v1
                kind: Route
                metadata: { mesh: m, virtualRouter: r, name: n }
                spec:
                  tcpRoute:
                    timeout: { idle: { unit: &u s, value: 1 } }
                    action: { weightedTargets: [ &t { virtualNode: v, weight: 1 }, *t ] }
                """);

        assertThat(Read.errors(result)).isEmpty();
        assertThat(result.resources().size()).isOne();
    }

    @Test
    void valuesOfYamlAreCountedTooInListsMappingsAndAliases() {
        // The list is one value, and each pair two. That a million is where files end, the cases above show: JSON has
        // many values, and YAML aliases.
        String list = "[" + "1,".repeat(20) + "]";
        String mapping = "{ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10 }";
        String aliases = "[ &x [ 1, 2, 3, 4, 5, 6, 7, 8 ], *x ]";

        for (String text : List.of(list, mapping)) {
            assertThatCode(() -> YamlTree.parse("a.yaml", text, new Bounds.Counter(21)))
                    .doesNotThrowAnyException();
            assertThatThrownBy(() -> YamlTree.parse("a.yaml", text, new Bounds.Counter(20)))
                    .asInstanceOf(type(Unreadable.class))
                    .extracting(Unreadable::problem)
                    .isEqualTo("more than 20 values in one file; split the file");
        }
        assertThatCode(() -> YamlTree.parse("a.yaml", aliases, new Bounds.Counter(19)))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> YamlTree.parse("a.yaml", aliases, new Bounds.Counter(18)))
                .asInstanceOf(type(Unreadable.class))
                .extracting(Unreadable::problem)
                .isEqualTo("aliases repeat more than 18 values; write out what they stand for");
    }

    @Test
    void aHundredThousandUnknownMembersGiveAHundredProblemsAndOneThatSaysSo() {
        // In JSON, whose parser takes a tenth of the time; what is shown comes after it.
        StringBuilder members = new StringBuilder("{\"meshName\":\"m\",\"virtualServiceName\":\"n\",\"spec\":{\"x\":1");
        for (int i = 0; i < 100_000; i++) {
            members.append(",\"x").append(i).append("\":1");
        }

        ReadResult result = Read.files("a.json", members + "}}");

        assertThat(Read.errors(result)).hasSize(Bounds.MAX_PROBLEMS + 1);
        assertThat(Read.errors(result).get(Bounds.MAX_PROBLEMS))
                .contains("more of the same kind follow; mend those above and read again");
    }

    @Test
    void longValuesAreCutInMessages() {
        ReadResult result = Read.spec("Mesh", "egressFilter: { type: " + "x".repeat(100_000) + " }");

        assertThat(Read.errors(result))
                .singleElement()
                .asString()
                .hasSizeLessThan(250)
                .contains("xxx…'");
    }

    @Test
    void halfAMillionPlaceholdersThatNeverEndAreReadInLinearTime() {
        // At the square of this length, 10^12 steps, the time of this class would be up long before. In JSON, since
        // YAML's parser would take most of the time.
        ReadResult result = Read.files(
                "a.json",
                "{\"meshName\":\"m\",\"virtualServiceName\":\"n\",\"spec\":{\"provider\":\"" + "${A:-".repeat(500_000)
                        + "\"}}");

        assertThat(Read.errors(result)).hasSize(1);
    }
}
