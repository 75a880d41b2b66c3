package io.intramesh.internal.document;

import io.intramesh.document.DocumentValue.Run;
import io.intramesh.document.Origin;
import java.util.ArrayList;
import java.util.List;

/*
 * A parser tells where a value begins, and nothing of what follows: quotes, escapes, folded lines and the indent of a block
 * are gone. So value and source are walked side by side. Characters that are no blanks stand in both, in the same order, but
 * for what the style of the value adds: quotes, the backslash before a character that stands for itself, the header of a
 * block. Where they part for any other reason (an escape for any other character, a tag, a filled placeholder) nothing is told.
 */

/** Finds where the characters of a value stand in the source of its file. */
final class Places {
    private final String source;
    private final List<Integer> lines = new ArrayList<>();

    Places(String source) {
        this.source = source;
        lines.add(0);
        for (int i = source.indexOf('\n'); i >= 0; i = source.indexOf('\n', i + 1)) {
            lines.add(i + 1);
        }
    }

    /** Returns the stretches of a value that begins at the mark; empty where the source does not show it as it is. */
    List<Run> runs(String file, Mark mark, String value) {
        int at = offset(mark);
        if (at < 0 || at >= source.length()) {
            return List.of();
        }
        char style = source.charAt(at);
        if (style == '"' || style == '\'') {
            at++;
        } else if (style == '>' || style == '|') {
            int end = source.indexOf('\n', at);
            at = end < 0 ? source.length() : end;
        }
        List<Run> runs = new ArrayList<>();
        int expected = -1;
        for (int i = 0; i < value.length(); i++) {
            if (isBlank(value.charAt(i))) {
                continue;
            }
            at = seek(at, style, value.charAt(i));
            if (at < 0) {
                return List.of();
            }
            if (at - i != expected) {
                runs.add(new Run(i, origin(file, at)));
                expected = at - i;
            }
            at++;
        }
        return runs;
    }

    /** Returns where that character stands, at or after an offset; -1 where another one is in the way. */
    private int seek(int from, char style, char wanted) {
        int at = from;
        while (at < source.length() && isBlank(source.charAt(at))) {
            at++;
        }
        if (at + 1 < source.length()) {
            char next = source.charAt(at + 1);
            boolean isEscaped = style == '"' && source.charAt(at) == '\\' && "\"\\/".indexOf(next) >= 0;
            boolean isDoubled = style == '\'' && source.charAt(at) == '\'' && next == '\'';
            if (isEscaped || isDoubled) {
                at++;
            }
        }
        return at < source.length() && source.charAt(at) == wanted ? at : -1;
    }

    private int offset(Mark mark) {
        return mark.line() < 1 || mark.line() > lines.size() ? -1 : lines.get(mark.line() - 1) + mark.column() - 1;
    }

    private Origin origin(String file, int offset) {
        int low = 0;
        int high = lines.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (lines.get(middle) <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return new Origin(file, low + 1, offset - lines.get(low) + 1);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }
}
