package io.intramesh.internal.document;

import io.intramesh.document.Likeness;
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
            int distance = candidate.equalsIgnoreCase(name) ? 0 : Likeness.distance(name, candidate);
            if (distance < bestDistance && distance < candidate.length()) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return best;
    }
}
