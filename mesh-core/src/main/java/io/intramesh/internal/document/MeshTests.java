package io.intramesh.internal.document;

import io.intramesh.document.DocumentValue;
import io.intramesh.document.MeshTestDocument;
import io.intramesh.internal.document.Document.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the tests of a mesh that one file holds. No dialect: there are no resources in them, so what is wrong with one
 * concerns those who run it, and never a mesh that is served from the same folder.
 */
final class MeshTests {
    static final String KIND = "MeshTest";

    private final String file;
    private final String source;

    /** Made when first needed: a mesh that is served has no use for them. */
    private @Nullable Places places;

    /** @param source the text of the file */
    MeshTests(String file, String source) {
        this.file = file;
        this.source = source;
    }

    static boolean claims(MappingNode root) {
        String apiVersion = root.text("apiVersion");
        return KIND.equals(root.text("kind"))
                && (apiVersion == null || apiVersion.toLowerCase(Locale.ROOT).startsWith("intramesh"));
    }

    MeshTestDocument read(MappingNode filled, List<Fault> faults) {
        Problems problems = new Problems(file);
        faults.forEach(fault -> problems.error(fault.mark(), fault.path(), fault.message()));
        Context context = new Context(problems, expression -> null);
        Fields fields = new Fields(filled, Path.ROOT, context);
        NativeDialect.checkApiVersion(fields);
        fields.ignore("kind", "$schema");
        Fields metadata = fields.requiredObject("metadata");
        String mesh = null;
        String name = null;
        if (metadata != null) {
            mesh = metadata.name("mesh");
            name = metadata.requiredName("name");
            metadata.end();
        }
        Fields spec = fields.requiredObject("spec");
        List<DocumentValue> expectations = List.of();
        if (spec != null) {
            expectations =
                    spec.requiredList("expectations", 1, Bounds.MAX_NODES, (item, path) -> value(item, problems));
            spec.end();
        }
        fields.end();
        return new MeshTestDocument(filled.mark().in(file), mesh, name, expectations, problems.found());
    }

    private DocumentValue value(Node node, Problems problems) {
        if (node.tag() != null) {
            problems.error(
                    node.mark(),
                    Path.ROOT.member("spec").member("expectations"),
                    "the tag " + Words.shorten(node.tag()) + " means nothing here; remove it");
        }
        if (node instanceof ScalarNode scalar) {
            return text(scalar.mark(), scalar.isNull() ? "" : scalar.text(), scalar.isNull());
        }
        if (node instanceof SequenceNode sequence) {
            return new DocumentValue.Items(
                    node.mark().in(file),
                    sequence.items().stream().map(item -> value(item, problems)).toList());
        }
        List<DocumentValue.Member> members = new ArrayList<>();
        for (MappingNode.Entry entry : ((MappingNode) node).entries()) {
            members.add(new DocumentValue.Member(
                    text(entry.keyMark(), entry.key(), false), value(entry.value(), problems)));
        }
        return new DocumentValue.Members(node.mark().in(file), members);
    }

    private DocumentValue.Text text(Mark mark, String text, boolean isNull) {
        return new DocumentValue.Text(mark.in(file), text, isNull, isNull ? List.of() : runs(mark, text));
    }

    private List<DocumentValue.Run> runs(Mark mark, String text) {
        Places known = Objects.requireNonNullElseGet(places, () -> new Places(source));
        places = known;
        return known.runs(file, mark, text);
    }
}
