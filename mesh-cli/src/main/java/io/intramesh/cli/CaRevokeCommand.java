package io.intramesh.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mesh ca revoke}: takes back what was issued. */
@Command(
        name = "revoke",
        description = {
            "Puts certificates on the authority's revocation list, CA/crl.pem, and adds the list to OUT/trust.pem, so that",
            "meshes that trust by that file refuse them within seconds. What is revoked stays so."
        },
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:revoked", "2:wrong usage, no such certificate, or files that cannot be read or written"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  mesh ca revoke ca --node orders -o certificates",
            "  mesh ca revoke ca --serial 5f3a… -o certificates"
        })
final class CaRevokeCommand implements Callable<Integer> {
    private final InstantSource clock;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "CA", description = "Folder of the authority.")
    private Path folder = Path.of("");

    @Option(names = "--node", paramLabel = "NODE", description = "All certificates of that node.")
    private @Nullable String node;

    @Option(names = "--mesh", paramLabel = "M", description = "Mesh of the node; without it, any.")
    private @Nullable String mesh;

    @Option(names = "--serial", paramLabel = "HEX", description = "One certificate, as 'mesh ca show' names it.")
    private List<String> serials = new ArrayList<>();

    @Option(
            names = {"-o", "--out"},
            paramLabel = "OUT",
            description = "Folder that 'mesh ca issue' wrote, to write the list there as well.")
    private @Nullable Path out;

    CaRevokeCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() throws BadInputException {
        if (node == null && serials.isEmpty()) {
            throw new BadInputException("nothing is named (expected: --node or --serial)");
        }
        AuthorityFolder authority = AuthorityFolder.open(folder, clock);
        List<X509Certificate> revoked = new ArrayList<>();
        List<String> known = new ArrayList<>();
        for (X509Certificate certificate : authority.issued()) {
            Workload workload = Workload.of(certificate, authority.trustDomain());
            if (workload != null) {
                known.add(workload.node());
            }
            if (isMeant(certificate, workload)) {
                revoked.add(certificate);
            }
        }
        if (revoked.isEmpty()) {
            throw new BadInputException("no certificate that is still valid "
                    + (node == null ? "has such a number" : "is for '" + node + "'") + "; "
                    + (node == null ? "see 'mesh ca show " + folder + "'" : Names.known(node, known)));
        }
        authority.revoke(revoked);
        PrintWriter lines = spec.commandLine().getOut();
        for (X509Certificate certificate : revoked) {
            lines.println("revoked " + AuthorityFolder.serial(certificate) + " "
                    + Workload.of(certificate, authority.trustDomain()));
        }
        lines.flush();
        if (out == null) {
            spec.commandLine()
                    .getErr()
                    .println("mesh: it counts where " + folder.resolve("crl.pem")
                            + " is read: put it behind the authority in a trust file, or name the folder by -o");
        } else {
            NodeFiles files = new NodeFiles(out);
            files.refuseOthers(authority);
            files.writeTrust(authority);
        }
        return MeshCommand.OK;
    }

    private boolean isMeant(X509Certificate certificate, @Nullable Workload workload) {
        if (serials.stream()
                .anyMatch(serial -> serial.toLowerCase(Locale.ROOT).equals(AuthorityFolder.serial(certificate)))) {
            return true;
        }
        return workload != null
                && workload.node().equals(node)
                && (mesh == null || workload.mesh().equals(mesh));
    }
}
