package io.intramesh.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option by which a command is told what placeholders stand for. */
final class ValuesOption {
    @Option(
            names = "--values",
            paramLabel = "FILE",
            description = "YAML map that fills placeholders and template parameters.")
    private @Nullable Path file;

    /** Returns the file, or null where none is given. */
    @Nullable
    Path file() {
        return file;
    }
}
