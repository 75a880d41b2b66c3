package io.intramesh.spring;

import io.intramesh.document.RawDocument;
import io.intramesh.testing.FakeRegistry;

/** The smallest mesh: one virtual node, {@code orders} of mesh {@code shop}. */
final class TestRegistry {
    static final String DOCUMENTS = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: shop }
            spec: {}
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: orders }
            spec: {}
            """;

    private TestRegistry() {}

    static FakeRegistry create() {
        return FakeRegistry.of(RawDocument.of("shop.yaml", DOCUMENTS));
    }
}
