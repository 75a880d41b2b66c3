package io.intramesh.document;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A document of the kind MeshTest: what is expected of a mesh. It is no resource, and stands beside the resources without
 * harm. What an expectation says is read by {@code mesh-testing}.
 *
 * @param mesh mesh that it speaks of; null where the document names none
 * @param name null where the document names none, which is a problem
 * @param expectations each a sentence or a mapping
 * @param problems of the document around its expectations; each an error
 */
public record MeshTestDocument(
        Origin origin,
        @Nullable String mesh,
        @Nullable String name,
        List<DocumentValue> expectations,
        List<Problem> problems) {
    public MeshTestDocument {
        requireNonNull(origin, "origin");
        expectations = List.copyOf(expectations);
        problems = List.copyOf(problems);
    }
}
