package io.intramesh.internal.document;

import io.intramesh.model.Kind;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A resource of a template, of whatever type.
 *
 * @param mark of its logical id
 * @param type null where none is written
 * @param value as written under the logical id
 */
record TemplateResource(String id, Mark mark, @Nullable String type, Node value) {
    private static final String MESH_TYPES = "AWS::AppMesh::";

    static TemplateResource of(MappingNode.Entry entry) {
        String type = entry.value() instanceof MappingNode body ? body.text("Type") : null;
        return new TemplateResource(entry.key(), entry.keyMark(), type, entry.value());
    }

    /** Returns what stands under the logical id; the empty mapping where that is none. */
    MappingNode body() {
        return value instanceof MappingNode body ? body : MappingNode.empty(mark);
    }

    /** Tells whether the type is App Mesh's, right or misspelled. */
    boolean isOfMesh() {
        return type != null && type.toLowerCase(Locale.ROOT).contains("appmesh");
    }

    /** Returns the kind that the type names, or null. */
    @Nullable
    Kind kind() {
        Kind kind = type == null || !type.startsWith(MESH_TYPES)
                ? null
                : Kind.ofDocumentName(type.substring(MESH_TYPES.length()));
        return kind != null && kind.isAppMesh() ? kind : null;
    }

    /** Returns how templates write a kind. */
    static String typeOf(Kind kind) {
        return MESH_TYPES + kind.documentName();
    }
}
