package io.intramesh.internal.document;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What messages are made of: values that stay short and printable, and the nearest known name. */
final class Words {
    /** Longest piece of a document that a message repeats. */
    private static final int MAX_SHOWN = 80;

    /** Longest reason of a parser that a message repeats. */
    private static final int MAX_REASON = 240;

    /** Longest name worth comparing; the longest that any dialect knows has 26 characters. */
    private static final int MAX_COMPARED = 48;

    private Words() {}

    /** Returns a text in quotes, cut where it is long, without line breaks or other control characters. */
    static String quote(String text) {
        return "'" + shorten(text) + "'";
    }

    static String shorten(String text) {
        return shorten(text, MAX_SHOWN);
    }

    /** Returns what a parser or a library said, fit for a message. */
    static String reason(@Nullable String text) {
        return shorten(String.valueOf(text).strip(), MAX_REASON);
    }

    private static String shorten(String text, int max) {
        String cut = text.length() <= max ? text : text.substring(0, max - 1) + "…";
        StringBuilder clean = new StringBuilder(cut.length());
        cut.chars().forEach(c -> clean.append(Character.isISOControl(c) ? '\uFFFD' : (char) c));
        return clean.toString();
    }

    /** Returns {@code a}, {@code a or b}, {@code a, b or c}. */
    static String anyOf(Collection<String> names) {
        return joined(names, " or ");
    }

    /** Returns {@code a}, {@code a and b}, {@code a, b and c}. */
    static String allOf(Collection<String> names) {
        return joined(names, " and ");
    }

    private static String joined(Collection<String> names, String last) {
        List<String> list = List.copyOf(names);
        if (list.size() < 2) {
            return String.join("", list);
        }
        return String.join(", ", list.subList(0, list.size() - 1)) + last + list.get(list.size() - 1);
    }

    /** Returns the known name that a misspelled one most likely means, or null when none is near. */
    static @Nullable String nearest(String name, Collection<String> known) {
        if (name.length() > MAX_COMPARED) {
            return null;
        }
        String best = null;
        // A third of the letters may be wrong, but at least two: 'hostName', 'weigth', 'prot'.
        int bestDistance = Math.max(2, name.length() / 3) + 1;
        for (String candidate : known) {
            int distance = candidate.equalsIgnoreCase(name) ? 0 : distance(name, candidate);
            if (distance < bestDistance && distance < candidate.length()) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return best;
    }

    /**
     * Returns the Damerau-Levenshtein distance in its restricted form ("optimal string alignment"): insertions, deletions,
     * substitutions and swaps of neighbours, each counted once. Damerau, A technique for computer detection and correction
     * of spelling errors (1964): these four are what people mistype.
     */
    static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + change);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            int[] spare = beforeLast;
            beforeLast = last;
            last = row;
            row = spare;
        }
        return last[b.length()];
    }
}
