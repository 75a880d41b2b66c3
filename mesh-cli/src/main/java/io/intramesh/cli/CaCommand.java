package io.intramesh.cli;

import java.time.InstantSource;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code mesh ca}: a certificate authority for development. */
@Command(
        name = "ca",
        description = {
            "Issues short-lived certificates for the nodes of a mesh, from an authority in a folder.",
            "For development and tests: whoever reads the folder can be any node. In production let SPIRE,",
            "AWS Private CA or the like issue them."
        },
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  mesh ca init ca --trust-domain shop.local",
            "  mesh ca issue ca --all --config conf -o certificates",
            "  mesh ca renew ca certificates --watch"
        })
final class CaCommand implements CommandGroup {
    @Override
    public List<Object> members() {
        InstantSource clock = InstantSource.system();
        return List.of(
                new CaInitCommand(clock),
                new CaIssueCommand(clock),
                new CaRenewCommand(clock, Pause.REAL),
                new CaRevokeCommand(clock),
                new CaShowCommand(clock));
    }
}
