package io.intramesh.testing.expectation;

import io.intramesh.document.Likeness;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Reads a sentence word by word. Words stand between blanks; a comma behind one, and the full stop at the end of the
 * sentence, are no part of it. What stands in quotes is one word, and never a keyword.
 */
final class Cursor {
    private static final String QUOTES = "\"'";

    private final String text;
    private int at;

    Cursor(String text) {
        this.text = text;
    }

    /** Returns where the next word begins; the length of the text at its end. */
    int at() {
        while (at < text.length() && isBlank(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /** Tells whether nothing follows, but perhaps a full stop. */
    boolean isAtEnd() {
        String rest = text.substring(at()).strip();
        return rest.isEmpty() || rest.equals(".");
    }

    /** Returns the next word as it stands, with its quotes; empty at the end, and before a comma. */
    String peek() {
        return text.substring(at(), wordEnd(at()));
    }

    /** Takes these words, whatever their case, if they are the next. */
    boolean tryWords(String phrase) {
        int before = at();
        for (String word : phrase.split(" ", -1)) {
            int from = at();
            boolean isSame = text.regionMatches(true, from, word, 0, word.length());
            if (!isSame || !isBoundary(from + word.length())) {
                at = before;
                return false;
            }
            at = from + word.length();
        }
        return true;
    }

    /** Tells whether these words are the next. */
    boolean isNext(String phrase) {
        int before = at();
        boolean isNext = tryWords(phrase);
        at = before;
        return isNext;
    }

    boolean trySymbol(char symbol) {
        if (at() < text.length() && text.charAt(at) == symbol) {
            at++;
            return true;
        }
        return false;
    }

    /** Goes back to a place. */
    void backTo(int place) {
        at = place;
    }

    /** Takes the next word, without its quotes. */
    String word(String expected, String example) throws NotUnderstoodException {
        int from = at();
        if (from < text.length() && QUOTES.indexOf(text.charAt(from)) >= 0) {
            int end = text.indexOf(text.charAt(from), from + 1);
            if (end < 0) {
                throw new NotUnderstoodException(from, "a quote that nothing closes; close it, or leave it out");
            }
            at = end + 1;
            return text.substring(from + 1, end);
        }
        String word = peek();
        if (word.isEmpty() || isAtEnd()) {
            throw unexpected(expected, example);
        }
        at = from + word.length();
        return word;
    }

    /** Takes characters as long as they are of a kind. */
    String run(String kind) {
        int from = at();
        while (at < text.length() && kind.indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return text.substring(from, at);
    }

    NotUnderstoodException unexpected(String expected, String example) {
        return unexpected(at(), expected, null, example);
    }

    /** As above, and names the keyword that was probably meant. */
    NotUnderstoodException unexpected(String expected, Collection<String> keywords, String example) {
        String nearest = Likeness.nearest(peek(), keywords);
        return unexpected(at(), expected, nearest, example);
    }

    private NotUnderstoodException unexpected(int place, String expected, @Nullable String meant, String example) {
        String word = text.substring(place, Math.max(wordEnd(place), Math.min(place + 1, text.length())));
        String what = isAtEnd() ? "the sentence ends here" : "'" + shortened(word) + "'";
        return new NotUnderstoodException(
                place,
                what + " (expected: " + expected + ")" + (meant == null ? "" : "; did you mean '" + meant + "'?")
                        + "; for example: " + example);
    }

    private static String shortened(String word) {
        return word.length() <= 60 ? word : word.substring(0, 59) + "…";
    }

    private int wordEnd(int from) {
        int end = from;
        if (from < text.length() && QUOTES.indexOf(text.charAt(from)) >= 0) {
            int closing = text.indexOf(text.charAt(from), from + 1);
            return closing < 0 ? text.length() : closing + 1;
        }
        while (end < text.length() && !isBlank(text.charAt(end))) {
            end++;
        }
        boolean isLast = text.substring(end).isBlank();
        if (isLast && end > from + 1 && text.charAt(end - 1) == '.') {
            end--;
        }
        while (end > from && text.charAt(end - 1) == ',') {
            end--;
        }
        return end;
    }

    private boolean isBoundary(int place) {
        if (place >= text.length()) {
            return true;
        }
        char c = text.charAt(place);
        char next = place + 1 < text.length() ? text.charAt(place + 1) : ' ';
        return isBlank(c)
                || c == ','
                || (c == ':' && next != '/')
                || (c == '.' && text.substring(place + 1).isBlank());
    }

    static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }
}
