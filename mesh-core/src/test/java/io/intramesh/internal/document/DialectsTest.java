package io.intramesh.internal.document;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.Problem;
import io.intramesh.document.ReadResult;
import io.intramesh.internal.route.RegexSyntax;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What holds in every dialect alike: one mesh is one model, and the rules of App Mesh refuse what they refuse. */
final class DialectsTest {
    private static final String API = "api.json";

    /** The same mesh, with every kind of resource and nearly every field; the provider writes states and plans differently. */
    private static final List<String> SAME_MESH =
            List.of("kubernetes.yaml", "cloudformation.yaml", "state.json", "plan.json", "terraform.tfstate");

    private static final List<String> RULES = List.of(
            "rules-native.yaml.txt",
            "rules-api.json.txt",
            "rules-kubernetes.yaml.txt",
            "rules-cloudformation.yaml.txt",
            "rules-terraform.json.txt");

    private static final int RULES_EACH = 31;

    @TestFactory
    Stream<DynamicTest> aMeshIsTheSameInEveryDialect() {
        ReadResult api = Read.files(API, text(API));
        assertThat(Read.errors(api)).isEmpty();
        assertThat(api.resources().size()).isEqualTo(18);
        return SAME_MESH.stream()
                .map(file -> DynamicTest.dynamicTest(file, () -> {
                    ReadResult other = Read.files(file, text(file));

                    assertThat(Read.errors(other)).isEmpty();
                    assertThat(api.resources().all())
                            .allSatisfy(each ->
                                    assertThat(other.resources().get(each.id())).isEqualTo(each));
                    assertThat(other.resources().ids())
                            .hasSameSizeAs(api.resources().ids());
                    assertThat(other.skipped()).isEmpty();
                }));
    }

    @TestFactory
    Stream<DynamicTest> aMeshInTwoDialectsIsOneMeshWrittenTwice() {
        return SAME_MESH.stream()
                .map(file -> DynamicTest.dynamicTest(file, () -> {
                    DocumentSet strict = new DocumentSet(Map.of(), Map.of(), RegexSyntax::problem, true);

                    ReadResult lenient = Read.files("a-" + API, text(API), "b-" + file, text(file));
                    ReadResult refused = Read.files(strict, "a-" + API, text(API), "b-" + file, text(file));

                    assertThat(Read.errors(lenient)).isEmpty();
                    assertThat(Read.notes(lenient))
                            .filteredOn(note -> note.contains(" is written twice, first at a-api.json:"))
                            .hasSize(18)
                            .allMatch(note -> note.startsWith("b-" + file + ":"));
                    assertThat(Read.errors(refused)).hasSize(18).allMatch(error -> error.contains(" is written twice"));
                }));
    }

    /**
     * A document that breaks one rule.
     *
     * @param bad the kind and the name of the resource that does
     * @param path where, as the API calls it, within the spec
     * @param message a part of what is said
     */
    private record Case(String title, String bad, String path, String message, String document) {
        boolean isRefused() {
            return !title.startsWith("V-13"); // What is not here may live elsewhere.
        }
    }

    @TestFactory
    Stream<DynamicTest> everyRuleIsHeldInEveryDialect() {
        return RULES.stream()
                .flatMap(file -> cases(file).stream()
                        .map(each -> DynamicTest.dynamicTest(file + " " + each.title(), () -> check(file, each))));
    }

    private static void check(String file, Case each) {
        ReadResult result = Read.files(file.replace(".txt", ""), each.document());

        assertThat(result.problems()).anySatisfy(problem -> {
            assertThat(problem.isError()).isEqualTo(each.isRefused());
            assertThat(alike(problem.path())).endsWith(alike(each.path()));
            assertThat(problem.message()).contains(each.message());
            assertThat(problem.origin().line()).isPositive();
        });
        Set<String> names = result.resources().ids().stream()
                .map(id -> id.kind().term() + " " + id.name())
                .collect(Collectors.toSet());
        assertThat(names.contains(each.bad())).as("%s", names).isEqualTo(!each.isRefused());
        assertThat(result.problems().stream().filter(Problem::isError).toList())
                .as("nothing else is wrong")
                .hasSize(each.isRefused() ? 1 : 0);
    }

    /** Makes paths of different dialects alike: capitals, underscores, and whether the name of a list is a plural. */
    private static String alike(String path) {
        String small = path.toLowerCase(Locale.ROOT).replace("_", "").replace("s[", "[");
        return small.replaceAll("(virtualnode|virtualrouter|virtualservice)(name|ref)$", "$1");
    }

    @Test
    void theRulesAreTheSameInEachDialect() {
        List<String> titles = cases(RULES.get(0)).stream().map(Case::title).toList();

        assertThat(titles).hasSize(RULES_EACH).doesNotHaveDuplicates();
        assertThat(RULES)
                .allSatisfy(
                        file -> assertThat(cases(file)).extracting(Case::title).isEqualTo(titles));
    }

    private static List<Case> cases(String file) {
        List<Case> cases = new ArrayList<>();
        for (String section : text(file).split("(?m)^=== ", -1)) {
            int end = section.indexOf('\n');
            if (end > 0) {
                List<String> head = List.of(section.substring(0, end).split("\\|", -1)).stream()
                        .map(String::strip)
                        .toList();
                cases.add(new Case(head.get(0), head.get(1), head.get(2), head.get(3), section.substring(end + 1)));
            }
        }
        return cases;
    }

    private static String text(String name) {
        try (InputStream in = requireNonNull(DialectsTest.class.getResourceAsStream("dialects/" + name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
