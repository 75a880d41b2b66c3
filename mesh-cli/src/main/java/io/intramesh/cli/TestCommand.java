package io.intramesh.cli;

import io.intramesh.OfflineMesh;
import io.intramesh.document.Problem;
import io.intramesh.document.ReadResult;
import io.intramesh.testing.expectation.ExpectationChecker;
import io.intramesh.testing.expectation.MeshTestCase;
import io.intramesh.testing.expectation.Outcome;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mesh test}: whether a mesh does what its tests expect. */
@Command(
        name = "test",
        description = {
            "Checks what is expected of a mesh: documents of the kind MeshTest, beside the resources or elsewhere.",
            "It decides with the code that serves calls, from the files alone: nothing is contacted."
        },
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every expectation is met",
            "1:one is not met or not understood, or a resource is refused (see --allow-refused)",
            "2:wrong usage, input that cannot be read, or no expectations"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  mesh test /etc/mesh",
            "  mesh test --values production.yaml --tests tests/mesh --junit target/mesh-tests.xml deploy/mesh",
            "",
            "A file of expectations:",
            "  apiVersion: intramesh.io/v1",
            "  kind: MeshTest",
            "  metadata: { mesh: shop, name: payments }",
            "  spec:",
            "    expectations:",
            "      - orders calling GET http://payments.local/beta goes 10 %% to payments-v2",
            "      - storefront calling POST http://payments.local/pay is refused: EGRESS_DENIED"
        })
final class TestCommand implements Callable<Integer> {
    /** Enough to see what is wrong; {@code mesh validate} shows them all. */
    private static final int MAX_PROBLEMS_SHOWN = 10;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "PATH", description = "File or folder of the mesh's resources.")
    private Path path = Path.of("");

    @Option(
            names = "--tests",
            paramLabel = "PATH",
            description = "File or folder of the expectations; without it, those beside the resources.")
    private @Nullable Path tests;

    @Mixin
    private ValuesOption values = new ValuesOption();

    @Option(
            names = "--allow-refused",
            description = "Takes it that resources are refused; the mesh is asked without them.")
    private boolean allowRefused;

    @Option(names = "--json", description = "Answers with one JSON object instead of text.")
    private boolean json;

    @Option(
            names = "--junit",
            paramLabel = "FILE",
            description = "Writes the results as JUnit XML, too, for continuous integration.")
    private @Nullable Path junit;

    @Override
    public Integer call() throws BadInputException {
        ReadResult mesh = read("", path);
        ReadResult expected = tests == null ? mesh : read("--tests ", tests);
        List<Checked> checked = check(mesh, expected);
        if (checked.isEmpty()) {
            throw new BadInputException((tests == null ? path : tests)
                    + ": no expectations (expected: documents of kind MeshTest, such as 'mesh test --help' shows)");
        }
        List<Problem> refusals = refusals(mesh);
        TestReport report = new TestReport(checked, allowRefused ? List.of() : refusals);
        if (junit != null) {
            write(report.junitXml(), junit);
        }
        PrintWriter out = spec.commandLine().getOut();
        warn(refusals);
        if (json) {
            out.println(report.json());
        } else {
            report.print(out, spec.commandLine().getColorScheme().ansi());
        }
        out.flush();
        return report.isGood() ? MeshCommand.OK : MeshCommand.REFUSED;
    }

    private ReadResult read(String option, Path from) throws BadInputException {
        return Configuration.read(option, from, values.file()).result();
    }

    private List<Checked> check(ReadResult mesh, ReadResult expected) {
        ExpectationChecker checker = ExpectationChecker.of(OfflineMesh.of(mesh.resources()));
        List<Checked> checked = new ArrayList<>();
        for (MeshTestCase test : MeshTestCase.of(expected.tests())) {
            checked.add(new Checked(test.test(), test.title(), test.place(), test.check(checker)));
        }
        // What nobody can read may hold tests.
        for (Problem problem : expected.problems()) {
            String file = problem.origin().file();
            if (problem.isError() && expected.unreadable().contains(file)) {
                checked.add(new Checked(
                        file,
                        "the file can be read",
                        problem.origin(),
                        new Outcome(Outcome.Status.ERROR, List.of(problem.message()), null)));
            }
        }
        return checked;
    }

    /** Returns why resources are refused; files that cannot be read where the tests are count as tests already. */
    private List<Problem> refusals(ReadResult mesh) {
        return mesh.problems().stream()
                .filter(Problem::isError)
                .filter(problem -> tests != null
                        || !mesh.unreadable().contains(problem.origin().file()))
                .toList();
    }

    private void warn(List<Problem> refusals) {
        if (refusals.isEmpty()) {
            return;
        }
        PrintWriter err = spec.commandLine().getErr();
        refusals.stream().limit(MAX_PROBLEMS_SHOWN).forEach(err::println);
        err.println("Refused and not counted here: " + refusals.size() + " problem(s); see 'mesh validate " + path + "'"
                + (allowRefused ? "." : ". --allow-refused takes that."));
        err.flush();
    }

    private static void write(String text, Path file) throws BadInputException {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            Files.writeString(file, text, StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new BadInputException("--junit " + file + ": cannot be written: " + failure, failure);
        }
    }
}
