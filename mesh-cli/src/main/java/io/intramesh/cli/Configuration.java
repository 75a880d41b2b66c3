package io.intramesh.cli;

import io.intramesh.document.DocumentReader;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import io.intramesh.registry.FileRegistry;
import java.io.IOException;
import java.io.PrintWriter;
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
     * Reads a file or folder of a command, and tells on its error output what was refused: a mesh runs with what is left.
     *
     * @param option words before the path in a complaint, such as {@code --registry }; empty for a parameter
     */
    static Configuration readTelling(String option, Path path, @Nullable Path values, PrintWriter err)
            throws BadInputException {
        Configuration configuration = read(option, path, values);
        Notices.refused(configuration, path.toString(), err);
        return configuration;
    }

    /** Reads a file or folder of a command, as {@link #readTelling} does, and tells nothing. */
    static Configuration read(String option, Path path, @Nullable Path values) throws BadInputException {
        try {
            return read(path, values, false);
        } catch (IOException failure) {
            throw new BadInputException(option + Unreadable.describe(path, failure), failure);
        }
    }

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
