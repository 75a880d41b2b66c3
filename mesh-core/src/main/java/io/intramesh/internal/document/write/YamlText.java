package io.intramesh.internal.document.write;

import io.intramesh.internal.document.write.Tree.Mapping;
import io.intramesh.internal.document.write.Tree.Member;
import io.intramesh.internal.document.write.Tree.Sequence;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a tree as YAML that people like to read: blocks, and short values on one line; every text plain where it is safe by
 * YAML 1.2 and by 1.1, which many tools still follow, else in quotes. Text never spans lines.
 */
final class YamlText {
    /** Longest collection that stands on one line. */
    private static final int MAX_FLOW_LENGTH = 72;

    /** Deepest nesting of collections on one line. */
    private static final int MAX_FLOW_DEPTH = 2;

    /** Longest key without the mark of a long one; parsers take up to 1024 characters, escapes counted. */
    private static final int MAX_KEY_LENGTH = 1000;

    /** Widest line of a comment. */
    private static final int MAX_COMMENT_WIDTH = 110;

    private final StringBuilder out = new StringBuilder();

    private YamlText() {}

    /** Returns the document, its comments first, with a line break at its end. */
    static String of(Mapping document) {
        YamlText text = new YamlText();
        text.comments(document.comments(), "");
        text.members(document, "", "", 0);
        return text.out.toString();
    }

    private void comments(List<String> lines, String indent) {
        for (String line : lines) {
            for (String part : wrapped(line, MAX_COMMENT_WIDTH - indent.length())) {
                out.append(indent).append("# ").append(part).append('\n');
            }
        }
    }

    /**
     * Writes the members of a block.
     *
     * @param first stands before the first line, which an item shares with its dash
     */
    private void members(Mapping mapping, String first, String indent, int depth) {
        String before = first;
        for (Member member : mapping.members()) {
            out.append(before);
            before = indent;
            String key = YamlScalars.text(member.name());
            if (key.length() > MAX_KEY_LENGTH) {
                out.append("? ").append(key).append('\n').append(indent).append(':');
            } else {
                out.append(key).append(':');
            }
            value(member, indent, depth + 1);
        }
    }

    private void value(Member member, String indent, int depth) {
        Tree value = member.value();
        // The spec is what the document is about: it never shrinks to a line.
        String line = depth == 1 && member.name().equals("spec") && !isEmpty(value) ? null : flow(value, 0);
        if (line != null) {
            out.append(' ').append(line);
        }
        if (!member.comment().isEmpty()) {
            out.append(" # ").append(printable(member.comment()));
        }
        out.append('\n');
        if (line == null && value instanceof Mapping mapping) {
            members(mapping, indent + "  ", indent + "  ", depth);
        } else if (line == null && value instanceof Sequence sequence) {
            items(sequence, indent + "  ", depth);
        }
    }

    private static boolean isEmpty(Tree value) {
        return value instanceof Mapping mapping && mapping.members().isEmpty();
    }

    private void items(Sequence sequence, String indent, int depth) {
        for (Tree item : sequence.items()) {
            if (item instanceof Mapping mapping) {
                comments(mapping.comments(), indent);
            }
            String line = flow(item, 0);
            if (line != null) {
                out.append(indent).append("- ").append(line).append('\n');
            } else if (item instanceof Mapping mapping) {
                members(mapping, indent + "- ", indent + "  ", depth + 1);
            } else if (item instanceof Sequence inner) {
                out.append(indent).append("-\n");
                items(inner, indent + "  ", depth + 1);
            }
        }
    }

    /** Returns a value on one line; null where it is too long or too deep for that. Scalars always fit. */
    private static @Nullable String flow(Tree value, int depth) {
        if (value instanceof Mapping mapping) {
            return flowMapping(mapping, depth);
        }
        if (value instanceof Sequence sequence) {
            return flowSequence(sequence, depth);
        }
        return YamlScalars.of(value);
    }

    private static @Nullable String flowMapping(Mapping mapping, int depth) {
        if (mapping.members().isEmpty()) {
            return "{}";
        }
        if (depth > MAX_FLOW_DEPTH) {
            return null;
        }
        List<String> parts = new ArrayList<>();
        for (Member member : mapping.members()) {
            if (member.name().indexOf(' ') >= 0) {
                return null; // A sentence of a test, taken apart at its colon: it reads as one in a block only.
            }
            String part = member.comment().isEmpty() ? flow(member.value(), depth + 1) : null;
            if (part == null) {
                return null;
            }
            parts.add(YamlScalars.text(member.name()) + ": " + part);
        }
        return ifShort("{ " + String.join(", ", parts) + " }");
    }

    private static @Nullable String flowSequence(Sequence sequence, int depth) {
        List<String> parts = new ArrayList<>();
        for (Tree item : sequence.items()) {
            if (item instanceof Mapping || item instanceof Sequence || depth > MAX_FLOW_DEPTH) {
                return null;
            }
            parts.add(YamlScalars.of(item));
        }
        return ifShort("[" + String.join(", ", parts) + "]");
    }

    private static @Nullable String ifShort(String line) {
        return line.length() <= MAX_FLOW_LENGTH ? line : null;
    }

    /** Returns a text in lines of that width, broken between words. */
    static List<String> wrapped(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        int at = 0;
        String clean = printable(text);
        while (at <= clean.length()) {
            int space = clean.indexOf(' ', at);
            String word = clean.substring(at, space < 0 ? clean.length() : space);
            if (line.length() > 0 && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
            at = space < 0 ? clean.length() + 1 : space + 1;
        }
        lines.add(line.toString());
        return lines;
    }

    /** Returns a text that can stand in a comment: a line break in it would end the comment and begin a member. */
    private static String printable(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().forEach(c -> clean.appendCodePoint(YamlScalars.isPrintable(c) ? c : ' '));
        return clean.toString();
    }
}
