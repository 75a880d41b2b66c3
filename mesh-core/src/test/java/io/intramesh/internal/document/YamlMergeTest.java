package io.intramesh.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.ReadResult;
import io.intramesh.model.Kind;
import io.intramesh.model.ResourceId;
import org.junit.jupiter.api.Test;

/** Merge keys, which kubectl and Helm take, and so manifests have. */
final class YamlMergeTest {
    private static final String NODES = """
            kind: List
            apiVersion: v1
            items:
              - apiVersion: appmesh.k8s.aws/v1beta2
                kind: VirtualNode
                metadata: { name: a, namespace: n }
                spec: &common
                  meshRef: { name: m, uid: u }
                  awsName: a
                  listeners: [{ portMapping: { port: 8080, protocol: http } }]
                  serviceDiscovery: { dns: { hostname: a.internal } }
              - apiVersion: appmesh.k8s.aws/v1beta2
                kind: VirtualNode
                metadata: { name: b, namespace: n }
                spec:
                  <<: %s
                  awsName: b
                  serviceDiscovery: { dns: { hostname: b.internal } }
            """;

    private static final String WRITTEN_OUT = """
            meshName: m
            virtualNodeName: b
            spec:
              listeners: [{ portMapping: { port: 8080, protocol: http } }]
              serviceDiscovery: { dns: { hostname: b.internal } }
            """;

    private static final ResourceId B = ResourceId.of(Kind.VIRTUAL_NODE, "m", "b");

    @Test
    void theMembersOfAnAliasStandWhereItIsMergedUnlessTheyStandThereAlready() {
        ReadResult merged = Read.files("a.yaml", NODES.formatted("*common"));
        ReadResult writtenOut = Read.files("a.yaml", WRITTEN_OUT);

        assertThat(Read.errors(merged)).isEmpty();
        assertThat(merged.resources().get(B))
                .isNotNull()
                .isEqualTo(writtenOut.resources().get(B));
    }

    @Test
    void ofSeveralMergedMappingsTheFirstOneCounts() {
        ReadResult merged =
                Read.files("a.yaml", NODES.formatted("[{ awsName: c }, *common, { logging: 7 }, { listeners: [] }]"));

        assertThat(Read.errors(merged)).singleElement().asString().startsWith("a.yaml:16:48 ");
        assertThat(Read.errors(merged).get(0)).contains("spec.logging: ");
    }

    @Test
    void whatIsNoMappingCannotBeMerged() {
        ReadResult merged = Read.files("a.yaml", NODES.formatted("[*common, 7]"));

        assertThat(Read.errors(merged))
                .singleElement()
                .asString()
                .startsWith("a.yaml:16:21 ")
                .endsWith(" (expected: the alias of a mapping, or a list of these); write the members out");
        assertThat(merged.resources().get(B)).isNull();
    }

    @Test
    void aMergeKeyInQuotesIsAMemberLikeAnyOther() {
        ReadResult result = Read.files("a.yaml", NODES.formatted("*common").replace("<<:", "\"<<\":"));

        assertThat(Read.errors(result)).anyMatch(error -> error.contains("spec.<<: unknown member '<<'"));
    }
}
