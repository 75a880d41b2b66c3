package io.intramesh.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.Corpus;
import io.intramesh.document.DocumentReader;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import io.intramesh.model.Kind;
import io.intramesh.model.ResourceId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Reads real configurations. They are not ours to copy, so they stand beside the repository, and only on some machines. */
final class CorpusTest {
    private static final Map<String, Kind> COLUMNS = Map.of(
            "mesh", Kind.MESH,
            "vn", Kind.VIRTUAL_NODE,
            "vs", Kind.VIRTUAL_SERVICE,
            "vr", Kind.VIRTUAL_ROUTER,
            "route", Kind.ROUTE,
            "vg", Kind.VIRTUAL_GATEWAY,
            "gr", Kind.GATEWAY_ROUTE);
    private static final Pattern COUNT = Pattern.compile("(\\w+):(\\d+)");

    /** A row of the index: a file, and how many resources of each kind are in it. */
    private record Row(Path file, String dialect, Map<Kind, Integer> counts, boolean parses) {}

    @TestFactory
    Stream<DynamicTest> everyApiFileGivesWhatTheIndexCounts() {
        return rows().stream()
                .filter(row -> row.dialect().startsWith("api-"))
                .map(row -> DynamicTest.dynamicTest(Corpus.name(row.file()), () -> {
                    ReadResult result = read(List.of(row.file()));

                    Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
                    result.resources().all().forEach(resource -> counts.merge(resource.kind(), 1, Integer::sum));
                    assertThat(counts).as("%s", result.problems()).isEqualTo(row.counts());
                    assertThat(result.hasErrors()).isEqualTo(!row.parses());
                    assertThat(result.skipped()).isEmpty();
                }));
    }

    @Test
    void theIndexNamesNinetySixApiFilesAndOneOfThemIsRefusedAtItsTrailingComma() {
        List<Row> rows =
                rows().stream().filter(row -> row.dialect().startsWith("api-")).toList();

        ReadResult broken = read(List.of(Corpus.root().resolve("blog-http-retry-policy/color-route-blue.json")));

        assertThat(rows).hasSize(96);
        assertThat(broken.problems())
                .singleElement()
                .asString()
                .contains("color-route-blue.json:7:7: no JSON: a comma before '}'; remove the comma");
        assertThat(broken.unreadable()).hasSize(1);
    }

    @TestFactory
    Stream<DynamicTest> everyTemplateGivesWhatTheIndexCounts() {
        return templates()
                .map(row -> DynamicTest.dynamicTest(Corpus.name(row.file()), () -> {
                    ReadResult result = read(List.of(row.file()));

                    assertThat(counts(result)).as("%s", result.problems()).isEqualTo(row.counts());
                    assertThat(result.hasErrors()).as("%s", result.problems()).isFalse();
                    assertThat(result.refused()).isEmpty();
                }));
    }

    /** The templates of one folder are variants of one mesh, of which the last stands: a resource counts once. */
    @TestFactory
    Stream<DynamicTest> theTemplatesOfAFolderGiveTheSameTogether() {
        Map<Path, List<Path>> byFolder = new LinkedHashMap<>();
        templates()
                .forEach(row -> byFolder.computeIfAbsent(folderOf(row.file()), any -> new ArrayList<>())
                        .add(row.file()));

        return byFolder.entrySet().stream()
                .map(folder -> DynamicTest.dynamicTest(Corpus.name(folder.getKey()), () -> {
                    Set<ResourceId> alone = new HashSet<>();
                    folder.getValue()
                            .forEach(file ->
                                    alone.addAll(read(List.of(file)).resources().ids()));

                    ReadResult together = read(folder.getValue());

                    assertThat(together.resources().ids()).isEqualTo(alone);
                    assertThat(together.hasErrors())
                            .as("%s", together.problems())
                            .isFalse();
                }));
    }

    @Test
    void theIndexNamesTwentySevenTemplates() {
        assertThat(templates()).hasSize(27);
    }

    private static Stream<Row> templates() {
        return rows().stream().filter(row -> row.dialect().startsWith("cfn-"));
    }

    @TestFactory
    Stream<DynamicTest> everyKubernetesFileGivesWhatTheIndexCounts() {
        return kubernetes()
                .map(row -> DynamicTest.dynamicTest(Corpus.name(row.file()), () -> {
                    ReadResult result = read(List.of(row.file()));

                    assertThat(counts(result)).as("%s", result.problems()).isEqualTo(row.counts());
                    assertThat(result.hasErrors()).as("%s", result.problems()).isFalse();
                    assertThat(result.skipped()).isEmpty();
                }));
    }

    /** Files of one folder share meshes and namespaces; what several of them write is one resource, and noted. */
    @TestFactory
    Stream<DynamicTest> everyKubernetesFolderGivesWhatItsFilesGiveTogether() {
        Map<Path, List<Row>> folders = new LinkedHashMap<>();
        kubernetes()
                .forEach(row -> folders.computeIfAbsent(folderOf(row.file()), any -> new ArrayList<>())
                        .add(row));
        return folders.entrySet().stream()
                .map(folder -> DynamicTest.dynamicTest(Corpus.name(folder.getKey()), () -> {
                    ReadResult result =
                            read(folder.getValue().stream().map(Row::file).toList());

                    long twice = result.problems().stream()
                            .filter(problem -> problem.message().contains(" is written twice"))
                            .count();
                    int expected = folder.getValue().stream()
                            .flatMap(row -> row.counts().values().stream())
                            .mapToInt(Integer::intValue)
                            .sum();
                    assertThat(result.hasErrors()).as("%s", result.problems()).isFalse();
                    assertThat(result.resources().size() + twice)
                            .as("%s", result.problems())
                            .isEqualTo(expected);
                }));
    }

    @Test
    void theIndexNamesFiftyNineKubernetesFilesAndOneOfThemIsNoYaml() {
        ReadResult broken = read(List.of(Corpus.root().resolve("controller-docs/gateway-route-selector.yaml")));

        assertThat(rows()).filteredOn(row -> row.dialect().startsWith("k8s-")).hasSize(59);
        assertThat(kubernetes()).hasSize(58);
        assertThat(broken.problems()).singleElement().asString().contains("gateway-route-selector.yaml:53:1: no YAML");
    }

    private static Stream<Row> kubernetes() {
        return rows().stream().filter(row -> row.dialect().startsWith("k8s-") && row.parses());
    }

    private static Map<Kind, Integer> counts(ReadResult result) {
        Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
        result.resources().all().forEach(resource -> counts.merge(resource.kind(), 1, Integer::sum));
        return counts;
    }

    /** A row of the lists of names that stood on command lines, and so cannot be read in the files. */
    private record Given(Path file, String creates, String name, String parent) {}

    /** The others cannot be known: a mesh called otherwise than its file, a router that nobody mentions, a placeholder. */
    @Test
    void namesFromTheCommandLineAreFoundWhereTheFolderShowsThem() {
        List<Row> rows = rows();
        List<String> right = new ArrayList<>();
        List<String> wrong = new ArrayList<>();
        Map<Path, List<Given>> byFolder = new LinkedHashMap<>();
        given().stream()
                .filter(each -> !each.creates().startsWith("update"))
                .forEach(each -> byFolder.computeIfAbsent(folderOf(each.file()), any -> new ArrayList<>())
                        .add(each));

        byFolder.forEach((folder, expected) -> {
            ReadResult result = read(apiFilesIn(folder, rows));
            for (Given each : expected) {
                List<String> found = idsFrom(result, each.file()).stream()
                        .map(id -> id.name() + " in " + String.valueOf(id.parent()))
                        .toList();
                String wanted = each.name() + " in " + (each.parent().isEmpty() ? "null" : each.parent());
                (found.equals(List.of(wanted)) ? right : wrong)
                        .add(Corpus.name(each.file()) + ": " + found + ", wanted " + wanted);
            }
        });

        assertThat(right).as("wrong: %s", wrong).hasSizeGreaterThanOrEqualTo(49);
        assertThat(wrong).as("those that a folder shows").noneMatch(each -> each.contains("-vs"));
    }

    @Test
    void updatesKeepTheNameOfTheirFile() {
        List<Row> rows = rows();
        List<Given> updates = given().stream()
                .filter(each -> each.creates().startsWith("update") && Files.exists(each.file()))
                .toList();

        assertThat(updates).hasSizeGreaterThanOrEqualTo(8);
        assertThat(updates).allSatisfy(each -> {
            ReadResult result = read(apiFilesIn(folderOf(each.file()), rows));
            assertThat(idsFrom(result, each.file()))
                    .singleElement()
                    .extracting(ResourceId::name)
                    .isEqualTo(FileNames.stem(Corpus.name(each.file())));
        });
    }

    private static List<ResourceId> idsFrom(ReadResult result, Path file) {
        return result.origins().entrySet().stream()
                .filter(entry -> entry.getValue().file().equals(Corpus.name(file)))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static List<Path> apiFilesIn(Path folder, List<Row> rows) {
        return rows.stream()
                .filter(row -> row.dialect().startsWith("api-") && row.file().startsWith(folder))
                .map(Row::file)
                .sorted()
                .toList();
    }

    /** Returns the folder of one walkthrough, however deep the file stands in it. */
    private static Path folderOf(Path file) {
        return Corpus.root().resolve(Corpus.root().relativize(file).getName(0));
    }

    private static List<Given> given() {
        List<Given> given = new ArrayList<>();
        String folder = "";
        boolean names = false;
        for (String line : lines()) {
            if (line.startsWith("### ")) {
                folder = line.substring(4).strip();
            }
            if (line.startsWith("| file |")) {
                names = line.startsWith("| file | creates | name | in |");
            } else if (names && line.startsWith("| ")) {
                List<String> cells = List.of(line.split("\\|", -1));
                given.add(new Given(
                        Corpus.root().resolve(folder).resolve(cells.get(1).strip()),
                        cells.get(2).strip(),
                        cells.get(3).strip(),
                        cells.get(4).strip()));
            }
        }
        return given;
    }

    private static ReadResult read(List<Path> files) {
        List<RawDocument> documents = new ArrayList<>();
        for (Path file : files) {
            try {
                documents.add(RawDocument.of(Corpus.name(file), Files.readAllBytes(file)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return DocumentReader.builder().environment(Map.of()).build().read(documents);
    }

    private static List<Row> rows() {
        Map<Path, Row> rows = new LinkedHashMap<>();
        String folder = "";
        boolean files = false;
        for (String line : lines()) {
            if (line.startsWith("### ")) {
                folder = line.substring(4).strip();
            }
            if (line.startsWith("| file |")) {
                files = line.startsWith("| file | path in the source | dialect |");
            } else if (files && line.startsWith("| ") && !folder.isEmpty()) {
                List<String> cells = List.of(line.split("(?<!\\\\)\\|", -1));
                Path file = Corpus.root().resolve(folder).resolve(cells.get(1).strip());
                Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
                Matcher matcher = COUNT.matcher(cells.get(4));
                while (matcher.find()) {
                    Kind kind = COLUMNS.get(matcher.group(1));
                    if (kind != null) {
                        counts.put(kind, Integer.valueOf(matcher.group(2)));
                    }
                }
                rows.put(file, new Row(file, cells.get(3).strip(), counts, !line.contains("**does not parse**")));
            }
        }
        return List.copyOf(rows.values());
    }

    private static List<String> lines() {
        try {
            return Files.readAllLines(Corpus.root().resolve("INDEX.md"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
