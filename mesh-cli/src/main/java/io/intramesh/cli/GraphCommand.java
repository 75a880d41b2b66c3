package io.intramesh.cli;

import io.intramesh.model.Kind;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceSet;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mesh graph}: a drawing of who sends traffic where. */
@Command(
        name = "graph",
        description = {
            "Draws who sends traffic where: services, routers with their routes and shares, nodes, gateways.",
            "A dashed arrow leads from a node to a service that it declares as a backend."
        },
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:drawn", "2:wrong usage, or input that cannot be read"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  mesh graph conf | dot -Tsvg > mesh.svg",
            "  mesh graph conf --format mermaid --virtual-service payments.local"
        })
final class GraphCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "PATH", description = "File or folder of the mesh's resources.")
    private Path path = Path.of("");

    @Option(
            names = "--format",
            paramLabel = "F",
            description = "dot (for Graphviz; the default) or mermaid (for Markdown).",
            completionCandidates = Formats.class)
    private String format = "dot";

    @Option(names = "--mesh", paramLabel = "M", description = "Draws this mesh alone.")
    private @Nullable String mesh;

    @Option(
            names = "--virtual-service",
            paramLabel = "S",
            description = "Draws only what leads to this virtual service, and where it leads.")
    private @Nullable String virtualService;

    @Mixin
    private ValuesOption values = new ValuesOption();

    @Override
    public Integer call() throws BadInputException {
        if (!Formats.KNOWN.contains(format)) {
            throw new BadInputException("--format: '" + format + "' (expected: dot or mermaid)");
        }
        ResourceSet resources = chosen(read().result().resources());
        Graph graph = Graph.of(resources);
        if (virtualService != null) {
            graph = around(graph, resources, virtualService);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(format.equals("dot") ? Dot.render(graph) : Mermaid.render(graph));
        out.flush();
        return MeshCommand.OK;
    }

    private ResourceSet chosen(ResourceSet resources) throws BadInputException {
        String named = mesh;
        if (named == null) {
            return resources;
        }
        Set<String> meshes = resources.meshNames();
        if (!meshes.contains(named)) {
            throw new BadInputException("--mesh: '" + named + "' is not there; " + Names.known(named, meshes));
        }
        List<Resource> chosen = resources.all().stream()
                .filter(resource -> resource.id().mesh().equals(named))
                .toList();
        return ResourceSet.of(chosen);
    }

    private static Graph around(Graph graph, ResourceSet resources, String service) throws BadInputException {
        List<String> meshes = resources.meshNames().stream()
                .filter(name -> Provided.service(resources, name, service) != null)
                .toList();
        if (meshes.isEmpty()) {
            throw new BadInputException("--virtual-service: '" + service + "' is not there; "
                    + Names.known(
                            service,
                            resources.ofKind(Kind.VIRTUAL_SERVICE).stream()
                                    .map(resource -> resource.id().name())
                                    .toList()));
        }
        if (meshes.size() > 1) {
            throw new BadInputException("--virtual-service: '" + service + "' is in the meshes "
                    + String.join(", ", meshes) + "; name one with --mesh");
        }
        return graph.around(meshes.get(0), service);
    }

    private Configuration read() throws BadInputException {
        return Configuration.readTelling(
                "", path, values.file(), spec.commandLine().getErr());
    }

    /** Names the formats, for help and completion. */
    static final class Formats implements Iterable<String> {
        static final List<String> KNOWN = List.of("dot", "mermaid");

        @Override
        public Iterator<String> iterator() {
            return KNOWN.iterator();
        }
    }
}
