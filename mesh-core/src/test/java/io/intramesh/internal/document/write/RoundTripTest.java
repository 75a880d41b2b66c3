package io.intramesh.internal.document.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.DocumentForm;
import io.intramesh.document.DocumentWriter;
import io.intramesh.document.RawDocument;
import io.intramesh.model.Kind;
import io.intramesh.model.ResourceSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What is written reads back as it was: ten thousand generated resources through each form as one text, and a quarter of them
 * as files.
 */
final class RoundTripTest {
    private static final int RESOURCES = 10_000;

    @ParameterizedTest
    @EnumSource(DocumentForm.class)
    void generatedResourcesReadBackAsTheyWere(DocumentForm form) {
        DocumentWriter writer = DocumentWriter.builder(form)
                .schema("intramesh-v1.schema.json")
                .comments(id -> List.of("is " + id, "kind: Nobody\n- a\u0000b\u2028c: d"))
                .build();
        Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
        int resources = 0;
        for (long seed = 1; resources < RESOURCES; seed++) {
            ResourceSet set = GeneratedResources.of(seed);
            resources += set.size();
            set.all().forEach(resource -> counts.merge(resource.kind(), 1, Integer::sum));

            String text = writer.text(set);
            String ending = form == DocumentForm.JSON ? "all.json" : "all.yaml";

            ResourceSet read =
                    RoundTrip.assertReadsBack(form + " text, seed " + seed, set, List.of(RawDocument.of(ending, text)));
            if (seed % 4 == 0) {
                RoundTrip.assertReadsBack(
                        form + " files, seed " + seed, set, RoundTrip.asAFolderGivesThem(writer.files(set)));
            }
            // Manifests have routes elsewhere in the order, so that names are given in another one.
            if (form != DocumentForm.KUBERNETES) {
                assertThat(writer.text(read))
                        .as("%s written again, seed %s", form, seed)
                        .isEqualTo(text);
            }
        }

        assertThat(counts).containsOnlyKeys(Kind.values());
        assertThat(counts.values()).allMatch(count -> count > 100);
    }
}
