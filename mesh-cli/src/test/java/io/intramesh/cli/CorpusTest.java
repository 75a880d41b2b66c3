package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Validates configurations that others wrote for App Mesh. They are not ours to ship, so they lie beside the repository, and
 * these tests are skipped where they do not. The corpus has its own index of what each file holds, made by other means.
 */
final class CorpusTest {
    /** Seen from a module, where Maven runs tests. */
    private static final Path CORPUS = Path.of("../../shared/corpus");

    /** Files whose authors made a mistake, and what we say to it. */
    private static final Map<String, String> REFUSED =
            Map.of("blog-http-retry-policy/color-route-blue.json", ":7:7: no JSON: a comma before '}'");

    /** The index's words, in the order of the counts. */
    private static final List<String> KINDS = List.of("mesh", "vn", "vs", "vr", "route", "vg", "gr");

    private static final Pattern FOLDER = Pattern.compile("### (\\S+)");
    private static final Pattern ROW =
            Pattern.compile("\\| (\\S+) \\| .* \\| (api-json|api-describe-json) \\| ([^|]*) \\|.*");
    private static final Pattern COUNT = Pattern.compile("(\\w+):(\\d+)");

    @BeforeEach
    void needsTheCorpus() {
        assumeTrue(
                Files.isDirectory(CORPUS),
                () -> "no corpus at " + CORPUS.toAbsolutePath().normalize());
    }

    /** One file of each composition: mesh-core's CorpusTest reads every file. */
    @Test
    void apiDocumentsLoadOrAreRefusedForAReasonThatIsTrue() throws Exception {
        Map<String, String> files = apiDocuments();

        assertThat(files).hasSizeGreaterThan(90).containsKeys(REFUSED.keySet().toArray(new String[0]));
        Set<String> seen = new HashSet<>();
        files.forEach((file, counts) -> {
            if (!seen.add(counts) && !REFUSED.containsKey(file)) {
                return;
            }
            Run run = Run.mesh("validate", "--json", CORPUS.resolve(file).toString());
            String refusal = REFUSED.get(file);
            if (refusal == null) {
                assertThat(run.exitCode()).as("%s: %s", file, run.out()).isZero();
                assertThat(run.out()).as(file).startsWith("{\"counts\":{" + counts + "}");
            } else {
                assertThat(run.exitCode()).as("%s: %s", file, run.out()).isEqualTo(1);
                assertThat(Run.mesh("validate", CORPUS.resolve(file).toString()).out())
                        .as(file)
                        .contains(refusal);
            }
        });
        assertThat(seen).hasSizeGreaterThanOrEqualTo(KINDS.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "json", "kubernetes"})
    void everyFolderMeansTheSameInEveryForm(String form, @TempDir Path out) throws Exception {
        List<Path> folders;
        try (Stream<Path> inside = Files.list(CORPUS)) {
            folders = inside.filter(Files::isDirectory).sorted().toList();
        }
        int converted = 0;
        for (Path folder : folders) {
            Path target = out.resolve(String.valueOf(folder.getFileName()));
            Run convert = Run.mesh("convert", "--to", form, "--partial", "-o", target.toString(), folder.toString());
            if (convert.exitCode() == 2) {
                assertThat(convert.err()).contains("holds no mesh resources");
                continue;
            }
            Run validate = Run.mesh("validate", target.toString());
            Run diff = Run.mesh("diff", folder.toString(), target.toString());

            assertThat(validate.exitCode()).as("%s: %s", folder, validate.out()).isZero();
            assertThat(validate.out())
                    .as("%s: what was guessed is certain now", folder)
                    .doesNotContain("taken as", "replaces nothing");
            assertThat(diff.lines().stream().filter(line -> !line.contains("refused")))
                    .as("%s", folder)
                    .containsExactly("no change for traffic");
            converted++;
        }

        assertThat(converted).isGreaterThan(30);
    }

    @Test
    void theWholeCorpusIsReadAtOnce() {
        Run run = Run.mesh("validate", CORPUS.toString());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.lines().stream().filter(line -> line.contains(".json:") && !line.contains(" note: ")))
                .hasSize(REFUSED.size());
        assertThat(run.err()).isEmpty();
    }

    /** Returns the counts that JSON should show, by file. */
    private static Map<String, String> apiDocuments() throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        String folder = "";
        for (String line : Files.readAllLines(CORPUS.resolve("INDEX.md"))) {
            Matcher heading = FOLDER.matcher(line);
            Matcher row = ROW.matcher(line);
            if (heading.matches()) {
                folder = heading.group(1);
            } else if (row.matches()) {
                files.put(folder + "/" + row.group(1), counts(row.group(3)));
            }
        }
        return files;
    }

    private static String counts(String kinds) {
        Map<String, String> found = new LinkedHashMap<>();
        Matcher count = COUNT.matcher(kinds);
        while (count.find()) {
            found.put(count.group(1), count.group(2));
        }
        List<String> counts = new ArrayList<>();
        List<String> names = List.of(
                "Mesh", "VirtualNode", "VirtualService", "VirtualRouter", "Route", "VirtualGateway", "GatewayRoute");
        for (int i = 0; i < names.size(); i++) {
            counts.add("\"" + names.get(i) + "\":" + found.getOrDefault(KINDS.get(i), "0"));
        }
        return String.join(",", counts);
    }
}
