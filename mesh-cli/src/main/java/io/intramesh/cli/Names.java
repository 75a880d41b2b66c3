package io.intramesh.cli;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the name that somebody meant. */
final class Names {
    private static final int MAX_LISTED = 50;

    private Names() {}

    /** Returns the known name that differs in case, or in no more than a third of its letters; null when there is none. */
    static @Nullable String nearest(String name, Collection<String> known) {
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String candidate : known) {
            int distance = distance(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance < bestDistance && distance <= candidate.length() / 3) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return best;
    }

    /** Says which names there are: the one that was meant, if one is near, and all of them as far as they can be read. */
    static String known(String name, Collection<String> known) {
        if (known.isEmpty()) {
            return "there are none";
        }
        String meant = nearest(name, known);
        List<String> sorted = known.stream().distinct().sorted().toList();
        String list = String.join(", ", sorted.subList(0, Math.min(sorted.size(), MAX_LISTED)));
        int more = sorted.size() - MAX_LISTED;
        return (meant == null ? "" : "did you mean '" + meant + "'? ") + "There are: " + list
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
                int substituted = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[right.length()];
    }
}
