package io.intramesh.internal.document;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.ReadResult;
import io.intramesh.internal.route.RegexSyntax;
import io.intramesh.model.Kind;
import io.intramesh.model.Listener;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.VirtualNode;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PlaceholdersTest {
    private static final DocumentSet READER = new DocumentSet(
            Map.of(
                    "PORT",
                    "8080",
                    "host.name",
                    "h",
                    "ENABLED",
                    "true",
                    "KEY",
                    "hostname",
                    "BOTH",
                    "values",
                    "a.b",
                    "81"),
            Map.of("ENV", "e", "BOTH", "environment", "EMPTY", ""),
            RegexSyntax::problem,
            false);

    private static ReadResult node(String port, String hostname) {
        return Read.files(
                READER,
                "a.yaml",
                "apiVersion: intramesh.io/v1\nkind: VirtualNode\nmetadata: { mesh: m, name: n }\nspec:\n"
                        + "  listeners:\n    - portMapping:\n        port: " + port + "\n        protocol: http\n"
                        + "  serviceDiscovery:\n    dns:\n      ${KEY}: " + hostname + "\n");
    }

    private static VirtualNode read(String port, String hostname) {
        ReadResult result = node(port, hostname);
        assertThat(Read.errors(result)).isEmpty();
        return result.resources().all(VirtualNode.class).get(0);
    }

    private static String hostname(String written) {
        return ((ServiceDiscovery.Dns) requireNonNull(read("1", written).serviceDiscovery())).hostname();
    }

    @Test
    void fillNumbersPlainQuotedAndFromTemplates() {
        for (String port : new String[] {"${PORT}", "\"${PORT}\"", "${NONE:-8080}", "8${NONE:-080}"}) {
            assertThat(read(port, "h").listeners())
                    .extracting(Listener::port)
                    .as(port)
                    .containsExactly(8080);
        }
        assertThat(read("{{ .Values.a.b }}", "h").listeners())
                .extracting(Listener::port)
                .containsExactly(81);
        assertThat(read("'{{.Values.a.b}}'", "h").listeners())
                .extracting(Listener::port)
                .containsExactly(81);
    }

    @Test
    void aNumberThatFillsTextIsText() {
        assertThat(hostname("${PORT}")).isEqualTo("8080");
        assertThat(hostname("a-${PORT}-${ENV}")).isEqualTo("a-8080-e");
    }

    @Test
    void valuesComeBeforeTheEnvironmentAndDefaultsLast() {
        assertThat(hostname("${BOTH:-default}")).isEqualTo("values");
        assertThat(hostname("${ENV:-default}")).isEqualTo("e");
        assertThat(hostname("${EMPTY:-default}")).isEqualTo("default");
        assertThat(hostname("${host.name}")).isEqualTo("h");
    }

    @Test
    void dollarsThatAreNoPlaceholdersStay() {
        assertThat(hostname("a$b$$c")).isEqualTo("a$b$$c");
        assertThat(hostname("a$$(b)")).isEqualTo("a$$(b)");
        assertThat(hostname("${}")).isEqualTo("${}");
        assertThat(hostname("${AWS::Region}")).isEqualTo("${AWS::Region}");
    }

    @Test
    void whatLooksLikeAPlaceholderCanBeMeantLiterally() {
        assertThat(hostname("$${PORT}")).isEqualTo("${PORT}");
        assertThat(hostname("$$${PORT}")).isEqualTo("$${PORT}");
        assertThat(hostname("a-$${PORT}-${PORT}")).isEqualTo("a-${PORT}-8080");
        assertThat(hostname("'{{ \"{{\" }} .Values.a.b }}'")).isEqualTo("{{ .Values.a.b }}");
        assertThat(hostname("'{{\"{{\"}}{{.Values.a.b}}'")).isEqualTo("{{81");
    }

    @Test
    void aValueCannotBringStructure() {
        DocumentSet reader = new DocumentSet(Map.of("X", "{ a: b }"), Map.of(), RegexSyntax::problem, false);

        ReadResult result = Read.files(
                reader,
                "a.yaml",
                "apiVersion: intramesh.io/v1\nkind: VirtualService\nmetadata: { mesh: m, name: n }\nspec: { provider: \"${X}\" }");

        assertThat(Read.errors(result))
                .containsExactly("a.yaml:4:19 spec.provider: the text '{ a: b }' (expected: a mapping)");
    }

    @Test
    void whatNothingFillsIsAnErrorAtItsPlace() {
        assertThat(Read.errors(node("${NONE}", "h")))
                .containsExactly(
                        "a.yaml:7:15 spec.listeners[0].portMapping.port: nothing fills ${NONE}; give it in the values or"
                                + " the environment, or write ${NONE:-default}");
        assertThat(Read.errors(node("1", "'{{ .Values.none }}'")))
                .containsExactly(
                        "a.yaml:11:15 spec.serviceDiscovery.dns.${KEY}: nothing fills {{ .Values.none }}; give 'none'"
                                + " in the values");
        assertThat(Read.errors(node("1", "'{{ include \"x\" . }}'")))
                .singleElement()
                .asString()
                .contains(
                        "the template expression {{ include \"x\" . }} (expected: {{ .Values.name }}); render the template first");
        assertThat(node("${NONE}", "h").refused()).hasSize(1);
    }

    @Test
    void placeholdersInFilesThatHoldNoMeshDocumentsAreNobodysBusiness() {
        ReadResult result = Read.files("a.yaml", "version: '3'\nservices: { a: { image: '${NONE}' } }");

        assertThat(result.problems()).isEmpty();
        assertThat(result.skipped()).containsExactly("a.yaml");
    }

    @Test
    void namesAreFilledToo() {
        ReadResult result = Read.files(
                READER, "a.json", "{\"meshName\":\"${ENV}\",\"virtualServiceName\":\"s.${ENV}\",\"spec\":{}}");

        assertThat(result.resources().ids()).containsExactly(ResourceId.of(Kind.VIRTUAL_SERVICE, "e", "s.e"));
    }

    @Test
    void aNameThatNothingFillsIsNotTakenForTheOnlyMesh() {
        ReadResult result = Read.files(
                "a.yaml",
                "{ apiVersion: intramesh.io/v1, kind: VirtualNode, metadata: { mesh: '${MESH}', name: a }, spec: {} }",
                "b-vn.json",
                "{\"spec\": {\"backends\": []}}");

        assertThat(Read.errors(result)).singleElement().asString().contains("nothing fills ${MESH}");
        assertThat(Read.notes(result)).singleElement().asString().contains("mesh 'default'");
    }
}
