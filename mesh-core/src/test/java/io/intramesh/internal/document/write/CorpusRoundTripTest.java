package io.intramesh.internal.document.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.Corpus;
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
        for (Path file : Corpus.files(Corpus.root())) {
            String name = Corpus.name(file);
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
        try (Stream<Path> inside = Files.list(Corpus.root())) {
            folders = inside.filter(Files::isDirectory).sorted().toList();
        }
        for (Path folder : folders) {
            List<RawDocument> documents = new ArrayList<>();
            for (Path file : Corpus.files(folder)) {
                documents.add(RawDocument.of(Corpus.name(file), Files.readAllBytes(file)));
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
}
