package io.intramesh.cli;

import io.intramesh.document.Origin;
import io.intramesh.document.Problem;
import io.intramesh.document.ReadResult;
import io.intramesh.model.ResourceSet;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mesh validate}: whether a mesh would take these files, and everything that is wrong with them. */
@Command(
        name = "validate",
        description = {
            "Checks a file or a folder of mesh resources, as a running mesh would when it loads them.",
            "Every problem is a line: file:line:column path: message; how to mend it."
        },
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:nothing was refused (notes may be there)", "1:something was refused", "2:wrong usage"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  mesh validate /etc/mesh",
            "  mesh validate --strict --values production.yaml --json deploy/mesh | jq .problems"
        })
final class ValidateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "PATH", description = "File or folder of the mesh's resources.")
    private Path path = Path.of("");

    @Mixin
    private ValuesOption values = new ValuesOption();

    @Option(
            names = "--strict",
            description = "Refuses a resource that is written down twice; otherwise the later stands.")
    private boolean strict;

    @Option(names = "--json", description = "Answers with one JSON object instead of text.")
    private boolean json;

    @Option(
            names = {"-v", "--verbose"},
            description = "Lists the files that hold no mesh resources, too.")
    private boolean verbose;

    @Override
    public Integer call() throws BadInputException {
        Configuration configuration = configuration();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Report.json(configuration.result()));
        } else {
            new Report(configuration, spec.commandLine().getColorScheme().ansi()).print(out, verbose);
        }
        out.flush();
        return configuration.result().hasErrors() ? MeshCommand.REFUSED : MeshCommand.OK;
    }

    private Configuration configuration() throws BadInputException {
        try {
            Configuration configuration = Configuration.read(path, values.file(), strict);
            return configuration.result().resources().size() == 0
                            && configuration.result().problems().isEmpty()
                    ? noted(configuration)
                    : configuration;
        } catch (IOException failure) {
            return unreadable(failure);
        }
    }

    // Exit code 0 and no word would look like success to whoever mistyped the folder.
    private Configuration noted(Configuration configuration) {
        List<Problem> problems = new ArrayList<>(configuration.result().problems());
        problems.add(new Problem(
                new Origin(path.toString(), 0, 0),
                "",
                Problem.Severity.NOTE,
                "holds no mesh resources; check the path"));
        ReadResult result = configuration.result();
        return new Configuration(
                new ReadResult(
                        result.resources(),
                        result.origins(),
                        problems,
                        result.refused(),
                        result.unreadable(),
                        result.skipped()),
                configuration.files());
    }

    private Configuration unreadable(IOException failure) {
        Problem problem = new Problem(
                new Origin(path.toString(), 0, 0), "", Problem.Severity.ERROR, Unreadable.why(path, failure));
        return new Configuration(
                new ReadResult(
                        ResourceSet.EMPTY, Map.of(), List.of(problem), Set.of(), Set.of(path.toString()), List.of()),
                1);
    }
}
