package io.intramesh.document;

/** Ways to write resources down. Kinds that only Intramesh has are native documents in each of them. */
public enum DocumentForm {
    /** Our own documents, {@code intramesh.io/v1}, as YAML. */
    NATIVE,
    /** The input of App Mesh's {@code create-*} calls: one JSON object for each resource. */
    JSON,
    /** Manifests of the App Mesh controller for Kubernetes, {@code appmesh.k8s.aws/v1beta2}. */
    KUBERNETES
}
