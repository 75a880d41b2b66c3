package io.intramesh.internal.document;

import org.jspecify.annotations.Nullable;

/** Recognises mesh resources in dialects that are not read yet, so that nobody believes they were. */
final class LaterDialects {
    private LaterDialects() {}

    /** Returns what a document is, for a note; null where it holds no mesh resources. */
    static @Nullable String describe(MappingNode root, String file) {
        if (root.text("apiVersion") != null && root.text("kind") != null) {
            return null; // A Kubernetes object of no interest.
        }
        if (root.has("AWSTemplateFormatVersion") || root.has("Resources")) {
            return hasMeshTypes(root.mapping("Resources")) ? "CloudFormation template" : null;
        }
        return null;
    }

    private static boolean hasMeshTypes(@Nullable MappingNode resources) {
        return resources != null
                && resources.entries().stream()
                        .anyMatch(entry -> entry.value() instanceof MappingNode resource
                                && String.valueOf(resource.text("Type")).startsWith("AWS::AppMesh::"));
    }
}
