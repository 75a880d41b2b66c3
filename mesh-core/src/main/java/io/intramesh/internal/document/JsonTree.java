package io.intramesh.internal.document;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.intramesh.internal.document.Document.Fault;
import io.intramesh.internal.document.MappingNode.Entry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From JSON text (RFC 8259, to the letter) to positioned trees. Several values may follow one another. */
final class JsonTree {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            // The tree keeps its own names; a table of them, shared by all files, would only grow.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Bounds.MAX_DEPTH + 1) // Ours comes first and knows the place.
                    .maxStringLength(Bounds.MAX_JSON_BYTES)
                    .maxNameLength(Bounds.MAX_JSON_BYTES)
                    .maxNumberLength(Bounds.MAX_JSON_BYTES)
                    .build())
            .build();

    private final JsonParser parser;
    private final Bounds.Counter counter = new Bounds.Counter(Bounds.MAX_JSON_NODES);
    private List<Fault> faults = new ArrayList<>();

    private JsonTree(JsonParser parser) {
        this.parser = parser;
    }

    static List<Document> parse(String file, String text) throws Unreadable {
        try (JsonParser parser = FACTORY.createParser(text)) {
            return new JsonTree(parser).documents(file);
        } catch (JsonProcessingException e) {
            throw unreadable(e, text);
        } catch (IOException e) {
            // Jackson reads from a string: nothing but the text can be wrong.
            throw new Unreadable(Mark.WHOLE_FILE, "no JSON: " + Words.reason(e.getMessage()));
        }
    }

    private List<Document> documents(String file) throws IOException, Unreadable {
        List<Document> documents = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
            Node root = value(token, Path.ROOT, 1);
            documents.add(new Document(file, documents.size(), root, faults));
            faults = new ArrayList<>();
        }
        return documents;
    }

    private Node value(JsonToken token, Path path, int depth) throws IOException, Unreadable {
        Mark mark = mark(parser.currentTokenLocation());
        counter.enter(mark, depth);
        return switch (token) {
            case START_OBJECT -> object(mark, path, depth);
            case START_ARRAY -> array(mark, path, depth);
            case VALUE_STRING -> ScalarNode.quoted(mark, parser.getText());
            default -> ScalarNode.plain(mark, null, parser.getText());
        };
    }

    private MappingNode object(Mark mark, Path path, int depth) throws IOException, Unreadable {
        List<Entry> entries = new ArrayList<>();
        Map<String, Mark> seen = new HashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            Mark keyMark = mark(parser.currentTokenLocation());
            Path valuePath = path.member(key);
            Node value = value(parser.nextToken(), valuePath, depth + 1);
            Mark first = seen.putIfAbsent(key, keyMark);
            if (first == null) {
                entries.add(new Entry(key, keyMark, value));
            } else {
                faults.add(YamlTree.duplicate(ScalarNode.quoted(keyMark, key), valuePath, first));
            }
        }
        return new MappingNode(mark, null, List.copyOf(entries));
    }

    private SequenceNode array(Mark mark, Path path, int depth) throws IOException, Unreadable {
        List<Node> items = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            items.add(value(token, path.item(items.size()), depth + 1));
        }
        return new SequenceNode(mark, null, List.copyOf(items));
    }

    private static Mark mark(@Nullable JsonLocation location) {
        return location == null || location.getLineNr() < 1
                ? Mark.WHOLE_FILE
                : new Mark(location.getLineNr(), Math.max(1, location.getColumnNr()));
    }

    private static Unreadable unreadable(JsonProcessingException e, String text) {
        Mark mark = mark(e.getLocation());
        if (e instanceof JsonEOFException) {
            return new Unreadable(mark, "no JSON: the file ends inside a value; close what is open");
        }
        int at = offset(text, mark);
        char found = at < text.length() ? text.charAt(at) : ' ';
        char before = lastBefore(text, at);
        if ((found == '}' || found == ']') && before == ',') {
            return new Unreadable(mark, "no JSON: a comma before '" + found + "'; remove the comma");
        }
        if (found == '/' || found == '#') {
            return new Unreadable(mark, "no JSON: a comment, which JSON does not have; remove it");
        }
        if (found == '\'' || found == '\u201c' || found == '\u201d') {
            return new Unreadable(mark, "no JSON: the quote " + found + " around text; write \"");
        }
        if (found == '$' || (found == '{' && before == '{') || before == '$') {
            return new Unreadable(
                    mark, "no JSON: a placeholder without quotes; write \"${NAME}\", also where a number stands");
        }
        String said = e.getOriginalMessage();
        int end = said.indexOf('\n');
        return new Unreadable(mark, "no JSON: " + Words.reason(end < 0 ? said : said.substring(0, end)));
    }

    private static int offset(String text, Mark mark) {
        int start = 0;
        for (int line = 1; line < mark.line() && start >= 0; line++) {
            start = text.indexOf('\n', start) + 1;
        }
        return start + Math.max(0, mark.column() - 1);
    }

    private static char lastBefore(String text, int offset) {
        int at = Math.min(offset, text.length()) - 1;
        while (at >= 0 && Character.isWhitespace(text.charAt(at))) {
            at--;
        }
        return at < 0 ? ' ' : text.charAt(at);
    }
}
