package io.intramesh.testing.expectation;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds the name that somebody meant. */
final class Likeness {
    /** How many names a message lists where none is near. */
    private static final int MAX_LISTED = 8;

    private Likeness() {}

    /** Returns the known name that differs in case, or in no more than a third of its letters; null when there is none. */
    static @Nullable String nearest(String name, Collection<String> known) {
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String candidate : new TreeSet<>(known)) {
            int distance = distance(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance < bestDistance && distance <= candidate.length() / 3) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return best;
    }

    /** Returns {@code ; did you mean 'x'?}, or what there is. */
    static String hint(String name, Collection<String> known, String plural) {
        String nearest = nearest(name, known);
        if (nearest != null) {
            return "; did you mean '" + nearest + "'?";
        }
        List<String> sorted = known.stream().sorted().distinct().toList();
        if (sorted.isEmpty()) {
            return "; there are no " + plural;
        }
        int more = sorted.size() - MAX_LISTED;
        return "; there are: " + String.join(", ", sorted.subList(0, Math.min(MAX_LISTED, sorted.size())))
                + (more > 0 ? " and " + more + " more" : "");
    }

    // Levenshtein, one row at a time.
    private static int distance(String left, String right) {
        int[] row = new int[right.length() + 1];
        for (int j = 0; j <= right.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.length(); j++) {
                int replaced = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[right.length()];
    }
}
