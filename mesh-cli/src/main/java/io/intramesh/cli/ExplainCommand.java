package io.intramesh.cli;

import io.intramesh.OfflineMesh;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.model.Protocol;
import io.intramesh.model.ResourceSet;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mesh explain}: what the mesh would do with a request, and why. */
@Command(
        name = "explain",
        description = {
            "Says what the mesh would do with a request, and why.",
            "It decides with the code that serves calls, from the files alone: nothing is contacted."
        },
        sortOptions = false,
        customSynopsis = {
            "mesh explain --registry PATH [OPTION]... [-H 'name: value']... METHOD URL",
            "       mesh explain --registry PATH [--values FILE] [--mesh M] --requests FILE|-",
            ""
        },
        parameterListHeading = "%nRequest:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:answered (that the mesh refuses the request is an answer)",
            "1:with --requests: a line could not be answered; its answer is an error",
            "2:wrong usage, or a registry, values or requests file that cannot be read"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  mesh explain --registry conf --virtual-node storefront GET http://payments.local/beta",
            "  mesh explain --registry conf -H 'x-user: 7' --json POST payments.local:8080/orders",
            "  mesh explain --registry conf --claim role=clerk --at 2026-12-01T09:00:00Z POST payments.local/pay",
            "  mesh explain --registry conf --virtual-gateway front GET https://shop.example.com/",
            "  echo '{\"host\":\"payments.local\",\"path\":\"/beta\"}' | mesh explain --registry conf --requests -"
        })
final class ExplainCommand implements Callable<Integer> {
    /** Enough to see what is wrong; {@code mesh validate} shows them all. */
    private static final int MAX_PROBLEMS_SHOWN = 10;

    private final InputStream in;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--registry",
            paramLabel = "PATH",
            required = true,
            description = "File or folder of the mesh's resources.")
    private Path registry = Path.of("");

    @Mixin
    private ValuesOption values = new ValuesOption();

    @Option(
            names = "--mesh",
            paramLabel = "M",
            description = "Mesh to ask. Without it, the only one, or the only one that has what the request names.")
    private @Nullable String mesh;

    @Option(names = "--virtual-node", paramLabel = "CALLER", description = "Virtual node that calls; without it, any.")
    private @Nullable String virtualNode;

    @Option(
            names = "--spiffe-id",
            paramLabel = "ID",
            description = "SPIFFE ID that the caller's certificate proves, for access policies.")
    private @Nullable String spiffeId;

    @Option(
            names = "--claim",
            paramLabel = "NAME=VALUE",
            description = {
                "A claim of the caller's token, taken to be checked and good, for access policies.",
                "May be given again."
            })
    private List<String> claims = new ArrayList<>();

    @Option(names = "--no-token", description = "The caller has no token. Without this and --claim, that is left open.")
    private boolean noToken;

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "When the call is made, such as 2026-12-01T09:00:00Z; without it, that is left open.")
    private @Nullable String at;

    @Option(names = "--virtual-gateway", paramLabel = "G", description = "Virtual gateway that the request arrives at.")
    private @Nullable String virtualGateway;

    @Option(
            names = "--protocol",
            paramLabel = "P",
            completionCandidates = Protocols.class,
            description = "${COMPLETION-CANDIDATES}; without it, what the listener speaks.")
    private @Nullable String protocol;

    @Option(
            names = {"-H", "--header"},
            paramLabel = "'name: value'",
            description = "A header of the request; may be given again.")
    private List<String> headers = new ArrayList<>();

    @Option(names = "--json", description = "Answers with one JSON object instead of text.")
    private boolean json;

    @Option(
            names = "--requests",
            paramLabel = "FILE",
            description = "Answers each line of a file of JSON requests with a line of JSON; - is standard input.")
    private @Nullable String requests;

    @Parameters(index = "0", arity = "0..1", paramLabel = "METHOD", description = "Method, such as GET.")
    private @Nullable String method;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "URL",
            description = "[http://]HOST[:PORT][/PATH[?QUERY]]; the host is a virtual service's name, or with"
                    + " --virtual-gateway the host that is asked for.")
    private @Nullable String url;

    ExplainCommand(InputStream in) {
        this.in = in;
    }

    @Override
    public Integer call() throws BadInputException, IOException {
        if (requests == null) {
            return explainOne(typed());
        }
        refuseBesideRequests();
        return explainLines(requests);
    }

    private ExplainRequest typed() throws BadInputException {
        if (method == null || url == null) {
            throw misused("METHOD and URL are missing, such as GET http://payments.local/; or give --requests FILE");
        }
        ExplainRequest.Builder request = TypedRequest.parse(method, url, headers)
                .mesh(mesh)
                .virtualNode(virtualNode)
                .spiffeId(spiffeId)
                .virtualGateway(virtualGateway)
                .at(at == null ? null : JsonRequest.time("--at", at));
        if (noToken && !claims.isEmpty()) {
            throw misused("--claim and --no-token exclude one another; give one of them");
        }
        if (noToken) {
            request.noToken();
        }
        for (String claim : claims) {
            int middle = claim.indexOf('=');
            if (middle <= 0) {
                throw misused("--claim " + claim + " (expected: NAME=VALUE, such as role=clerk)");
            }
            request.claim(claim.substring(0, middle), claim.substring(middle + 1));
        }
        if (protocol != null) {
            request.protocol(JsonRequest.protocol(protocol));
        }
        return request.build();
    }

    private void refuseBesideRequests() {
        boolean hasMore = method != null
                || virtualNode != null
                || spiffeId != null
                || virtualGateway != null
                || protocol != null
                || noToken
                || at != null
                || !claims.isEmpty()
                || !headers.isEmpty();
        if (hasMore) {
            throw misused("with --requests, each line says what it asks;"
                    + " leave out METHOD, URL, -H, --protocol, --virtual-node, --spiffe-id, --claim, --no-token, --at and"
                    + " --virtual-gateway");
        }
    }

    private ParameterException misused(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private int explainOne(ExplainRequest request) throws BadInputException {
        Configuration configuration = configuration();
        ResourceSet resources = configuration.result().resources();
        Question question = Question.of(request).in(new MeshChoice(resources));
        Question.Answered answered = question.ask(OfflineMesh.of(resources), resources);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Answer.full(answered));
        } else {
            out.println(headline(request, answered.explanation()));
            out.print(answered.explanation());
        }
        out.flush();
        return MeshCommand.OK;
    }

    private int explainLines(String file) throws BadInputException, IOException {
        Configuration configuration = configuration();
        ResourceSet resources = configuration.result().resources();
        MeshChoice meshes = new MeshChoice(resources);
        OfflineMesh offline = OfflineMesh.of(resources);
        PrintWriter out = spec.commandLine().getOut();
        boolean isInteractive = file.equals("-");
        Set<String> foreignKeys = new HashSet<>();
        boolean hasFailed = false;
        try (Lines lines = new Lines(isInteractive ? unclosable(in) : open(file))) {
            while (true) {
                try {
                    String line = lines.next();
                    if (line == null) {
                        break;
                    }
                    if (line.isBlank()) {
                        continue;
                    }
                    Question question =
                            JsonRequest.parse(line, mesh, key -> noteForeignKey(lines.number(), key, foreignKeys));
                    out.println(Answer.line(question.in(meshes).ask(offline, resources)));
                } catch (BadInputException failure) {
                    hasFailed = true;
                    out.println(Answer.error(lines.number(), String.valueOf(failure.getMessage())));
                }
                // Who asks line by line through a pipe waits for each answer.
                if (isInteractive && out.checkError()) {
                    break;
                }
            }
        }
        out.flush();
        return hasFailed ? MeshCommand.REFUSED : MeshCommand.OK;
    }

    private void noteForeignKey(int line, String key, Set<String> known) {
        // Bounded, because the file is not ours.
        if (known.size() < MAX_PROBLEMS_SHOWN && known.add(key)) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("line " + line + ": the key '" + key + "' is unknown and counts for nothing");
            err.flush();
        }
    }

    private static InputStream open(String file) throws BadInputException {
        Path path = Path.of(file);
        try {
            return Files.newInputStream(path);
        } catch (IOException failure) {
            throw new BadInputException("--requests " + Unreadable.describe(path, failure), failure);
        }
    }

    private static InputStream unclosable(InputStream in) {
        return new FilterInputStream(in) {
            @Override
            public void close() {
                // Standard input belongs to the process.
            }
        };
    }

    private Configuration configuration() throws BadInputException {
        // A mesh runs with what is left when something is refused, so it is explained with what is left.
        return Configuration.readTelling(
                "--registry ", registry, values.file(), spec.commandLine().getErr());
    }

    private String headline(ExplainRequest request, Explanation explanation) {
        Ansi ansi = spec.commandLine().getColorScheme().ansi();
        return Styled.text(ansi, "bold", asked(request)) + " " + outcome(ansi, explanation);
    }

    private static String asked(ExplainRequest request) {
        StringBuilder asked = new StringBuilder().append(request.method()).append(' ');
        if (request.scheme() != null) {
            asked.append(request.scheme()).append("://");
        }
        asked.append(request.host());
        if (!request.isPortImplied()) {
            asked.append(':').append(request.port());
        }
        asked.append(request.path());
        if (request.query() != null) {
            asked.append('?').append(request.query());
        }
        if (request.virtualNode() != null) {
            asked.append(" from ").append(request.virtualNode());
        }
        if (request.spiffeId() != null) {
            asked.append(" as ").append(request.spiffeId());
        }
        Map<String, List<String>> proven = request.claims();
        if (proven != null) {
            asked.append(proven.isEmpty() ? " without a token" : " with a token that says ");
            asked.append(new TreeMap<>(proven)
                    .entrySet().stream()
                            .map(claim -> claim.getKey() + " " + String.join(" and ", claim.getValue()))
                            .collect(Collectors.joining(", ")));
        }
        if (request.at() != null) {
            asked.append(", made at ").append(request.at());
        }
        if (request.virtualGateway() != null) {
            asked.append(" at ").append(request.virtualGateway());
        }
        return asked.toString();
    }

    private static String outcome(Ansi ansi, Explanation explanation) {
        Explanation.Refused refusal = explanation.refusal();
        if (refusal != null) {
            return Styled.text(ansi, "red", "is refused: " + refusal.reason());
        }
        if (explanation.targets().isEmpty()) {
            return Styled.text(ansi, "yellow", "passes through: it is outside the mesh");
        }
        String targets = explanation.targets().stream()
                .map(target -> String.format(Locale.ROOT, "%s (%.4g %%)", target.virtualNode(), 100 * target.share()))
                .collect(Collectors.joining(", "));
        return Styled.text(ansi, "green", "goes to " + targets);
    }

    /** Names the protocols, for help and completion. */
    static final class Protocols implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.of(Protocol.values()).map(Protocol::text).iterator();
        }
    }
}
