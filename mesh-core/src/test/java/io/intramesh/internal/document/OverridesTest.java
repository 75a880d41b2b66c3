package io.intramesh.internal.document;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.DocumentReader;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import io.intramesh.model.ClientPolicy;
import io.intramesh.model.IpPreference;
import io.intramesh.model.Kind;
import io.intramesh.model.Listener;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.ServiceDiscovery.Dns.ResponseType;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsTrust;
import io.intramesh.model.VirtualGateway;
import io.intramesh.model.VirtualNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What exists only in AWS: that it is kept, that somebody is asked to decide, and that an Override decides. */
final class OverridesTest {
    private static final String PAYMENTS = """
            { "meshName": "shop", "virtualNodeName": "payments-v1", "spec": {
              "listeners": [ { "portMapping": { "port": 8443, "protocol": "http" },
                "tls": { "mode": "STRICT", "certificate": { "acm": { "certificateArn": "arn:c1" } } } } ],
              "serviceDiscovery": { "awsCloudMap": { "namespaceName": "prod.local", "serviceName": "payments",
                "attributes": [ { "key": "version", "value": "1" } ], "ipPreference": "IPv4_ONLY" } },
              "backends": [
                { "virtualService": { "virtualServiceName": "orders", "clientPolicy": { "tls": { "validation": {
                  "trust": { "acm": { "certificateAuthorityArns": [ "arn:ca2" ] } },
                  "subjectAlternativeNames": { "match": { "exact": [ "orders" ] } } } } } } },
                { "virtualService": { "virtualServiceName": "stock" } } ],
              "backendDefaults": { "clientPolicy": { "tls": { "enforce": false, "ports": [ 8443 ], "validation": {
                "trust": { "acm": { "certificateAuthorityArns": [ "arn:ca1" ] } } } } } } } }
            """;

    private static final String GATEWAY = """
            apiVersion: intramesh.io/v1
            kind: VirtualGateway
            metadata: { mesh: shop, name: front }
            spec:
              listeners:
                - portMapping: { port: 443, protocol: http }
                  tls: { mode: STRICT, certificate: { acm: { certificateArn: arn:c3 } } }
                - portMapping: { port: 444, protocol: http }
                  tls: { mode: STRICT, certificate: { acm: { certificateArn: arn:c4 } } }
            """;

    private static final String FILE = "{ file: { certificateChain: /c.pem, privateKey: /k.pem } }";
    private static final String CA = "{ file: { certificateChain: /ca.pem } }";
    private static final String DNS =
            "{ dns: { hostname: '{name}.{serviceName}.{namespaceName}', responseType: ENDPOINTS } }";

    @Test
    void cloudMapNeedsNoDecisionWhereASourceOfEndpointsAsksIt() {
        DocumentReader reader = DocumentReader.builder()
                .foundBySource(discovery -> discovery instanceof ServiceDiscovery.CloudMap map
                        && map.serviceName().equals("payments"))
                .build();

        ReadResult result = reader.read(List.of(RawDocument.of("payments.json", PAYMENTS)));

        assertThat(payments(result).serviceDiscovery()).isInstanceOf(ServiceDiscovery.CloudMap.class);
        assertThat(decisions(result)).hasSize(2).noneMatch(note -> note.contains("awsCloudMap"));
    }

    @Test
    void whatExistsOnlyInAwsIsKeptAndEachPartAsksForADecisionOnce() {
        ReadResult result = Read.files("payments.json", PAYMENTS);

        assertThat(payments(result).serviceDiscovery()).isInstanceOf(ServiceDiscovery.CloudMap.class);
        assertThat(result.hasErrors()).isFalse();
        assertThat(decisions(result))
                .containsExactly(
                        "payments.json:3:56 spec.listeners[0].tls.certificate.acm: needs a decision: the certificate"
                                + " 'arn:c1' is kept by ACM; take PEM files ('aws acm export-certificate' gives them) or"
                                + " a SPIFFE secret of SDS: certificate.file or certificate.sds in an Override for"
                                + " VirtualNode 'payments-v1'",
                        "payments.json:4:40 spec.serviceDiscovery.awsCloudMap: needs a decision: the instances of"
                                + " 'payments.prod.local' are kept by AWS Cloud Map; put the module"
                                + " mesh-discovery-cloudmap beside the service, which asks there, attributes included; or"
                                + " take that name by DNS (works for DNS"
                                + " namespaces, and does not tell the attributes apart: version): serviceDiscovery.dns in"
                                + " an Override for VirtualNode 'payments-v1'; or write the addresses into an Endpoints"
                                + " document",
                        "payments.json:8:25 spec.backends[0].virtualService.clientPolicy.tls.validation.trust.acm: needs"
                                + " a decision: the authority 'arn:ca2' is kept by AWS Private CA (and at 1 more of its"
                                + " places); take a PEM file with its certificate ('aws acm-pca"
                                + " get-certificate-authority-certificate' gives it) or a bundle of SDS: trust.file or"
                                + " trust.sds in an Override for VirtualNode 'payments-v1'");
    }

    @Test
    void anOverrideReplacesWhatExistsOnlyInAwsAndNothingElse() {
        VirtualNode before = payments(Read.files("payments.json", PAYMENTS));

        ReadResult result = Read.files(
                "override.yaml",
                override(
                        "o",
                        "VirtualNode",
                        "payments-v1",
                        "serviceDiscovery: " + DNS,
                        "certificate: " + FILE,
                        "trust: " + CA),
                "payments.json",
                PAYMENTS);

        VirtualNode node = payments(result);
        assertThat(node.serviceDiscovery())
                .isEqualTo(new ServiceDiscovery.Dns(
                        "payments-v1.payments.prod.local", ResponseType.ENDPOINTS, IpPreference.IPV4_ONLY));
        assertThat(certificate(node.listeners().get(0))).isEqualTo(new TlsCertificate.File("/c.pem", "/k.pem"));
        ClientPolicy.Tls own = tls(node.backends().get(0).clientPolicy());
        assertThat(own.validation().trust()).isEqualTo(new TlsTrust.File("/ca.pem"));
        assertThat(own.validation().subjectAlternativeNames()).containsExactly("orders");
        ClientPolicy.Tls defaults = tls(node.backendDefaults());
        assertThat(defaults.validation().trust()).isEqualTo(new TlsTrust.File("/ca.pem"));
        assertThat(defaults.enforce()).isFalse();
        assertThat(defaults.ports()).containsExactly(8443);
        assertThat(node.backends().get(1)).isEqualTo(before.backends().get(1));
        assertThat(node.listeners().get(0).portMapping())
                .isEqualTo(before.listeners().get(0).portMapping());
        assertThat(decisions(result)).isEmpty();
        assertThat(overrideNotes(result)).isEmpty();
        assertThat(result.origins().get(node.id()))
                .as("the resource is still written where it is written")
                .hasToString("payments.json:1:1");
    }

    @Test
    void aPartThatTheOverrideLeavesStillNeedsADecisionAndTheNoteSaysWhereToAddIt() {
        ReadResult result = Read.files(
                "override.yaml",
                override("o", "VirtualNode", "payments-v1", "certificate: " + FILE, "trust: " + CA),
                "payments.json",
                PAYMENTS);

        assertThat(decisions(result))
                .singleElement()
                .asString()
                .contains("awsCloudMap", "serviceDiscovery.dns in the Override at override.yaml:1:1;");
    }

    @Test
    void certificatesAndTrustMayDifferByPortAndByBackend() {
        ReadResult result = Read.files(
                "a.yaml",
                override(
                        "a",
                        "VirtualGateway",
                        "front",
                        "listeners: [ { port: 444, certificate: { sds: { secretName: spiffe://shop/front } } } ]",
                        "certificate: " + FILE),
                "b.yaml",
                override(
                        "b",
                        "VirtualNode",
                        "payments-v1",
                        "serviceDiscovery: { dns: { hostname: payments.test } }",
                        "listeners: [ { port: 8443, certificate: " + FILE + " } ]",
                        "trust: " + CA,
                        "backends: [ { virtualService: orders, trust: { sds: { secretName: spiffe://shop } } } ]"),
                "front.yaml",
                GATEWAY,
                "payments.json",
                PAYMENTS);

        VirtualGateway gateway = requireNonNull(result.resources().virtualGateway("shop", "front"));
        assertThat(gateway.listeners())
                .extracting(OverridesTest::certificate)
                .containsExactly(
                        new TlsCertificate.File("/c.pem", "/k.pem"), new TlsCertificate.Sds("spiffe://shop/front"));
        VirtualNode node = payments(result);
        assertThat(tls(node.backends().get(0).clientPolicy()).validation().trust())
                .isEqualTo(new TlsTrust.Sds("spiffe://shop"));
        assertThat(tls(node.backendDefaults()).validation().trust()).isEqualTo(new TlsTrust.File("/ca.pem"));
        assertThat(node.serviceDiscovery())
                .isEqualTo(
                        new ServiceDiscovery.Dns("payments.test", ResponseType.LOADBALANCER, IpPreference.IPV4_ONLY));
        assertThat(decisions(result)).isEmpty();
        assertThat(overrideNotes(result)).isEmpty();
    }

    @Test
    void anOverrideForEveryNodeStandsBackBehindOneForTheNodeItself() {
        String other = PAYMENTS.replace("payments-v1", "payments-v2");

        ReadResult result = Read.files(
                "all.yaml",
                override("all", "VirtualNode", "'*'", "serviceDiscovery: " + DNS, "certificate: " + FILE),
                "one.yaml",
                override("one", "VirtualNode", "payments-v2", "serviceDiscovery: { dns: { hostname: v2.test } }"),
                "v1.json",
                PAYMENTS,
                "v2.json",
                other);

        assertThat(hostname(payments(result))).isEqualTo("payments-v1.payments.prod.local");
        VirtualNode v2 = requireNonNull(result.resources().virtualNode("shop", "payments-v2"));
        assertThat(hostname(v2)).isEqualTo("v2.test");
        assertThat(certificate(v2.listeners().get(0)))
                .as("an Override of its own is the only one that counts")
                .isEqualTo(new TlsCertificate.Acm("arn:c1"));
    }

    @Test
    void anOverrideIsOfItsMesh() {
        ReadResult result = Read.files(
                "o.yaml",
                override("o", "VirtualNode", "'*'", "trust: " + CA).replace("mesh: shop", "mesh: other"),
                "payments.json",
                PAYMENTS);

        assertThat(decisions(result)).hasSize(3);
        assertThat(overrideNotes(result))
                .containsExactly(
                        "o.yaml:5:14 spec.targetRef: no VirtualNode without an Override of its own is here; it may"
                                + " live elsewhere, else remove this");
    }

    @Test
    void anOverrideThatIsForNobodyOrReplacesNothingIsNoted() {
        ReadResult result = Read.files(
                "a.yaml",
                override("a", "VirtualNode", "nobody", "trust: " + CA),
                "b.yaml",
                override(
                        "b",
                        "VirtualGateway",
                        "front",
                        "certificate: " + FILE,
                        "listeners: [ { port: 9, certificate: " + FILE + " } ]",
                        "trust: " + CA),
                "front.yaml",
                GATEWAY);

        assertThat(result.hasErrors()).isFalse();
        assertThat(overrideNotes(result))
                .containsExactly(
                        "a.yaml:5:14 spec.targetRef: virtualNode 'nobody' is not here; it may live elsewhere, else check"
                                + " the name",
                        "b.yaml:7:14 spec.listeners: replaces nothing, since virtualGateway 'front' has no certificate of"
                                + " ACM on a listener of such a port; remove it",
                        "b.yaml:8:10 spec.trust: replaces nothing, since virtualGateway 'front' has no authorities of ACM"
                                + " in a client policy; remove it");
    }

    @Test
    void aTargetThatIsWrittenDownAndRefusedIsNotMissing() {
        ReadResult result = Read.files(
                "a.yaml",
                override("a", "VirtualNode", "payments-v1", "trust: " + CA),
                "payments.json",
                PAYMENTS.replace("8443, \"protocol", "0, \"protocol"));

        assertThat(Read.errors(result)).hasSize(1);
        assertThat(overrideNotes(result)).isEmpty();
    }

    @Test
    void theSecondOverrideForOneResourceIsRefused() {
        ReadResult result = Read.files(
                "a.yaml",
                override("a", "VirtualNode", "payments-v1", "serviceDiscovery: { dns: { hostname: a.test } }"),
                "b.yaml",
                override("b", "VirtualNode", "payments-v1", "trust: " + CA),
                "payments.json",
                PAYMENTS);

        assertThat(Read.errors(result))
                .containsExactly("b.yaml:5:14 spec.targetRef: virtualNode 'payments-v1' has an Override already, at"
                        + " a.yaml:1:1; put both into one");
        assertThat(result.refused()).containsExactly(ResourceId.of(Kind.OVERRIDE, "shop", "b"));
        assertThat(hostname(payments(result))).isEqualTo("a.test");
        assertThat(decisions(result)).hasSize(2);
    }

    @Test
    void certificatesOfPlaintextAndNodesWithWrittenAddressesNeedNoDecision() {
        String endpoints = """
                apiVersion: intramesh.io/v1
                kind: Endpoints
                metadata: { mesh: shop, name: e }
                spec: { virtualNode: payments-v1, endpoints: [ { address: 10.0.0.1 } ] }
                """;

        ReadResult result = Read.files("e.yaml", endpoints, "payments.json", PAYMENTS.replace("STRICT", "DISABLED"));

        assertThat(decisions(result)).singleElement().asString().contains("arn:ca2");
    }

    @Test
    void editingOnlyTheOverrideChangesTheResource() {
        DocumentSet reader = Read.reader();
        String first = override("o", "VirtualNode", "payments-v1", "serviceDiscovery: { dns: { hostname: one.test } }");

        ReadResult before = Read.files(reader, "o.yaml", first, "payments.json", PAYMENTS);
        ReadResult after = Read.files(reader, "o.yaml", first.replace("one", "two"), "payments.json", PAYMENTS);
        ReadResult without = Read.files(reader, "payments.json", PAYMENTS);

        assertThat(hostname(payments(before))).isEqualTo("one.test");
        assertThat(hostname(payments(after))).isEqualTo("two.test");
        assertThat(payments(without).serviceDiscovery()).isInstanceOf(ServiceDiscovery.CloudMap.class);
        assertThat(reader.filesParsed()).as("the node was parsed once").isEqualTo(3);
    }

    @Test
    void anOverrideThatIsBrokenLaterStaysInForceInItsLastGoodForm() {
        DocumentSet reader = Read.reader();
        String good = override("o", "VirtualNode", "payments-v1", "serviceDiscovery: { dns: { hostname: one.test } }");

        ReadResult first = Read.files(reader, "o.yaml", good, "payments.json", PAYMENTS);
        ReadResult wrong = Read.files(reader, "o.yaml", good.replace("hostname", "host"), "payments.json", PAYMENTS);
        ReadResult unreadable = Read.files(reader, "o.yaml", "kind: [", "payments.json", PAYMENTS);
        ReadResult mended = Read.files(reader, "o.yaml", good.replace("one", "two"), "payments.json", PAYMENTS);

        assertThat(hostname(payments(first))).isEqualTo("one.test");
        assertThat(wrong.refused()).containsExactly(ResourceId.of(Kind.OVERRIDE, "shop", "o"));
        assertThat(hostname(payments(wrong))).isEqualTo("one.test");
        assertThat(unreadable.unreadable()).containsExactly("o.yaml");
        assertThat(hostname(payments(unreadable))).isEqualTo("one.test");
        assertThat(hostname(payments(mended))).isEqualTo("two.test");
    }

    @Test
    void anOverrideIsCheckedLikeEveryDocument() {
        assertThat(refusals("VirtualNode", "{}"))
                .containsExactly(
                        "spec: none of serviceDiscovery, certificate, listeners, trust and backends stands here"
                                + " (expected: at least one); add it, or remove this document");
        assertThat(refusals("Route", "{ trust: " + CA + " }"))
                .containsExactly("spec.targetRef.kind: 'Route' (expected: VirtualNode or VirtualGateway)");
        assertThat(refusals("VirtualGateway", "{ serviceDiscovery: { dns: { hostname: h } } }"))
                .containsExactly("spec.serviceDiscovery: of a virtual gateway, which has none (expected: only of a"
                        + " VirtualNode); remove it");
        assertThat(refusals("VirtualNode", "{ serviceDiscovery: { dns: { hostname: '{service}.x' } } }"))
                .containsExactly("spec.serviceDiscovery.dns.hostname: '{service}.x' (expected: in braces only"
                        + " {serviceName}, {namespaceName}, {name})");
        assertThat(refusals("VirtualNode", "{ serviceDiscovery: { awsCloudMap: {} } }"))
                .containsExactly(
                        "spec.serviceDiscovery.dns: missing (expected: a mapping); add it",
                        "spec.serviceDiscovery.awsCloudMap: unknown member 'awsCloudMap' (expected: dns); remove it");
        assertThat(refusals("VirtualNode", "{ certificate: { acm: { certificateArn: a } } }"))
                .first()
                .asString()
                .startsWith("spec.certificate.acm: unknown member 'acm'");
        assertThat(refusals(
                        "VirtualNode",
                        "{ listeners: [ { port: 1, certificate: " + FILE + " }, { port: 1, certificate: " + FILE
                                + " } ] }"))
                .containsExactly("spec.listeners[1].port: 1 stands here twice; remove one");
        assertThat(refusals(
                        "VirtualNode",
                        "{ backends: [ { virtualService: s, trust: " + CA + " }, { virtualService: s, trust: " + CA
                                + " } ] }"))
                .containsExactly("spec.backends[1].virtualService: the backend 's' stands here twice; remove one");
        assertThat(refusals("VirtualNode", "{ listeners: [] }"))
                .containsExactly("spec.listeners: 0 entries (expected: at least 1)");
    }

    private static List<String> refusals(String kind, String spec) {
        String members = spec.substring(1, spec.length() - 1).strip();
        String document =
                "apiVersion: intramesh.io/v1\nkind: Override\nmetadata: { mesh: m, name: n }\nspec: { targetRef: {"
                        + " kind: " + kind + ", name: x }" + (members.isEmpty() ? "" : ", " + members) + " }\n";
        ReadResult result = Read.files("o.yaml", document);
        assertThat(result.resources().size()).isZero();
        return Read.errors(result).stream()
                .map(error -> error.substring(error.indexOf(' ') + 1))
                .toList();
    }

    private static String override(String name, String kind, String target, String... lines) {
        return "apiVersion: intramesh.io/v1\nkind: Override\nmetadata: { mesh: shop, name: " + name + " }\nspec:\n"
                + "  targetRef: { kind: " + kind + ", name: " + target + " }\n  " + String.join("\n  ", lines) + "\n";
    }

    private static VirtualNode payments(ReadResult result) {
        return requireNonNull(result.resources().virtualNode("shop", "payments-v1"), () -> "" + result.problems());
    }

    private static String hostname(VirtualNode node) {
        return ((ServiceDiscovery.Dns) requireNonNull(node.serviceDiscovery())).hostname();
    }

    private static TlsCertificate certificate(Listener listener) {
        return requireNonNull(listener.tls()).certificate();
    }

    private static ClientPolicy.Tls tls(@Nullable ClientPolicy policy) {
        return requireNonNull(requireNonNull(policy).tls());
    }

    private static List<String> decisions(ReadResult result) {
        return Read.notes(result).stream()
                .filter(note -> note.contains("needs a decision"))
                .toList();
    }

    private static List<String> overrideNotes(ReadResult result) {
        return Read.notes(result).stream()
                .filter(note -> note.contains("spec.targetRef") || note.contains("replaces nothing"))
                .toList();
    }
}
