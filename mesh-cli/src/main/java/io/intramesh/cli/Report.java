package io.intramesh.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.intramesh.document.Problem;
import io.intramesh.document.ReadResult;
import io.intramesh.model.Kind;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.Help.Ansi;

/** Shows what became of a set of files. People script against the JSON: its keys and their order stay. */
final class Report {
    private static final JsonFactory JSON = new JsonFactory();

    private final Configuration configuration;
    private final ReadResult result;
    private final Ansi ansi;

    Report(Configuration configuration, Ansi ansi) {
        this.configuration = configuration;
        this.result = configuration.result();
        this.ansi = ansi;
    }

    void print(PrintWriter out, boolean isVerbose) {
        result.problems().forEach(problem -> out.println(line(problem)));
        if (isVerbose) {
            result.skipped().forEach(file -> out.println(file + ": skipped, holds no mesh resources"));
        }
        if (!result.problems().isEmpty()) {
            out.println();
        }
        out.println(resources());
        out.println(verdict());
    }

    private String line(Problem problem) {
        String path = problem.path().isEmpty() ? "" : " " + problem.path();
        String place = Styled.text(ansi, "bold", problem.origin() + path + ":");
        return problem.isError()
                ? place + " " + problem.message()
                : place + " " + Styled.text(ansi, "yellow", "note:") + " " + problem.message();
    }

    private String resources() {
        String counts = Arrays.stream(Kind.values())
                .filter(kind -> kind.isAppMesh() || count(result, kind) > 0)
                .map(kind -> kind.documentName() + " " + count(result, kind))
                .collect(Collectors.joining(", "));
        String skipped = result.skipped().isEmpty()
                ? ""
                : "; " + counted(result.skipped().size(), "file") + " skipped, without mesh resources";
        return counts + " in " + counted(configuration.files(), "file") + skipped;
    }

    private String verdict() {
        long errors = result.problems().stream().filter(Problem::isError).count();
        long notes = result.problems().size() - errors;
        String noted = notes == 0 ? "" : ", " + counted(notes, "note");
        return errors == 0
                ? Styled.text(ansi, "green", "nothing refused") + noted
                : Styled.text(ansi, "red", counted(errors, "error")) + noted + "; refused: "
                        + counted(result.refused().size(), "resource") + ", "
                        + counted(result.unreadable().size(), "file");
    }

    static String counted(long count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }

    private static int count(ReadResult result, Kind kind) {
        return result.resources().ofKind(kind).size();
    }

    static String json(ReadResult result) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeObjectFieldStart("counts");
            for (Kind kind : Kind.values()) {
                if (kind.isAppMesh()) {
                    json.writeNumberField(kind.documentName(), count(result, kind));
                }
            }
            json.writeEndObject();
            json.writeArrayFieldStart("problems");
            for (Problem problem : result.problems()) {
                json.writeStartObject();
                json.writeStringField("file", problem.origin().file());
                json.writeNumberField("line", problem.origin().line());
                json.writeNumberField("column", problem.origin().column());
                json.writeStringField("path", problem.path());
                json.writeStringField("severity", problem.isError() ? "error" : "note");
                json.writeStringField("message", problem.message());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException failure) {
            throw new UncheckedIOException("a StringWriter never fails", failure);
        }
        return text.toString();
    }
}
