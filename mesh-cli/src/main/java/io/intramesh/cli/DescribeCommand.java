package io.intramesh.cli;

import io.intramesh.document.Problem;
import io.intramesh.document.ReadResult;
import io.intramesh.model.Kind;
import io.intramesh.model.ResourceId;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mesh describe}: everything about one resource on a page. */
@Command(
        name = "describe",
        description = {
            "Shows everything about one resource: where it is written, what holds for it with defaults,",
            "what it leads to, what leads to it, and what is wrong or needs a decision."
        },
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:described",
            "1:it is written down, but refused",
            "2:wrong usage, a name that is not there, or input that cannot be read"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  mesh describe VirtualNode payments-v1 --registry conf",
            "  mesh describe route payments/beta --registry conf --json | jq .leadsTo"
        })
final class DescribeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "KIND",
            description = "VirtualNode, virtual-node, vn or node; likewise the other kinds.")
    private String kind = "";

    @Parameters(
            index = "1",
            paramLabel = "NAME",
            description = "Name; of a route with its router, of a gateway route with its gateway: payments/beta.")
    private String name = "";

    @Option(
            names = "--registry",
            paramLabel = "PATH",
            required = true,
            description = "File or folder of the mesh's resources.")
    private Path registry = Path.of("");

    @Option(
            names = "--mesh",
            paramLabel = "M",
            description = "Mesh that it is in; without it, the only one that has it.")
    private @Nullable String mesh;

    @Mixin
    private ValuesOption values = new ValuesOption();

    @Option(names = "--json", description = "Answers with one JSON object instead of text.")
    private boolean json;

    @Override
    public Integer call() throws BadInputException {
        ReadResult result = read().result();
        Description description = Description.of(find(Kinds.parse(kind), result), result);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(description.json());
        } else {
            print(description, out);
        }
        out.flush();
        return description.isRefused() ? MeshCommand.REFUSED : MeshCommand.OK;
    }

    private ResourceId find(Kind wanted, ReadResult result) throws BadInputException {
        List<ResourceId> all = Stream.concat(result.resources().ids().stream(), result.refused().stream())
                .distinct()
                .filter(id -> id.kind() == wanted)
                .filter(id -> mesh == null || id.mesh().equals(mesh))
                .toList();
        List<ResourceId> found = all.stream().filter(this::isMeant).toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        if (found.isEmpty()) {
            Set<String> names = all.stream().map(Description::name).collect(Collectors.toCollection(TreeSet::new));
            throw new BadInputException(Description.words(wanted) + " '" + name + "' is not there; "
                    + (names.isEmpty() ? "there are none of that kind" : Names.known(name, names)));
        }
        Set<String> meshes = found.stream().map(ResourceId::mesh).collect(Collectors.toCollection(TreeSet::new));
        throw new BadInputException(Description.words(wanted) + " '" + name + "' is there more than once; "
                + (meshes.size() > 1
                        ? "name one of the meshes with --mesh: " + String.join(", ", meshes)
                        : "name one: "
                                + found.stream().map(Description::name).sorted().collect(Collectors.joining(", "))));
    }

    // Hosts have no case; a route may be named without its router where that is enough.
    private boolean isMeant(ResourceId id) {
        return Description.name(id).equals(name)
                || (id.parent() != null && id.name().equals(name))
                || (id.kind() == Kind.VIRTUAL_SERVICE && id.name().equalsIgnoreCase(name));
    }

    private void print(Description page, PrintWriter out) {
        Ansi ansi = spec.commandLine().getColorScheme().ansi();
        out.println(Styled.text(ansi, "bold", Description.words(page.id().kind()) + " " + Description.name(page.id())));
        row(out, "mesh", page.id().mesh());
        row(out, "written in", page.origin() == null ? "unknown" : page.origin().toString());
        if (page.isRefused()) {
            out.println(Styled.text(ansi, "red", "  refused: see the problems"));
        }
        if (!page.settings().isEmpty()) {
            heading(out, ansi, "settings");
        }
        for (Setting setting : page.settings()) {
            row(out, setting.name(), setting.value() + (setting.isDefault() ? " (default)" : ""));
        }
        relations(out, ansi, "leads to", page.leadsTo());
        relations(out, ansi, "led to from", page.ledFrom());
        problems(out, ansi, "needs a decision", page.decisions());
        problems(out, ansi, "problems and notes", page.problems());
    }

    private static void relations(PrintWriter out, Ansi ansi, String heading, List<Description.Relation> relations) {
        if (!relations.isEmpty()) {
            heading(out, ansi, heading);
        }
        for (Description.Relation relation : relations) {
            out.println("  " + Description.words(relation.kind()) + " " + relation.name()
                    + (relation.isThere() ? "" : Styled.text(ansi, "yellow", " (not here)")) + ": " + relation.words());
        }
    }

    private static void problems(PrintWriter out, Ansi ansi, String heading, List<Problem> problems) {
        if (!problems.isEmpty()) {
            heading(out, ansi, heading);
        }
        problems.forEach(problem -> out.println("  " + Description.text(problem)));
    }

    private static void heading(PrintWriter out, Ansi ansi, String heading) {
        out.println();
        out.println(Styled.text(ansi, "bold", heading));
    }

    private static void row(PrintWriter out, String name, String value) {
        out.println("  " + name + ": " + value);
    }

    private Configuration read() throws BadInputException {
        return Configuration.read("--registry ", registry, values.file());
    }
}
