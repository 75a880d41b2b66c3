package io.intramesh.cli;

import io.intramesh.document.DocumentForm;
import io.intramesh.document.DocumentReader;
import io.intramesh.document.DocumentValue;
import io.intramesh.document.DocumentWriter;
import io.intramesh.document.MeshTestDocument;
import io.intramesh.document.Origin;
import io.intramesh.document.Problem;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import io.intramesh.model.Kind;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceOverride;
import io.intramesh.model.ResourceSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A set of resources in another form, read back and compared, and what is to be said about it. */
final class Conversion {
    /** Stands beside the files; no mesh reads it. */
    private static final String REPORT = "CONVERSION.md";

    /** Where native documents find their schema, unless another is named: a hidden folder, which no mesh reads. */
    static final String SCHEMA = ".schema/intramesh-v1.schema.json";

    private static final String DECISION = "needs a decision: ";

    /** Said of parts that this version reads only: nothing that was decided, and the same in every form. */
    private static final List<String> IDLE = List.of("acted on in this version");

    private final ReadResult source;
    private final ResourceSet resources;
    private final List<MeshTestDocument> tests;
    private final DocumentForm form;
    private final String from;
    private final @Nullable String schema;
    private final Map<ResourceId, List<Problem>> notes = new HashMap<>();
    private final List<Problem> otherNotes = new ArrayList<>();
    private final DocumentWriter writer;
    private final List<RawDocument> files;
    private final ReadResult readBack;

    /**
     * Converts.
     *
     * @param from what was read, in words
     */
    Conversion(ReadResult source, DocumentForm form, @Nullable String schema, String from) {
        this.source = source;
        this.resources = ResourceSet.of(source.resources().all().stream()
                .filter(resource -> !hasItsWay(resource))
                .toList());
        this.tests = source.tests().stream()
                .filter(test -> test.problems().isEmpty())
                .toList();
        this.form = form;
        this.from = from;
        this.schema = schema;
        assignNotes();
        this.writer = DocumentWriter.builder(form)
                .schema(schema)
                .comments(this::comments)
                .build();
        this.files = writer.files(resources, tests);
        this.readBack = readBack(files);
    }

    /** Returns all files: the documents, their schema and the report. */
    List<RawDocument> files() {
        List<RawDocument> all = new ArrayList<>(files);
        if (SCHEMA.equals(schema) && holdsNative()) {
            all.add(RawDocument.of(SCHEMA, DocumentSchema.render()));
        }
        all.add(RawDocument.of(REPORT, report()));
        return all;
    }

    /** Returns everything as one stream. */
    String text() {
        String text = writer.text(resources, tests);
        readBack(List.of(RawDocument.of(form == DocumentForm.JSON ? "all.json" : "all.yaml", text)));
        return text;
    }

    // Proof.

    /** Reads what is about to be written: a form that says something else than the original must not leave this program. */
    private ReadResult readBack(List<RawDocument> written) {
        ReadResult read = DocumentReader.builder().environment(Map.of()).build().read(written);
        ResourceSet expected = resources;
        for (Resource resource : expected.all()) {
            if (!resource.equals(read.resources().get(resource.id()))) {
                throw new IllegalStateException(resource.id() + " would read back otherwise; nothing is written");
            }
        }
        for (ResourceId id : read.resources().ids()) {
            if (expected.get(id) == null) {
                throw new IllegalStateException(id + " would be read, too; nothing is written");
            }
            if (!siblings(expected, id).equals(siblings(read.resources(), id))) {
                throw new IllegalStateException("the routes around " + id + " would change order; nothing is written");
            }
        }
        if (!said(read.tests()).equals(said(tests))) {
            throw new IllegalStateException("the MeshTest documents would read back otherwise; nothing is written");
        }
        return read;
    }

    /** Returns what tests say, wherever it stands; the order of files is no part of it. */
    private static List<String> said(List<MeshTestDocument> tests) {
        return tests.stream()
                .map(test -> test.mesh() + " " + test.name() + test.problems()
                        + test.expectations().stream().map(Conversion::said).toList())
                .sorted()
                .toList();
    }

    private static String said(DocumentValue value) {
        if (value instanceof DocumentValue.Text text) {
            return text.isNull() ? "null" : "'" + text.text() + "'";
        }
        if (value instanceof DocumentValue.Items items) {
            return items.values().stream().map(Conversion::said).toList().toString();
        }
        return ((DocumentValue.Members) value)
                .members().stream()
                        .map(member -> member.key().text() + ": " + said(member.value()))
                        .toList()
                        .toString();
    }

    private static List<ResourceId> siblings(ResourceSet resources, ResourceId id) {
        if (id.parent() == null) {
            return List.of();
        }
        return (id.kind() == Kind.ROUTE
                        ? resources.routes(id.mesh(), id.parent())
                        : resources.gatewayRoutes(id.mesh(), id.parent()))
                .stream().map(Resource::id).toList();
    }

    /**
     * Tells whether this is an override of something that is here. What it decides stands in that resource then, and would
     * replace nothing when that is read again.
     */
    private boolean hasItsWay(Resource resource) {
        return resource instanceof ResourceOverride override
                && source.resources().all().stream().anyMatch(other -> isFor(override, other.id()));
    }

    private static boolean isFor(ResourceOverride override, ResourceId id) {
        String mesh = override.id().mesh();
        return id.equals(override.target().in(mesh))
                || (override.target().isEvery()
                        && id.kind() == override.target().kind()
                        && id.mesh().equals(mesh));
    }

    // What is said.

    /** Gives each note to the resource that begins last before it in its file. */
    private void assignNotes() {
        Map<String, TreeMap<Origin, ResourceId>> byFile = new HashMap<>();
        Comparator<Origin> byPlace = Comparator.comparingInt(Origin::line).thenComparingInt(Origin::column);
        source.origins()
                .forEach((id, origin) -> byFile.computeIfAbsent(origin.file(), any -> new TreeMap<>(byPlace))
                        .put(origin, id));
        for (Problem problem : source.problems()) {
            if (problem.isError() || IDLE.stream().anyMatch(problem.message()::contains)) {
                continue;
            }
            TreeMap<Origin, ResourceId> inFile =
                    byFile.getOrDefault(problem.origin().file(), new TreeMap<>(byPlace));
            Map.Entry<Origin, ResourceId> before = inFile.floorEntry(problem.origin());
            if (before != null && source.resources().get(before.getValue()) != null) {
                notes.computeIfAbsent(before.getValue(), any -> new ArrayList<>())
                        .add(problem);
            } else {
                otherNotes.add(problem);
            }
        }
    }

    private List<String> comments(ResourceId id) {
        List<String> lines = new ArrayList<>();
        Origin origin = source.origins().get(id);
        if (origin != null) {
            lines.add("From " + origin);
        }
        for (Problem note : notes.getOrDefault(id, List.of())) {
            lines.add((note.path().isEmpty() ? "" : note.path() + ": ") + note.message());
        }
        return lines;
    }

    /** Returns a line that says what was done. */
    String summary(String out) {
        long decisions = decisions().size();
        return Report.counted(resources.size(), "resource") + " in " + Report.counted(files.size(), "file")
                + " in " + out
                + (decisions == 0
                        ? ""
                        : "; " + decisions + (decisions == 1 ? " needs" : " need") + " a decision, see " + REPORT);
    }

    private List<Problem> decisions() {
        return source.problems().stream()
                .filter(problem -> problem.message().startsWith(DECISION))
                .toList();
    }

    /** Returns the report, in Markdown. */
    private String report() {
        StringBuilder text = new StringBuilder("# Conversion\n\n");
        text.append(Report.counted(resources.size(), "resource"))
                .append(" of ")
                .append(code(from))
                .append(", in the form ")
                .append(code(form.name().toLowerCase(Locale.ROOT)))
                .append(". They were read back before they were written, and were equal.\n");
        section(text, "Refused, and left out", problems(true));
        section(
                text,
                "Needs a decision",
                decisions().stream()
                        .map(problem -> place(problem) + problem.message().substring(DECISION.length()))
                        .toList());
        section(text, "Noted", problems(false));
        section(text, "Decided for all", general());
        text.append("\n## Where everything is\n\n| resource | from | now in |\n| --- | --- | --- |\n");
        for (Resource resource : resources.all()) {
            text.append("| ")
                    .append(cell(resource.id()
                            + (several() ? " of mesh '" + resource.id().mesh() + "'" : "")))
                    .append(" | ")
                    .append(cell(String.valueOf(source.origins().get(resource.id()))))
                    .append(" | ")
                    .append(cell(String.valueOf(readBack.origins().get(resource.id()))))
                    .append(" |\n");
        }
        return text.toString();
    }

    private boolean several() {
        return source.resources().meshNames().size() > 1;
    }

    private List<String> problems(boolean errors) {
        return Stream.concat(
                        source.problems().stream(), source.tests().stream().flatMap(test -> test.problems().stream()))
                .filter(problem -> problem.isError() == errors)
                .filter(problem -> !problem.message().startsWith(DECISION))
                .filter(problem -> errors || IDLE.stream().noneMatch(problem.message()::contains))
                .map(problem -> place(problem) + problem.message())
                .toList();
    }

    private List<String> general() {
        List<String> lines = new ArrayList<>();
        lines.add("Placeholders and parameters, where there were any, are filled: their values stand in these files.");
        lines.add("Defaults are not written, but for `egressFilter` (App Mesh: `DROP_ALL`) and what an AccessPolicy"
                + " does without a rule: a `responseType` that is absent is `LOADBALANCER`, an absent `enforce` is"
                + " `true`, a gateway route rewrites the host name.");
        lines.add("Left out, since nothing in a mesh acts on it: tags, `clientToken`, `meshOwner`, ARNs, versions and"
                + " states of `describe-*` answers; labels, annotations and `podSelector` of manifests.");
        if (form == DocumentForm.JSON) {
            lines.add("Order counts between routes of equal rank: the numbers of their files keep it.");
        }
        if (form == DocumentForm.KUBERNETES) {
            lines.add(
                    "Names that Kubernetes does not take are changed, and `awsName` keeps the resource's own. Each mesh"
                            + " has one namespace, which carries the label that the Mesh selects. Add `podSelector` to"
                            + " the virtual nodes and gateways that the App Mesh controller is to inject.");
        }
        if (form != DocumentForm.NATIVE && holdsNative()) {
            lines.add("Kinds that App Mesh lacks are native documents, and so are tests.");
        }
        for (Resource resource : source.resources().all()) {
            if (resources.get(resource.id()) == null) {
                lines.add(code(resource.id() + " at " + source.origins().get(resource.id()))
                        + " is left out: what it decides stands in the resources that it is for.");
            }
        }
        lines.add("Comments of the originals stay there.");
        return lines;
    }

    /** Tells whether any of the documents is native. */
    private boolean holdsNative() {
        return form == DocumentForm.NATIVE
                || !tests.isEmpty()
                || resources.all().stream()
                        .anyMatch(resource -> !resource.kind().isAppMesh());
    }

    private static void section(StringBuilder text, String title, List<String> lines) {
        if (!lines.isEmpty()) {
            text.append("\n## ").append(title).append("\n\n");
            lines.forEach(line -> text.append("- ").append(oneLine(line)).append('\n'));
        }
    }

    private static String place(Problem problem) {
        return code(problem.origin() + (problem.path().isEmpty() ? "" : " " + problem.path())) + ": ";
    }

    private static String code(String text) {
        return "`" + oneLine(text).replace('`', '\'') + "`";
    }

    private static String cell(String text) {
        return oneLine(text).replace("|", "\\|");
    }

    private static String oneLine(String text) {
        return Objects.requireNonNull(text).replaceAll("\\p{Cntrl}", " ");
    }
}
