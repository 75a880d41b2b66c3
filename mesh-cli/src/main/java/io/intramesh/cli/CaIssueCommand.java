package io.intramesh.cli;

import io.intramesh.internal.issue.IssuedCertificate;
import io.intramesh.internal.issue.KeyKind;
import io.intramesh.model.VirtualNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
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

/** {@code mesh ca issue}: keys and certificates for nodes. */
@Command(
        name = "issue",
        description = {
            "Writes OUT/trust.pem, and for each node OUT/NODE/chain.pem and OUT/NODE/key.pem. The certificate carries",
            "the SPIFFE ID spiffe://TRUST-DOMAIN/MESH/NODE, the name that the node's document is discovered by, and",
            "those of --dns. Nothing is overwritten without --force."
        },
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:issued",
            "1:issued, and something in the configuration was refused, so that nodes may be missing",
            "2:wrong usage, files that are there already, or input that cannot be read"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  mesh ca issue ca --all --config conf -o certificates",
            "  mesh ca issue ca --node orders --mesh shop --dns orders.local --ttl 1h -o certificates"
        })
final class CaIssueCommand implements Callable<Integer> {
    private final InstantSource clock;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "CA", description = "Folder of the authority.")
    private Path folder = Path.of("");

    @Option(names = "--node", paramLabel = "NODE", description = "Virtual node; may be given again.")
    private List<String> nodes = new ArrayList<>();

    @Option(names = "--all", description = "Every virtual node of --config.")
    private boolean all;

    @Option(
            names = "--config",
            paramLabel = "PATH",
            description = "File or folder of the mesh's resources, which name nodes and how they are found.")
    private @Nullable Path config;

    @Mixin
    private ValuesOption values = new ValuesOption();

    @Option(
            names = "--mesh",
            paramLabel = "M",
            description = "Mesh of the nodes. Required without --config; with it, only this mesh.")
    private @Nullable String mesh;

    @Option(
            names = "--dns",
            paramLabel = "NAME",
            description = "Host name or IP address to carry as well; may be given again.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--ttl",
            paramLabel = "T",
            defaultValue = "24h",
            converter = Lifetime.class,
            description = "How long they hold: 30s, 15m, 24h, 7d. Default: ${DEFAULT-VALUE}")
    private Duration ttl = Duration.ZERO;

    @Option(
            names = "--key",
            paramLabel = "K",
            defaultValue = "p256",
            converter = CaInitCommand.Key.class,
            description = "p256, p384 or rsa. Default: ${DEFAULT-VALUE}")
    private KeyKind kind = KeyKind.EC_P256;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "OUT",
            required = true,
            description = "Folder to write.")
    private Path out = Path.of("");

    @Option(names = "--force", description = "Replaces keys and certificates that are there already.")
    private boolean force;

    CaIssueCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() throws BadInputException {
        AuthorityFolder authority = AuthorityFolder.open(folder, clock);
        Configuration configuration = configuration();
        List<Workload> workloads = configuration == null ? named() : documented(configuration);
        boolean withMesh = workloads.stream().map(Workload::mesh).distinct().count() > 1;
        NodeFiles files = new NodeFiles(out);
        files.refuseOthers(authority);
        if (!force) {
            // All of them before the first is written.
            for (Workload workload : workloads) {
                NodeFiles.refuseOverwriting(files.of(workload, withMesh));
            }
        }
        files.writeTrust(authority);
        PrintWriter lines = spec.commandLine().getOut();
        for (Workload workload : workloads) {
            IssuedCertificate issued = authority.issue(workload, ttl, kind);
            Path place = files.of(workload, withMesh);
            NodeFiles.write(place, issued);
            lines.println(line(issued, workload, authority, place));
        }
        lines.flush();
        CaInitCommand.warn(spec.commandLine().getErr(), folder);
        return configuration != null && configuration.result().hasErrors() ? MeshCommand.REFUSED : MeshCommand.OK;
    }

    /** Says what a node got, on one line. */
    static String line(IssuedCertificate issued, Workload workload, AuthorityFolder authority, Path place) {
        return place + ": " + workload.spiffeId(authority.trustDomain())
                + (workload.names().isEmpty() ? "" : " " + String.join(" ", workload.names()))
                + " until " + issued.certificate().getNotAfter().toInstant();
    }

    private @Nullable Configuration configuration() throws BadInputException {
        if (config == null) {
            return null;
        }
        return Configuration.readTelling(
                "", config, values.file(), spec.commandLine().getErr());
    }

    private List<Workload> named() throws BadInputException {
        if (all) {
            throw new BadInputException("--all: of which mesh? Name its resources by --config");
        }
        if (nodes.isEmpty() || mesh == null) {
            throw new BadInputException(
                    "no node is named (expected: --node and --mesh, or --config with --node or --all)");
        }
        List<Workload> workloads = new ArrayList<>();
        for (String node : nodes) {
            workloads.add(Workload.of(mesh, node, names));
        }
        return workloads;
    }

    private List<Workload> documented(Configuration configuration) throws BadInputException {
        if (all != nodes.isEmpty()) {
            throw new BadInputException("--node or --all (expected: one of the two)");
        }
        List<VirtualNode> known = configuration.result().resources().all(VirtualNode.class).stream()
                .filter(node -> mesh == null || node.id().mesh().equals(mesh))
                .toList();
        List<String> knownNames = known.stream().map(VirtualNode::name).toList();
        for (String node : nodes) {
            if (!knownNames.contains(node)) {
                throw new BadInputException(
                        "virtual node '" + node + "' is not in " + config + "; " + Names.known(node, knownNames));
            }
        }
        List<Workload> workloads = new ArrayList<>();
        for (VirtualNode node : known) {
            if (all || nodes.contains(node.name())) {
                Workload workload = Workload.of(node);
                List<String> together = new ArrayList<>(workload.names());
                together.addAll(names);
                workloads.add(Workload.of(workload.mesh(), workload.node(), together));
            }
        }
        if (workloads.isEmpty()) {
            throw new BadInputException(config + ": holds no virtual node"
                    + (mesh == null ? "" : " of the mesh '" + mesh + "'") + "; check the path");
        }
        return workloads;
    }
}
