package io.intramesh.internal.document;

import org.jspecify.annotations.Nullable;

/** Recognises mesh resources in dialects that are not read yet, so that nobody believes they were. */
final class LaterDialects {
    private LaterDialects() {}

    /** Returns what a document is, for a note; null where it holds no mesh resources. */
    static @Nullable String describe(MappingNode root, String file) {
        String apiVersion = root.text("apiVersion");
        String kind = root.text("kind");
        if (apiVersion != null && kind != null) {
            return apiVersion.startsWith("appmesh.k8s.aws/")
                    ? "Kubernetes manifest " + Words.shorten(apiVersion) + " " + Words.shorten(kind)
                    : null;
        }
        if (root.has("AWSTemplateFormatVersion") || root.has("Resources")) {
            return hasMeshTypes(root.mapping("Resources")) ? "CloudFormation template" : null;
        }
        if (file.endsWith(".tf.json") || root.has("terraform_version")) {
            return "Terraform file";
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
