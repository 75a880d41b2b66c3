package io.intramesh.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.intramesh.document.Problem;
import io.intramesh.testing.expectation.Outcome;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Help.Ansi;

/** Shows what came of expectations. People script against the JSON and the XML: what stands there stays. */
final class TestReport {
    private static final JsonFactory JSON = new JsonFactory();
    private static final String INDENT = " ".repeat(8);

    private final List<Checked> checked;
    private final List<Problem> refusals;

    /** @param refusals why resources are refused; empty where that is allowed */
    TestReport(List<Checked> checked, List<Problem> refusals) {
        this.checked = checked;
        this.refusals = refusals;
    }

    /** Tells whether everything is as expected. */
    boolean isGood() {
        return refusals.isEmpty() && count(Outcome.Status.MET) == checked.size();
    }

    private long count(Outcome.Status status) {
        return checked.stream()
                .filter(each -> each.outcome().status() == status)
                .count();
    }

    void print(PrintWriter out, Ansi ansi) {
        for (Checked each : checked) {
            String verdict = switch (each.outcome().status()) {
                case MET -> Styled.text(ansi, "green", "ok");
                case FAILED -> Styled.text(ansi, "red", "FAILED");
                case ERROR -> Styled.text(ansi, "red", "ERROR");
            };
            int width = each.outcome().status().name().length();
            String gap = " ".repeat(INDENT.length() - (each.outcome().isMet() ? 2 : width));
            out.println(verdict + gap + Styled.text(ansi, "bold", each.place() + ":") + " " + each.title());
            each.outcome().toString().lines().forEach(line -> out.println(INDENT + line));
        }
        out.println();
        out.println(Styled.text(ansi, isGood() ? "green" : "red", summary()));
    }

    private String summary() {
        long failed = count(Outcome.Status.FAILED);
        long errors = count(Outcome.Status.ERROR);
        return checked.size() + (checked.size() == 1 ? " expectation: " : " expectations: ")
                + count(Outcome.Status.MET) + " ok"
                + (failed == 0 ? "" : ", " + failed + " failed")
                + (errors == 0 ? "" : ", " + errors + " without meaning")
                + (refusals.isEmpty()
                        ? ""
                        : "; " + refusals.size() + (refusals.size() == 1 ? " problem" : " problems")
                                + " in the mesh's own resources");
    }

    String json() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeObjectFieldStart("counts");
            json.writeNumberField("met", count(Outcome.Status.MET));
            json.writeNumberField("failed", count(Outcome.Status.FAILED));
            json.writeNumberField("error", count(Outcome.Status.ERROR));
            json.writeEndObject();
            json.writeArrayFieldStart("expectations");
            for (Checked each : checked) {
                json.writeStartObject();
                json.writeStringField("test", each.test());
                json.writeStringField("expectation", each.title());
                json.writeStringField("file", each.place().file());
                json.writeNumberField("line", each.place().line());
                json.writeNumberField("column", each.place().column());
                json.writeStringField("status", status(each));
                texts(json, "messages", each.outcome().messages());
                String happens = each.outcome().happens();
                if (happens == null) {
                    json.writeNullField("happens");
                } else {
                    json.writeStringField("happens", happens);
                }
                texts(json, "tried", each.outcome().tried());
                json.writeEndObject();
            }
            json.writeEndArray();
            texts(json, "refused", refusals.stream().map(Problem::toString).toList());
            json.writeEndObject();
        } catch (IOException failure) {
            throw new UncheckedIOException("a StringWriter never fails", failure);
        }
        return text.toString();
    }

    private static void texts(JsonGenerator json, String name, List<String> texts) throws IOException {
        json.writeArrayFieldStart(name);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }

    private static String status(Checked each) {
        return switch (each.outcome().status()) {
            case MET -> "met";
            case FAILED -> "failed";
            case ERROR -> "error";
        };
    }

    /** Returns the results in the XML that build servers read; each test document is a suite. */
    String junitXml() {
        Map<String, List<Checked>> suites = new LinkedHashMap<>();
        checked.forEach(each ->
                suites.computeIfAbsent(each.test(), test -> new ArrayList<>()).add(each));
        StringBuilder xml =
                new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"mesh test\">\n");
        suites.forEach((test, cases) -> suite(xml, test, cases));
        if (!refusals.isEmpty()) {
            xml.append("  <testsuite name=\"resources\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">\n")
                    .append("    <testcase classname=\"resources\" name=\"nothing is refused\">\n");
            outcome(
                    xml,
                    "error",
                    "resources are refused",
                    String.join("\n", refusals.stream().map(Problem::toString).toList()));
            xml.append("    </testcase>\n  </testsuite>\n");
        }
        return xml.append("</testsuites>\n").toString();
    }

    private static void suite(StringBuilder xml, String test, List<Checked> cases) {
        xml.append("  <testsuite");
        attribute(xml, "name", test);
        attribute(xml, "tests", String.valueOf(cases.size()));
        attribute(xml, "failures", String.valueOf(count(cases, Outcome.Status.FAILED)));
        attribute(xml, "errors", String.valueOf(count(cases, Outcome.Status.ERROR)));
        attribute(xml, "skipped", "0");
        xml.append(">\n");
        for (Checked each : cases) {
            xml.append("    <testcase");
            attribute(xml, "classname", test);
            attribute(xml, "name", each.title());
            attribute(xml, "file", each.place().file());
            attribute(xml, "line", String.valueOf(each.place().line()));
            if (each.outcome().isMet()) {
                xml.append("/>\n");
                continue;
            }
            xml.append(">\n");
            boolean isFailure = each.outcome().status() == Outcome.Status.FAILED;
            outcome(
                    xml,
                    isFailure ? "failure" : "error",
                    String.join(", ", each.outcome().messages()),
                    each.place() + ": " + each.title() + "\n" + each.outcome());
            xml.append("    </testcase>\n");
        }
        xml.append("  </testsuite>\n");
    }

    private static long count(List<Checked> cases, Outcome.Status status) {
        return cases.stream().filter(each -> each.outcome().status() == status).count();
    }

    private static void outcome(StringBuilder xml, String element, String message, String text) {
        xml.append("      <").append(element);
        attribute(xml, "message", message);
        xml.append('>');
        escape(xml, text.stripTrailing());
        xml.append("</").append(element).append(">\n");
    }

    private static void attribute(StringBuilder xml, String name, String value) {
        xml.append(' ').append(name).append("=\"");
        escape(xml, value);
        xml.append('"');
    }

    private static void escape(StringBuilder xml, String text) {
        text.codePoints().forEach(c -> {
            switch (c) {
                case '<' -> xml.append("&lt;");
                case '>' -> xml.append("&gt;");
                case '&' -> xml.append("&amp;");
                case '"' -> xml.append("&quot;");
                case '\n' -> xml.append("&#10;");
                default -> xml.appendCodePoint(isXml(c) ? c : '\uFFFD');
            }
        });
    }

    // XML 1.0, production 2.
    private static boolean isXml(int c) {
        return c == '\t' || (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) || c >= 0x10000;
    }
}
