package io.intramesh.internal.document.write;

import io.intramesh.document.DocumentForm;
import io.intramesh.document.RawDocument;
import io.intramesh.internal.document.write.Form.Syntax;
import io.intramesh.internal.document.write.Form.Written;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes sets of resources in one form. Immutable; safe for use by several threads where the comments are. */
public final class Documents {
    private static final String SEPARATOR = "---\n";

    private final Form form;
    private final @Nullable String schema;

    /**
     * @param schema of native documents: an address, or the name of a file at the top of what is written; null for none
     * @param comments to stand with a resource
     */
    public Documents(DocumentForm form, @Nullable String schema, Function<ResourceId, List<String>> comments) {
        NativeForm nativeForm = new NativeForm(comments);
        this.form = switch (form) {
            case NATIVE -> nativeForm;
            case JSON -> new JsonForm(nativeForm);
            case KUBERNETES -> new KubernetesForm(nativeForm, comments);
        };
        this.schema = schema;
    }

    /** Returns all documents as one text. */
    public String text(ResourceSet resources) {
        StringBuilder text = new StringBuilder();
        for (Written document : form.documents(resources)) {
            // JSON values follow one another as they are; a stream of them cannot hold YAML, but YAML's JSON.
            boolean json = form instanceof JsonForm;
            text.append(text.length() == 0 || json ? "" : SEPARATOR)
                    .append(json ? JsonText.of(document.content()) : yaml(document, ""));
        }
        return text.toString();
    }

    /** Returns the documents as files, each in the folder of its kind. */
    public List<RawDocument> files(ResourceSet resources) {
        return new Layout(form.documents(resources)).files((documents, toTop) -> {
            StringBuilder text = new StringBuilder();
            for (Written document : documents) {
                boolean json = document.syntax() == Syntax.JSON;
                text.append(text.length() == 0 ? "" : SEPARATOR)
                        .append(json ? JsonText.of(document.content()) : yaml(document, toTop));
            }
            return text.toString();
        });
    }

    /**
     * @param toTop from the file's folder, such as {@code ../}
     */
    private String yaml(Written document, String toTop) {
        String text = YamlText.of(document.content());
        if (schema == null || document.syntax() != Syntax.NATIVE_YAML) {
            return text;
        }
        // Before each document, not only the first: editors look for it in the document that they check.
        String address = schema.contains("://") || schema.startsWith("/") ? schema : toTop + schema;
        return "# yaml-language-server: $schema=" + address + "\n" + text;
    }
}
