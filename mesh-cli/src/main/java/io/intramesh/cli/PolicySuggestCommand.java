package io.intramesh.cli;

import io.intramesh.document.DocumentForm;
import io.intramesh.document.DocumentWriter;
import io.intramesh.document.ReadResult;
import io.intramesh.model.AccessPolicy;
import io.intramesh.model.Kind;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mesh policy suggest}: the smallest policies that allow what audit logs show. */
@Command(
        name = "suggest",
        description = {
            "Reads audit logs (logger io.intramesh.audit) and writes, for each virtual node that was called, the",
            "smallest access policy that allows what was seen. What an enforced policy or a DENY rule refused stays out.",
            "Give it files that the audit logger alone writes: what others log may be made to look like it."
        },
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything that was seen is allowed by what is written",
            "1:written, and something was left out, which standard error names",
            "2:wrong usage, no audit line at all, or files that cannot be read or written"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  mesh policy suggest --config conf logs/*.log",
            "  kubectl logs deploy/orders | mesh policy suggest --config conf --shadow - -o conf/orders-access.yaml"
        })
final class PolicySuggestCommand implements Callable<Integer> {
    private static final String STANDARD_INPUT = "-";

    private final InputStream in;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(arity = "1..*", paramLabel = "LOG", description = "Log file; - is standard input.")
    private List<String> logs = new ArrayList<>();

    @Option(
            names = "--config",
            paramLabel = "PATH",
            required = true,
            description =
                    "File or folder of the mesh's resources: which nodes there are, which policies have their names.")
    private Path config = Path.of("");

    @Mixin
    private ValuesOption values = new ValuesOption();

    @Option(
            names = "--mesh",
            paramLabel = "M",
            description = "Mesh of the nodes, where the configuration holds several.")
    private @Nullable String mesh;

    @Option(names = "--shadow", description = "Writes policies that only record what they would deny.")
    private boolean shadow;

    @Option(
            names = "--siblings",
            paramLabel = "N",
            defaultValue = "5",
            description = {
                "How many values of a path's segment must have been seen, all else being equal, to allow any value",
                "there. What looks like an identifier is left open anyway. Default: ${DEFAULT-VALUE}"
            })
    private int siblings;

    @Option(names = "--include-denied", description = "Allows what enforced policies and DENY rules refused, too.")
    private boolean includeDenied;

    @Option(
            names = "--allow-anonymous",
            description = "Allows to everyone what callers without a proven identity called.")
    private boolean allowAnonymous;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            description = "File to write, that is not there yet; without it, standard output.")
    private @Nullable Path out;

    PolicySuggestCommand(InputStream in) {
        this.in = in;
    }

    @Override
    public Integer call() throws BadInputException {
        if (siblings < 2) {
            throw new BadInputException("--siblings " + siblings + " (expected: 2 or more)");
        }
        if (out != null && Files.exists(out)) {
            throw new BadInputException("-o " + out + ": is there already, and is not overwritten; name another file");
        }
        SeenCalls seen = new SeenCalls(siblings, includeDenied, allowAnonymous);
        for (String log : logs) {
            read(log, seen);
        }
        if (seen.isEmpty()) {
            throw new BadInputException(String.join(", ", logs) + ": no line of the audit log (expected: lines with"
                    + " 'access allowed', 'access denied' or 'access would be denied', such as a policy with mode: SHADOW"
                    + " and audit: ALL makes)");
        }
        List<String> leftOut = new ArrayList<>(seen.leftOut());
        String text = write(seen, leftOut);
        put(text);
        PrintWriter err = spec.commandLine().getErr();
        leftOut.forEach(line -> err.println("mesh: left out: " + line));
        err.flush();
        return leftOut.isEmpty() ? MeshCommand.OK : MeshCommand.REFUSED;
    }

    private void read(String log, SeenCalls seen) throws BadInputException {
        try (BufferedReader lines = open(log)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                AuditLine audited = AuditLine.parse(line);
                if (audited != null) {
                    seen.add(audited);
                }
            }
        } catch (IOException failure) {
            throw new BadInputException(Unreadable.describe(Path.of(log), failure), failure);
        }
    }

    /** Whatever else is in a log, bytes that are no UTF-8 included, an audit line is ASCII. */
    private BufferedReader open(String log) throws IOException {
        InputStream bytes = log.equals(STANDARD_INPUT) ? in : Files.newInputStream(Path.of(log));
        return new BufferedReader(new InputStreamReader(
                bytes, StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE)));
    }

    private String write(SeenCalls seen, List<String> leftOut) throws BadInputException {
        ReadResult configuration = configuration();
        List<AccessPolicy> policies = new ArrayList<>();
        Map<ResourceId, List<String>> comments = new HashMap<>();
        for (String callee : seen.callees()) {
            String home = home(callee, configuration.resources());
            if (home == null) {
                leftOut.add(callee + ": no virtual node of " + config
                        + (mesh == null ? ", or one in several meshes; name the mesh by --mesh" : " in mesh " + mesh));
                continue;
            }
            AccessPolicy policy = seen.policy(
                    home,
                    callee,
                    freeName(home, callee, configuration.resources()),
                    shadow ? AccessPolicy.Mode.SHADOW : AccessPolicy.Mode.ENFORCE);
            if (policy.rules().isEmpty()) {
                leftOut.add(callee + ": whatever called it was refused as well");
                continue;
            }
            policies.add(policy);
            comments.put(
                    policy.id(),
                    List.of("Allows what " + seen.calls(callee) + (seen.calls(callee) == 1 ? " call" : " calls")
                            + " showed, and nothing else. Read it before you rely on it: what was not called while the"
                            + " log was written is denied."));
        }
        if (policies.isEmpty()) {
            return "";
        }
        return DocumentWriter.builder(DocumentForm.NATIVE)
                .comments(id -> comments.getOrDefault(id, List.of()))
                .build()
                .text(ResourceSet.of(policies));
    }

    private ReadResult configuration() throws BadInputException {
        return Configuration.readTelling(
                        "", config, values.file(), spec.commandLine().getErr())
                .result();
    }

    /** Returns the mesh of a node, or null where none or several have it. */
    private @Nullable String home(String node, ResourceSet resources) {
        List<String> meshes = resources.meshNames().stream()
                .filter(name -> mesh == null || name.equals(mesh))
                .filter(name -> resources.virtualNode(name, node) != null)
                .toList();
        return meshes.size() == 1 ? meshes.get(0) : null;
    }

    private static String freeName(String mesh, String callee, ResourceSet resources) {
        String base = callee + "-seen";
        String name = base;
        for (int number = 2; resources.get(ResourceId.of(Kind.ACCESS_POLICY, mesh, name)) != null; number++) {
            name = base + "-" + number;
        }
        return name;
    }

    private void put(String text) throws BadInputException {
        if (out == null) {
            PrintWriter words = spec.commandLine().getOut();
            words.print(text);
            words.flush();
            return;
        }
        try {
            AuthorityFiles.write(out, text);
        } catch (IOException failure) {
            throw new BadInputException("-o " + out + ": cannot be written: " + failure, failure);
        }
    }
}
