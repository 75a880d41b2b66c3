package io.intramesh.internal.document.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.intramesh.document.DocumentForm;
import io.intramesh.document.DocumentReader;
import io.intramesh.document.DocumentWriter;
import io.intramesh.document.RawDocument;
import io.intramesh.model.ResourceSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Writes real configurations back in each form. They stand beside the repository, and only on some machines. */
final class CorpusRoundTripTest {
    @Test
    void everyFileReadsBackAsItWasInEachForm() throws IOException {
        int files = 0;
        int resources = 0;
        for (Path file : files(corpus())) {
            String name = corpus().relativize(file).toString();
            ResourceSet set = read(List.of(RawDocument.of(name, Files.readAllBytes(file))));
            if (set.size() > 0) {
                assertReadsBack(name, set);
                files++;
                resources += set.size();
            }
        }

        assertThat(files).isGreaterThan(100);
        assertThat(resources).isGreaterThan(300);
    }

    @Test
    void everyFolderReadsBackAsItWasInEachForm() throws IOException {
        List<Path> folders;
        try (Stream<Path> inside = Files.list(corpus())) {
            folders = inside.filter(Files::isDirectory).sorted().toList();
        }
        for (Path folder : folders) {
            List<RawDocument> documents = new ArrayList<>();
            for (Path file : files(folder)) {
                documents.add(RawDocument.of(corpus().relativize(file).toString(), Files.readAllBytes(file)));
            }
            assertReadsBack(folder.getFileName().toString(), read(documents));
        }
    }

    private static void assertReadsBack(String what, ResourceSet set) {
        for (DocumentForm form : DocumentForm.values()) {
            DocumentWriter writer = DocumentWriter.builder(form).build();
            String ending = form == DocumentForm.JSON ? "all.json" : "all.yaml";
            RoundTrip.assertReadsBack(what + " as " + form, set, List.of(RawDocument.of(ending, writer.text(set))));
            RoundTrip.assertReadsBack(
                    what + " as files of " + form, set, RoundTrip.asAFolderGivesThem(writer.files(set)));
        }
    }

    private static ResourceSet read(List<RawDocument> documents) {
        return DocumentReader.builder()
                .environment(Map.of())
                .build()
                .read(documents)
                .resources();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> inside = Files.walk(folder)) {
            return inside.filter(Files::isRegularFile)
                    .filter(file -> file.toString().matches(".*\\.(ya?ml|json)"))
                    .sorted()
                    .toList();
        }
    }

    private static Path corpus() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("mesh-bom"))) {
            folder = folder.getParent();
        }
        Path corpus = folder == null
                ? Path.of("corpus")
                : folder.resolveSibling("shared").resolve("corpus");
        assumeTrue(Files.isRegularFile(corpus.resolve("INDEX.md")), "no corpus at " + corpus + ": not tested here");
        return corpus;
    }
}
