package io.intramesh.internal.document;

import org.jspecify.annotations.Nullable;

/**
 * A single value.
 *
 * @param text as written, without quotes and with escapes resolved
 * @param quoted whether it stands in quotes or in a block, and so is text whatever it looks like
 * @param filled whether a placeholder filled it as a whole: it may then be taken as text and as what it looks like
 */
record ScalarNode(Mark mark, @Nullable String tag, String text, Type type, boolean quoted, boolean filled)
        implements Node {

    /** What a scalar is by the core schema of YAML 1.2 (section 10.3.2), of which JSON is a part. */
    enum Type {
        TEXT,
        INTEGER,
        DECIMAL,
        BOOLEAN,
        NULL
    }

    static ScalarNode quoted(Mark mark, String text) {
        return new ScalarNode(mark, null, text, Type.TEXT, true, false);
    }

    static ScalarNode plain(Mark mark, @Nullable String tag, String text) {
        return new ScalarNode(mark, tag, text, typeOf(text), false, false);
    }

    /** Returns this scalar with another text, typed anew unless it stands in quotes. */
    ScalarNode filledWith(String value, boolean asAWhole) {
        return new ScalarNode(mark, tag, value, quoted && !asAWhole ? Type.TEXT : typeOf(value), quoted, asAWhole);
    }

    boolean isNull() {
        return type == Type.NULL && !filled;
    }

    /** Tells whether this may be taken as text. */
    boolean isText() {
        return type == Type.TEXT || filled;
    }

    @Override
    public String describe() {
        return switch (type) {
            case TEXT -> "the text " + Words.quote(text);
            case INTEGER, DECIMAL -> "the number " + Words.shorten(text);
            case BOOLEAN -> text;
            case NULL -> "null";
        };
    }

    /** Returns what a scalar without quotes is. */
    static Type typeOf(String text) {
        return switch (text) {
            case "", "~", "null", "Null", "NULL" -> Type.NULL;
            case "true", "True", "TRUE", "false", "False", "FALSE" -> Type.BOOLEAN;
            default -> numberOrText(text);
        };
    }

    private static Type numberOrText(String text) {
        if (text.startsWith("0x") || text.startsWith("0o")) {
            int radix = text.startsWith("0x") ? 16 : 8;
            boolean digits =
                    text.length() > 2 && text.chars().skip(2).allMatch(c -> c < 128 && Character.digit(c, radix) >= 0);
            return digits ? Type.INTEGER : Type.TEXT;
        }
        int from = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        String bare = text.substring(from);
        if (bare.equals(".inf") || bare.equals(".Inf") || bare.equals(".INF")) {
            return Type.DECIMAL;
        }
        if (from == 0 && (text.equals(".nan") || text.equals(".NaN") || text.equals(".NAN"))) {
            return Type.DECIMAL;
        }
        int whole = digits(bare, 0);
        int at = whole;
        int fraction = 0;
        if (at < bare.length() && bare.charAt(at) == '.') {
            fraction = digits(bare, at + 1);
            at += 1 + fraction;
        }
        if (whole + fraction == 0) {
            return Type.TEXT;
        }
        if (at < bare.length() && (bare.charAt(at) == 'e' || bare.charAt(at) == 'E')) {
            int sign = at + 1 < bare.length() && (bare.charAt(at + 1) == '-' || bare.charAt(at + 1) == '+') ? 1 : 0;
            int exponent = digits(bare, at + 1 + sign);
            if (exponent == 0) {
                return Type.TEXT;
            }
            at += 1 + sign + exponent;
        }
        if (at < bare.length()) {
            return Type.TEXT;
        }
        return at == whole ? Type.INTEGER : Type.DECIMAL;
    }

    private static int digits(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return Math.max(0, at - from);
    }

    /**
     * Returns the value of an {@link Type#INTEGER}; null where it does not fit into a long.
     */
    @Nullable
    Long integer() {
        try {
            if (text.startsWith("0x")) {
                return Long.parseLong(text.substring(2), 16);
            }
            if (text.startsWith("0o")) {
                return Long.parseLong(text.substring(2), 8);
            }
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return null; // Too many digits: the type says that these are digits.
        }
    }
}
