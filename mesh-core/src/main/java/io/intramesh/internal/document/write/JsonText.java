package io.intramesh.internal.document.write;

import io.intramesh.internal.document.write.Tree.Mapping;
import io.intramesh.internal.document.write.Tree.Member;
import io.intramesh.internal.document.write.Tree.Sequence;
import java.util.Locale;

/** Writes a tree as JSON (RFC 8259), a member a line. */
final class JsonText {
    private final StringBuilder out = new StringBuilder();

    private JsonText() {}

    /** Returns the document with a line break at its end. */
    static String of(Mapping document) {
        JsonText text = new JsonText();
        text.value(document, "");
        return text.out.append('\n').toString();
    }

    private void value(Tree value, String indent) {
        if (value instanceof Mapping mapping) {
            mapping(mapping, indent);
        } else if (value instanceof Sequence sequence) {
            sequence(sequence, indent);
        } else if (value instanceof Tree.Text text) {
            string(text.value());
        } else {
            out.append(YamlScalars.of(value)); // These are spelled as in YAML.
        }
    }

    private void mapping(Mapping mapping, String indent) {
        if (mapping.members().isEmpty()) {
            out.append("{}");
            return;
        }
        String before = "{\n";
        for (Member member : mapping.members()) {
            out.append(before).append(indent).append("  ");
            string(member.name());
            out.append(": ");
            value(member.value(), indent + "  ");
            before = ",\n";
        }
        out.append('\n').append(indent).append('}');
    }

    private void sequence(Sequence sequence, String indent) {
        if (sequence.items().isEmpty()) {
            out.append("[]");
            return;
        }
        String before = "[\n";
        for (Tree item : sequence.items()) {
            out.append(before).append(indent).append("  ");
            value(item, indent + "  ");
            before = ",\n";
        }
        out.append('\n').append(indent).append(']');
    }

    private void string(String value) {
        out.append('"');
        Literals.escape(value).codePoints().forEach(c -> {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (YamlScalars.isPrintable(c)) {
                        out.appendCodePoint(c);
                    } else {
                        out.append(String.format(Locale.ROOT, "\\u%04x", c));
                    }
                }
            }
        });
        out.append('"');
    }
}
