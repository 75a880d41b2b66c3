package io.intramesh.testing.expectation;

import static java.util.Objects.requireNonNull;

import io.intramesh.document.DocumentValue;
import io.intramesh.document.MeshTestDocument;
import io.intramesh.document.Origin;
import io.intramesh.document.Problem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One expectation of a MeshTest document, with its place; or something that is wrong with the document, which no mesh can
 * mend. Immutable.
 *
 * <pre>{@code
 * ReadResult result = DocumentReader.builder().build().read(FileRegistry.documents(folder));
 * ExpectationChecker checker = ExpectationChecker.of(OfflineMesh.of(result.resources()));
 * MeshTestCase.of(result.tests()).forEach(test -> System.out.println(test.title() + ": " + test.check(checker)));
 * }</pre>
 */
public final class MeshTestCase {
    private static final String CALLING = " calling ";

    private final String test;
    private final String title;
    private final Origin origin;
    private final @Nullable Expectation expectation;
    private final @Nullable Problem problem;

    private MeshTestCase(
            String test, String title, Origin origin, @Nullable Expectation expectation, @Nullable Problem problem) {
        this.test = test;
        this.title = title;
        this.origin = origin;
        this.expectation = expectation;
        this.problem = problem;
    }

    /** Returns the cases of these documents, in order of writing. Never throws: what is wrong becomes a case of its own. */
    public static List<MeshTestCase> of(List<MeshTestDocument> documents) {
        List<MeshTestCase> cases = new ArrayList<>();
        for (MeshTestDocument document : documents) {
            String name = document.name() == null ? document.origin().file() : document.name();
            for (Problem wrong : document.problems()) {
                cases.add(new MeshTestCase(name, "the document is well formed", wrong.origin(), null, wrong));
            }
            for (DocumentValue value : document.expectations()) {
                cases.add(of(name, document.mesh(), value));
            }
        }
        return cases;
    }

    private static MeshTestCase of(String test, @Nullable String mesh, DocumentValue value) {
        String title = title(value);
        try {
            return new MeshTestCase(test, title, value.origin(), read(value, mesh), null);
        } catch (MisreadException e) {
            return new MeshTestCase(
                    test,
                    title,
                    value.origin(),
                    null,
                    new Problem(e.origin(), "", Problem.Severity.ERROR, String.valueOf(e.getMessage())));
        }
    }

    private static String title(DocumentValue value) {
        if (value instanceof DocumentValue.Text text) {
            return oneLine(text.text());
        }
        if (value instanceof DocumentValue.Members members) {
            DocumentValue.Text sentence = sentence(members);
            return oneLine(sentence == null ? Mapping.title(members) : sentence.text());
        }
        return "a list";
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }

    private static Expectation read(DocumentValue value, @Nullable String mesh) throws MisreadException {
        if (value instanceof DocumentValue.Text text) {
            return sentence(text, mesh);
        }
        if (value instanceof DocumentValue.Members members) {
            DocumentValue.Text sentence = sentence(members);
            return sentence == null ? Mapping.read(members, mesh) : sentence(sentence, mesh);
        }
        throw new MisreadException(
                value.origin(), "a list (expected: a sentence, or a mapping); for example: " + Sentence.GOES);
    }

    private static Expectation sentence(DocumentValue.Text text, @Nullable String mesh) throws MisreadException {
        try {
            return inMesh(Sentence.parse(text.text()), mesh);
        } catch (NotUnderstoodException e) {
            throw MisreadException.at(text, e);
        }
    }

    /**
     * Returns the sentence that YAML took apart: without quotes, {@code … is refused: POLICY} is a mapping of one member to
     * it. Null where the mapping is one.
     */
    private static DocumentValue.@Nullable Text sentence(DocumentValue.Members members) {
        if (members.members().size() != 1) {
            return null;
        }
        DocumentValue.Member only = members.members().get(0);
        DocumentValue.Text key = only.key();
        if (!key.text().contains(CALLING) || !(only.value() instanceof DocumentValue.Text value)) {
            return null;
        }
        String before = key.text() + ": ";
        List<DocumentValue.Run> runs = new ArrayList<>(key.runs());
        for (DocumentValue.Run run : value.runs()) {
            runs.add(new DocumentValue.Run(run.start() + before.length(), run.origin()));
        }
        return new DocumentValue.Text(key.origin(), before + value.text(), false, runs);
    }

    private static Expectation inMesh(Expectation expectation, @Nullable String mesh) {
        return mesh == null ? expectation : expectation.inMesh(mesh);
    }

    /** Returns the name of the document. */
    public String test() {
        return test;
    }

    /** Returns the sentence, in one line. */
    public String title() {
        return title;
    }

    /** Returns where the expectation begins. */
    public Origin origin() {
        return origin;
    }

    /** Returns where the trouble is, where it is not understood; else where the expectation begins. */
    public Origin place() {
        return problem == null ? origin : problem.origin();
    }

    /** Asks a mesh. */
    public Outcome check(ExpectationChecker mesh) {
        requireNonNull(mesh, "mesh");
        if (expectation != null) {
            return mesh.check(expectation);
        }
        Problem wrong = requireNonNull(problem, "problem");
        return Outcome.error((wrong.path().isEmpty() ? "" : wrong.path() + ": ") + wrong.message());
    }

    @Override
    public String toString() {
        return origin + ": " + title;
    }
}
