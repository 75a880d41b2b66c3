package io.intramesh.document;

import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the name that somebody meant, for messages that ask "did you mean". */
public final class Likeness {
    /** Longest name worth comparing: the longest of a resource has 255 characters. */
    private static final int MAX_COMPARED = 255;

    private Likeness() {}

    /**
     * Returns the known name that differs in case alone, or in no more than a third of its letters; of several the nearest,
     * and of these the first. Null when there is none.
     */
    public static @Nullable String nearest(String name, Collection<String> known) {
        if (requireNonNull(name, "name").length() > MAX_COMPARED) {
            return null;
        }
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

    /**
     * Returns the Damerau-Levenshtein distance in its restricted form ("optimal string alignment"): insertions, deletions,
     * substitutions and swaps of neighbours, each counted once. Damerau, A technique for computer detection and correction
     * of spelling errors (1964): these four are what people mistype.
     */
    public static int distance(String a, String b) {
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
