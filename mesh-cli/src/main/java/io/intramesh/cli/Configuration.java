package io.intramesh.cli;

import io.intramesh.document.DocumentReader;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import io.intramesh.registry.FileRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a file or folder holds.
 *
 * @param files how many were looked at
 */
record Configuration(ReadResult result, int files) {

    /**
     * Reads a file or folder as a running mesh would.
     *
     * @param values file that fills placeholders, or null
     */
    static Configuration read(Path path, @Nullable Path values, boolean strict) throws IOException, BadInputException {
        Map<String, String> given = values == null ? Map.of() : ValuesFile.read(values);
        List<RawDocument> documents = FileRegistry.documents(path);
        ReadResult result =
                DocumentReader.builder().values(given).strict(strict).build().read(documents);
        return new Configuration(result, documents.size());
    }
}
