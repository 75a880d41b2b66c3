package io.intramesh.internal.document.write;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Single values as YAML writes them. */
final class YamlScalars {
    /** What YAML 1.1 takes for something else than text, in any case. */
    private static final Set<String> WORDS =
            Set.of("y", "n", "yes", "no", "on", "off", "true", "false", "null", ".inf", ".nan");

    private static final Pattern IP_V4 = Pattern.compile("\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
    private static final Pattern DATE = Pattern.compile("\\d{4}-\\d.*");

    /** Letters that no number of any notation has: a text that starts with a digit and has one of these is no number. */
    private static final Pattern LETTER_OF_NO_NUMBER = Pattern.compile(".*[g-np-wyzG-NP-WYZ/].*");

    private static final String SAFE_INSIDE = "/_.@=+*-()^$~;!&|<>\\%: ";
    private static final String SAFE_AT_START = "/_.(^$\\";

    private YamlScalars() {}

    /** Returns a scalar as it is written, on one line. */
    static String of(Tree scalar) {
        if (scalar instanceof Tree.Text text) {
            return text(text.value());
        }
        if (scalar instanceof Tree.Nothing) {
            return "null";
        }
        return scalar instanceof Tree.Whole whole
                ? Long.toString(whole.value())
                : Boolean.toString(((Tree.Flag) scalar).value());
    }

    /** Returns text that every reader takes for this text, and not for a placeholder. */
    static String text(String value) {
        String escaped = Literals.escape(value);
        if (isPlain(escaped)) {
            return escaped;
        }
        boolean printable = escaped.codePoints().allMatch(YamlScalars::isPrintable);
        boolean needsEscapes = escaped.indexOf('"') >= 0 || escaped.indexOf('\\') >= 0;
        return printable && needsEscapes && escaped.indexOf('\'') < 0 ? "'" + escaped + "'" : doubleQuoted(escaped);
    }

    private static boolean isPlain(String text) {
        if (text.isEmpty() || WORDS.contains(text.toLowerCase(Locale.ROOT))) {
            return false;
        }
        char first = text.charAt(0);
        if (isAsciiDigit(first)) {
            boolean number = DATE.matcher(text).matches()
                    || !LETTER_OF_NO_NUMBER.matcher(text).matches();
            return allSafe(text) && (!number || IP_V4.matcher(text).matches());
        }
        if (!Character.isLetter(first) && SAFE_AT_START.indexOf(first) < 0) {
            return false;
        }
        if (first == '.' && (text.length() == 1 || !isAsciiLetter(text.charAt(1)))) {
            return false;
        }
        return allSafe(text);
    }

    private static boolean allSafe(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isLetterOrDigit(c) && SAFE_INSIDE.indexOf(c) < 0) {
                return false;
            }
            boolean last = i == text.length() - 1;
            if ((c == ':' || c == ' ') && (last || text.charAt(i + 1) == ' ')) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAsciiDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isAsciiLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static String doubleQuoted(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        text.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (isPrintable(c)) {
                        quoted.appendCodePoint(c);
                    } else {
                        quoted.append(String.format(Locale.ROOT, "\\u%04X", c));
                    }
                }
            }
        });
        return quoted.append('"').toString();
    }

    /** Tells whether a character can stand in a file as it is, and is seen there. */
    static boolean isPrintable(int c) {
        if (c < ' ' || (c >= 0x7F && c <= 0xA0)) {
            return false;
        }
        return switch (Character.getType(c)) {
            case Character.SURROGATE,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE -> c > 0xFFFF;
            default -> true;
        };
    }
}
