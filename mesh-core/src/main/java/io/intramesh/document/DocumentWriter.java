package io.intramesh.document;

import static java.util.Objects.requireNonNull;

import io.intramesh.internal.document.write.Documents;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes resources as documents. What a {@link DocumentReader} read, and this wrote, reads back as equal resources, the routes
 * of each router and gateway in their order. Immutable; safe for use by several threads where the function of
 * {@link Builder#comments} is.
 *
 * <pre>{@code
 * DocumentWriter writer = DocumentWriter.builder(DocumentForm.NATIVE).build();
 * System.out.print(writer.text(result.resources()));
 * }</pre>
 */
public final class DocumentWriter {
    private final Documents documents;

    private DocumentWriter(Builder settings) {
        this.documents = new Documents(settings.form, settings.schema, settings.comments);
    }

    /** Returns a builder for that form: without schema, without comments. */
    public static Builder builder(DocumentForm form) {
        return new Builder(form);
    }

    /**
     * Returns everything as one text: a stream of YAML documents, or of JSON objects. Native and JSON keep the order of the set;
     * Kubernetes begins each mesh with its namespace and itself, and has routes in their router.
     *
     * @throws IllegalArgumentException where a resource holds what no document can say, such as a duration in microseconds; the
     *     reader gives none such
     */
    public String text(ResourceSet resources) {
        return text(resources, List.of());
    }

    /**
     * Returns everything as {@link #text(ResourceSet)} does, and what is expected of the mesh after it.
     *
     * @param tests written as native documents (among JSON as JSON); their {@linkplain MeshTestDocument#problems() problems}
     *     are not
     */
    public String text(ResourceSet resources, List<MeshTestDocument> tests) {
        return documents.text(requireNonNull(resources, "resources"), List.copyOf(tests));
    }

    /**
     * Returns everything as files: {@code mesh}, {@code nodes/NAME}, {@code services/NAME}, {@code routers/NAME} and
     * {@code gateways/NAME} with their routes (in JSON a numbered file for each route below that folder), {@code policies},
     * {@code overrides} and {@code endpoints}. Several meshes have a folder each. Names stay below the folder that they are resolved against,
     * whatever the resources are called; no two differ in case alone.
     *
     * @throws IllegalArgumentException as {@link #text(ResourceSet)}
     */
    public List<RawDocument> files(ResourceSet resources) {
        return files(resources, List.of());
    }

    /**
     * Returns everything as {@link #files(ResourceSet)} does, and what is expected of the mesh in {@code tests}, in files that
     * are called as they were.
     *
     * @param tests written as native documents; their {@linkplain MeshTestDocument#problems() problems} are not
     */
    public List<RawDocument> files(ResourceSet resources, List<MeshTestDocument> tests) {
        return documents.files(requireNonNull(resources, "resources"), List.copyOf(tests));
    }

    /** Builds a {@link DocumentWriter}. Not thread-safe. */
    public static final class Builder {
        private final DocumentForm form;
        private @Nullable String schema;
        private Function<ResourceId, List<String>> comments = id -> List.of();

        private Builder(DocumentForm form) {
            this.form = requireNonNull(form, "form");
        }

        /**
         * Names the JSON Schema of native documents, which editors then use; default none.
         *
         * @param value an address, or the name of a file at the top of what is written
         */
        public Builder schema(@Nullable String value) {
            schema = value;
            return this;
        }

        /** Sets what stands above a resource, where the form has comments; long lines are wrapped. Default nothing. */
        public Builder comments(Function<ResourceId, List<String>> value) {
            comments = requireNonNull(value, "comments");
            return this;
        }

        public DocumentWriter build() {
            return new DocumentWriter(this);
        }
    }
}
