package io.intramesh.internal.document;

import io.intramesh.document.Problem;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import io.intramesh.internal.route.RegexSyntax;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads documents given as text, the way tests of this package want them. */
final class Read {
    private Read() {}

    static DocumentSet reader() {
        return new DocumentSet(Map.of(), Map.of(), RegexSyntax::problem, false);
    }

    /** Reads files given as name, text, name, text … */
    static ReadResult files(String... namesAndTexts) {
        return files(reader(), namesAndTexts);
    }

    static ReadResult files(DocumentSet reader, String... namesAndTexts) {
        List<RawDocument> documents = new ArrayList<>();
        for (int i = 0; i < namesAndTexts.length; i += 2) {
            documents.add(RawDocument.of(namesAndTexts[i], namesAndTexts[i + 1]));
        }
        return reader.read(documents);
    }

    /** Reads a native document whose metadata stands on line 3 and whose spec begins on line 5. */
    static ReadResult spec(String kind, String... specLines) {
        String parent = switch (kind) {
            case "Route" -> ", virtualRouter: r";
            case "GatewayRoute" -> ", virtualGateway: g";
            default -> "";
        };
        String mesh = kind.equals("Mesh") ? "" : "mesh: m, ";
        return files(
                "a.yaml",
                "apiVersion: intramesh.io/v1\nkind: " + kind + "\nmetadata: { " + mesh + "name: n" + parent
                        + " }\nspec:\n  " + String.join("\n  ", specLines) + "\n");
    }

    static List<String> errors(ReadResult result) {
        return result.problems().stream()
                .filter(Problem::isError)
                .map(Problem::toString)
                .toList();
    }

    static List<String> notes(ReadResult result) {
        return result.problems().stream()
                .filter(problem -> !problem.isError())
                .map(Problem::toString)
                .toList();
    }
}
