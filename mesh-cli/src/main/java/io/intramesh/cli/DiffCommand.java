package io.intramesh.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mesh diff}: what changes for traffic from one configuration to another. */
@Command(
        name = "diff",
        description = {
            "Compares two configurations by meaning, not by text, and says what changes for traffic.",
            "A and B are files or folders in any dialect. What matters most comes first."
        },
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the same for traffic", "1:something changes", "2:wrong usage, or input that cannot be read"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  mesh diff deployed/mesh mesh",
            "  git worktree add /tmp/main main && mesh diff /tmp/main/mesh mesh --json | jq '.[].message'"
        })
final class DiffCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "A", description = "File or folder as it was.")
    private Path before = Path.of("");

    @Parameters(index = "1", paramLabel = "B", description = "File or folder as it is to be.")
    private Path after = Path.of("");

    @Option(
            names = "--values",
            paramLabel = "FILE",
            description = "YAML map that fills placeholders and template parameters, of both.")
    private @Nullable Path values;

    @Option(names = "--json", description = "Answers with one JSON array of changes instead of text.")
    private boolean json;

    @Override
    public Integer call() throws BadInputException {
        Comparison comparison = Comparison.of(read(before).result(), read(after).result());
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        comparison.remarks().forEach(remark -> err.println("note: " + remark));
        err.flush();
        if (json) {
            out.println(Json.text(generator -> {
                generator.writeStartArray();
                for (Change change : comparison.changes()) {
                    change.write(generator);
                }
                generator.writeEndArray();
            }));
        } else {
            print(comparison, out);
        }
        out.flush();
        return comparison.changes().isEmpty() ? MeshCommand.OK : MeshCommand.DIFFERS;
    }

    private void print(Comparison comparison, PrintWriter out) {
        Ansi ansi = spec.commandLine().getColorScheme().ansi();
        if (comparison.changes().isEmpty()) {
            out.println("no change for traffic");
        }
        for (Change change : comparison.changes()) {
            out.println(Styled.text(ansi, "bold", change.subject() + ":") + " " + change.message());
        }
    }

    private Configuration read(Path path) throws BadInputException {
        return Configuration.readTelling("", path, values, spec.commandLine().getErr());
    }
}
