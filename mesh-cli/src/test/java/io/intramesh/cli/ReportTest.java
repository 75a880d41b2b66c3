package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.Origin;
import io.intramesh.document.Problem;
import io.intramesh.document.ReadResult;
import io.intramesh.model.EgressFilter;
import io.intramesh.model.Kind;
import io.intramesh.model.MeshResource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help.Ansi;

/** People script against the JSON. A test that fails here has found a change that breaks them. */
final class ReportTest {
    private static final ReadResult RESULT = new ReadResult(
            ResourceSet.of(List.of(new MeshResource(ResourceId.mesh("shop"), EgressFilter.DROP_ALL, null))),
            Map.of(),
            List.of(
                    new Problem(
                            new Origin("a.yaml", 3, 5),
                            "spec.weight",
                            Problem.Severity.ERROR,
                            "140 (expected: 0 to 100); lower it"),
                    new Problem(new Origin("ü.yaml", 0, 0), "", Problem.Severity.NOTE, "a \"note\"")),
            Set.of(ResourceId.of(Kind.VIRTUAL_NODE, "shop", "a")),
            Set.of(),
            List.of("README.yaml"));

    @Test
    void jsonHasTheSevenKindsAndTheProblemsInTheirOrder() {
        assertThat(Report.json(RESULT))
                .isEqualTo("{\"counts\":{\"Mesh\":1,\"VirtualNode\":0,\"VirtualService\":0,\"VirtualRouter\":0,"
                        + "\"Route\":0,\"VirtualGateway\":0,\"GatewayRoute\":0},"
                        + "\"problems\":[{\"file\":\"a.yaml\",\"line\":3,\"column\":5,\"path\":\"spec.weight\","
                        + "\"severity\":\"error\",\"message\":\"140 (expected: 0 to 100); lower it\"},"
                        + "{\"file\":\"ü.yaml\",\"line\":0,\"column\":0,\"path\":\"\",\"severity\":\"note\","
                        + "\"message\":\"a \\\"note\\\"\"}]}");
    }

    @Test
    void aProblemIsALineAndASummaryFollows() {
        assertThat(text(Ansi.OFF, false).lines())
                .containsExactly(
                        "a.yaml:3:5 spec.weight: 140 (expected: 0 to 100); lower it",
                        "ü.yaml: note: a \"note\"",
                        "",
                        "Mesh 1, VirtualNode 0, VirtualService 0, VirtualRouter 0, Route 0, VirtualGateway 0,"
                                + " GatewayRoute 0 in 2 files; 1 file skipped, without mesh resources",
                        "1 error, 1 note; refused: 1 resource, 0 files");
    }

    @Test
    void skippedFilesAreListedOnRequest() {
        assertThat(text(Ansi.OFF, true)).contains("\nREADME.yaml: skipped, holds no mesh resources\n");
        assertThat(text(Ansi.OFF, false)).doesNotContain("README.yaml");
    }

    @Test
    void coloursChangeNoText() {
        String coloured = text(Ansi.ON, true);

        assertThat(coloured).contains("\u001B[1ma.yaml:3:5 spec.weight:\u001B[0m 140");
        assertThat(coloured.replaceAll("\u001B\\[[0-9;]*m", "")).isEqualTo(text(Ansi.OFF, true));
    }

    private static String text(Ansi ansi, boolean isVerbose) {
        StringWriter text = new StringWriter();
        new Report(new Configuration(RESULT, 2), ansi).print(new PrintWriter(text), isVerbose);
        return text.toString();
    }
}
