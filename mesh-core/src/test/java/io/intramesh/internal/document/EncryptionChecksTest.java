package io.intramesh.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.ReadResult;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Backends whose calls would be refused are told where the configuration is read. */
final class EncryptionChecksTest {
    private static final String PLAINTEXT = "";
    private static final String CERTIFICATE = "certificate: { file: { certificateChain: /c, privateKey: /k } }";
    private static final String VALIDATION = "validation: { trust: { file: { certificateChain: /t } } }";
    private static final String STRICT = ", tls: { mode: STRICT, " + CERTIFICATE + " }";
    private static final String STRICT_MUTUAL = ", tls: { mode: STRICT, " + CERTIFICATE + ", " + VALIDATION + " }";
    private static final String PERMISSIVE_MUTUAL =
            ", tls: { mode: PERMISSIVE, " + CERTIFICATE + ", " + VALIDATION + " }";
    private static final String DISABLED = ", tls: { mode: DISABLED, " + CERTIFICATE + " }";

    private static final String NO_POLICY = "";
    private static final String POLICY = policy(VALIDATION);
    private static final String MUTUAL = policy(CERTIFICATE + ", " + VALIDATION);
    private static final String NOT_ENFORCED = policy("enforce: false, " + VALIDATION);
    private static final String ELSEWHERE = policy("ports: [9], " + VALIDATION);

    private static String policy(String members) {
        return "backendDefaults: { clientPolicy: { tls: { " + members + " } } }";
    }

    /** Returns the notes about caller {@code a}, whose second backend is the listener's node, reached by that provider. */
    private static List<String> notes(String policy, String provider, String... listeners) {
        StringBuilder text = new StringBuilder("""
                { apiVersion: intramesh.io/v1, kind: VirtualNode, metadata: { mesh: m, name: a }, spec: {
                  backends: [{ virtualService: { virtualServiceName: elsewhere } }, { virtualService: { virtualServiceName: s } }],
                  %s } }
                ---
                { apiVersion: intramesh.io/v1, kind: VirtualService, metadata: { mesh: m, name: s }, spec: { provider: %s } }
                ---
                { apiVersion: intramesh.io/v1, kind: VirtualRouter, metadata: { mesh: m, name: r }, spec: {} }
                ---
                { apiVersion: intramesh.io/v1, kind: Route, metadata: { mesh: m, virtualRouter: r, name: x }, spec: {
                  httpRoute: { match: { prefix: / }, action: { weightedTargets: [
                    { virtualNode: gone, weight: 1 }, { virtualNode: b, weight: 1, port: 1 }] } } } }
                ---
                { apiVersion: intramesh.io/v1, kind: VirtualNode, metadata: { mesh: m, name: b }, spec: {
                  serviceDiscovery: { dns: { hostname: h } }, listeners: [
                """.formatted(policy, provider));
        for (int i = 0; i < listeners.length; i++) {
            text.append("    { portMapping: { port: ")
                    .append(i + 1)
                    .append(", protocol: http }")
                    .append(listeners[i])
                    .append(" },\n");
        }
        ReadResult result = Read.files("a.yaml", text.append("] } }\n").toString());
        assertThat(Read.errors(result)).isEmpty();
        return Read.notes(result).stream()
                .filter(note -> note.contains("refused"))
                .toList();
    }

    private static List<String> notes(String policy, String listener) {
        List<String> direct = notes(policy, "{ virtualNode: { virtualNodeName: b } }", listener);
        List<String> routed = notes(policy, "{ virtualRouter: { virtualRouterName: r } }", listener);
        assertThat(routed).isEqualTo(direct);
        return direct;
    }

    @Test
    void aStrictListenerAndNoClientPolicy() {
        assertThat(notes(NO_POLICY, STRICT))
                .containsExactly("a.yaml:2:87 spec.backends[1].virtualService: calls to it are"
                        + " refused: virtualNode 'b' on port 1 takes TLS only, and no client policy says whom to trust;"
                        + " add tls.validation.trust to backendDefaults.clientPolicy, or to this backend's");
    }

    @Test
    void tlsEnforcedTowardsPlaintext() {
        String end =
                "virtualNode 'b' on port 1 takes plaintext only, and the client policy enforces TLS; give that listener"
                        + " tls, or set enforce: false";

        assertThat(notes(POLICY, PLAINTEXT)).singleElement().asString().endsWith(end);
        assertThat(notes(POLICY, DISABLED)).singleElement().asString().endsWith(end);
    }

    @Test
    void aClientCertificateThatIsAskedForAndNotThere() {
        String end = "virtualNode 'b' on port 1 asks for a client certificate, and the client policy has none;"
                + " add tls.certificate to it";

        assertThat(notes(POLICY, STRICT_MUTUAL)).singleElement().asString().endsWith(end);
        assertThat(notes(NOT_ENFORCED, STRICT_MUTUAL))
                .singleElement()
                .asString()
                .endsWith(end);
        assertThat(notes(POLICY, PERMISSIVE_MUTUAL)).singleElement().asString().endsWith(end);
    }

    @Test
    void whatMeetsIsNotMentioned() {
        assertThat(notes(NO_POLICY, PLAINTEXT)).isEmpty();
        assertThat(notes(NO_POLICY, PERMISSIVE_MUTUAL)).isEmpty();
        assertThat(notes(POLICY, STRICT)).isEmpty();
        assertThat(notes(MUTUAL, STRICT_MUTUAL)).isEmpty();
        assertThat(notes(NOT_ENFORCED, PLAINTEXT)).isEmpty();
        assertThat(notes(NOT_ENFORCED, PERMISSIVE_MUTUAL)).isEmpty();
        assertThat(notes(ELSEWHERE, PLAINTEXT)).isEmpty();
    }

    @Test
    void aNodeWithOneListenerThatCanBeCalledIsNotMentioned() {
        String provider = "{ virtualRouter: { virtualRouterName: r } }";

        assertThat(notes(NO_POLICY, provider, STRICT, PLAINTEXT)).isEmpty();
        assertThat(notes(NO_POLICY, provider, STRICT, STRICT)).hasSize(1);
    }
}
