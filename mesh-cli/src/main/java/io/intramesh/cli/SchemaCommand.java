package io.intramesh.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mesh schema}: the JSON Schema of native documents. */
@Command(
        name = "schema",
        description = {
            "Prints the JSON Schema of native documents, by which editors complete, explain and check.",
            "Documents refer to it in their first line: # yaml-language-server: $schema=…"
        },
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:written", "2:wrong usage, or a file that cannot be written"})
final class SchemaCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Writes it to a file instead of standard output.")
    private @Nullable Path output;

    @Override
    public Integer call() throws BadInputException {
        String schema = DocumentSchema.render();
        if (output == null) {
            PrintWriter out = spec.commandLine().getOut();
            out.print(schema);
            out.flush();
            return MeshCommand.OK;
        }
        try {
            Files.writeString(output, schema);
        } catch (IOException failure) {
            throw new BadInputException("-o " + output + ": cannot be written: " + failure, failure);
        }
        return MeshCommand.OK;
    }
}
