package io.intramesh.cli;

import java.io.InputStream;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code mesh policy}: access policies out of what a mesh saw. */
@Command(
        name = "policy",
        description = "Writes access policies from what a running mesh has seen.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = "  mesh policy suggest --config conf audit.log -o conf/suggested.yaml --shadow")
final class PolicyCommand implements CommandGroup {
    private final InputStream in;

    PolicyCommand(InputStream in) {
        this.in = in;
    }

    @Override
    public List<Object> members() {
        return List.of(new PolicySuggestCommand(in));
    }
}
