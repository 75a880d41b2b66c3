package io.intramesh.internal.document;

import io.intramesh.model.Kind;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Our own documents: {@code apiVersion}, {@code kind}, {@code metadata} with the names, and a {@code spec} that is exactly
 * App Mesh's.
 */
final class NativeDialect implements Dialect {
    static final String API_VERSION = "intramesh.io/v1";

    private static final List<String> KINDS =
            Stream.of(Kind.values()).map(Kind::documentName).toList();

    private static final List<String> KINDS_AND_TESTS =
            Stream.concat(KINDS.stream(), Stream.of(MeshTests.KIND)).toList();

    @Override
    public boolean claims(MappingNode root, String file) {
        String apiVersion = root.text("apiVersion");
        if (apiVersion != null) {
            return apiVersion.toLowerCase(Locale.ROOT).startsWith("intramesh");
        }
        String kind = root.text("kind");
        return kind != null && Kind.ofDocumentName(kind) != null && root.mapping("metadata") != null;
    }

    @Override
    public void read(Claimed document, Drafts drafts) {
        Problems problems = document.problems();
        Context context = document.context(problems);
        Fields fields = new Fields(document.root(), Path.ROOT, context);
        checkApiVersion(fields);
        Kind kind = kind(fields);
        Fields metadata = fields.requiredObject("metadata");
        Names names = metadata == null || kind == null ? null : Names.of(kind, metadata);
        Node spec = fields.value("spec");
        Function<ResourceId, Resource> bound =
                kind == null ? null : SpecBinder.bind(kind, spec, fields.path("spec"), fields);
        fields.ignore("$schema"); // By which editors know what they edit.
        fields.end();
        if (kind == null || names == null) {
            drafts.addProblems(problems);
            return;
        }
        drafts.add(new Draft(
                kind,
                names.mesh(),
                names.parent(),
                names.name(),
                true,
                document.file(),
                document.root().mark(),
                "spec",
                problems,
                bound,
                context.places()));
    }

    static void checkApiVersion(Fields fields) {
        String apiVersion = fields.requiredText("apiVersion", 1, Integer.MAX_VALUE);
        if (apiVersion != null && !apiVersion.equals(API_VERSION)) {
            fields.error("apiVersion", Words.quote(apiVersion) + " (expected: " + API_VERSION + ")");
        }
    }

    private static @Nullable Kind kind(Fields fields) {
        String text = fields.requiredText("kind", 1, Integer.MAX_VALUE);
        Kind kind = text == null ? null : Kind.ofDocumentName(text);
        if (text != null && kind == null) {
            String nearest = Words.nearest(text, KINDS_AND_TESTS);
            fields.error(
                    "kind",
                    Words.quote(text) + " (expected: " + Words.anyOf(KINDS) + ")"
                            + (nearest == null ? "" : "; did you mean '" + nearest + "'?"));
        }
        return kind;
    }

    /** Who a resource is, as its metadata says. */
    private record Names(String mesh, @Nullable String parent, String name) {

        /** Returns null, and reports why, where the metadata does not identify the resource. */
        static @Nullable Names of(Kind kind, Fields metadata) {
            String name = kind == Kind.VIRTUAL_SERVICE
                    ? metadata.requiredServiceName("name", 255)
                    : metadata.requiredName("name");
            String mesh = kind == Kind.MESH ? metadata.name("mesh") : metadata.requiredName("mesh");
            if (kind == Kind.MESH && mesh != null && name != null && !mesh.equals(name)) {
                metadata.error(
                        "mesh", Words.quote(mesh) + " (expected: " + Words.quote(name) + ", the mesh's own name)");
            }
            Kind holder = kind.parent();
            String parent = holder == null ? null : metadata.requiredName(holder.term());
            metadata.end();
            String meshFound = kind == Kind.MESH ? name : mesh;
            return name == null || meshFound == null || (holder != null && parent == null)
                    ? null
                    : new Names(meshFound, parent, name);
        }
    }
}
