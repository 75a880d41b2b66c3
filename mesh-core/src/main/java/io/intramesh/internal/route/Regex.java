package io.intramesh.internal.route;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A compiled expression that must match a whole text. One that RE2 does not accept matches nothing: documents with such a
 * pattern are refused when they are read, and resources that are built by hand must not bring the mesh down.
 */
final class Regex {
    private final String text;
    private final @Nullable Pattern pattern;

    Regex(String text) {
        this.text = text;
        this.pattern = compiled(text);
    }

    private static @Nullable Pattern compiled(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            return null;
        }
    }

    boolean matches(String value) {
        return pattern != null && pattern.matches(value);
    }

    String text() {
        return text;
    }

    /**
     * Returns a text that everything that matches begins with, possibly empty. Reads literal characters up to the first that
     * has a meaning; an alternation anywhere gives the empty text, as it could stand beside the whole.
     */
    String literalPrefix() {
        if (pattern == null || text.indexOf('|') >= 0) {
            return "";
        }
        StringBuilder literal = new StringBuilder();
        int position = text.startsWith("^") ? 1 : 0;
        while (position < text.length()) {
            char c = text.charAt(position);
            int next = position + 1;
            if (c == '\\') {
                if (next == text.length() || !isPunctuation(text.charAt(next))) {
                    break;
                }
                c = text.charAt(next);
                next++;
            } else if ("^$.[](){}*+?".indexOf(c) >= 0 || Character.isSurrogate(c)) {
                break;
            }
            if (next < text.length() && "*?{".indexOf(text.charAt(next)) >= 0) {
                break;
            }
            literal.append(c);
            position = next;
        }
        return literal.toString();
    }

    private static boolean isPunctuation(char c) {
        return c > ' ' && c < 0x7f && !Character.isLetterOrDigit(c) && c != '_';
    }
}
