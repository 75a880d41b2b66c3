package io.intramesh.internal.document.write;

import io.intramesh.document.DocumentForm;
import io.intramesh.document.MeshTestDocument;
import io.intramesh.document.RawDocument;
import io.intramesh.internal.document.write.Form.Syntax;
import io.intramesh.internal.document.write.Form.Written;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
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

    /** Returns all documents as one text, the tests last. */
    public String text(ResourceSet resources, List<MeshTestDocument> tests) {
        StringBuilder text = new StringBuilder();
        for (Written document : form.documents(resources)) {
            // JSON values follow one another as they are; a stream of them cannot hold YAML, but YAML's JSON.
            boolean json = form instanceof JsonForm;
            text.append(text.length() == 0 || json ? "" : SEPARATOR)
                    .append(json ? JsonText.of(document.content()) : yaml(document, ""));
        }
        for (MeshTestDocument test : tests) {
            boolean json = form instanceof JsonForm;
            text.append(text.length() == 0 || json ? "" : SEPARATOR)
                    .append(json ? JsonText.of(TestTree.of(test)) : test(test, ""));
        }
        return text.toString();
    }

    /** Returns the documents as files, each in the folder of its kind. */
    public List<RawDocument> files(ResourceSet resources, List<MeshTestDocument> tests) {
        Layout layout = new Layout(form.documents(resources));
        List<RawDocument> files = new ArrayList<>(layout.files((documents, toTop) -> {
            StringBuilder text = new StringBuilder();
            for (Written document : documents) {
                boolean json = document.syntax() == Syntax.JSON;
                text.append(text.length() == 0 ? "" : SEPARATOR)
                        .append(json ? JsonText.of(document.content()) : yaml(document, toTop));
            }
            return text.toString();
        }));
        layout.testFiles(tests)
                .forEach((name, inFile) -> files.add(RawDocument.of(
                        name, inFile.stream().map(test -> test(test, "../")).collect(Collectors.joining(SEPARATOR)))));
        return List.copyOf(files);
    }

    /**
     * @param toTop from the file's folder, such as {@code ../}
     */
    private String yaml(Written document, String toTop) {
        String text = YamlText.of(document.content());
        return document.syntax() == Syntax.NATIVE_YAML ? withSchema(text, toTop) : text;
    }

    private String test(MeshTestDocument test, String toTop) {
        return withSchema(YamlText.of(TestTree.of(test)), toTop);
    }

    private String withSchema(String text, String toTop) {
        if (schema == null) {
            return text;
        }
        // Before each document, not only the first: editors look for it in the document that they check.
        String address = schema.contains("://") || schema.startsWith("/") ? schema : toTop + schema;
        return "# yaml-language-server: $schema=" + address + "\n" + text;
    }
}
