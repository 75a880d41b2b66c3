package io.intramesh.testing.expectation;

import io.intramesh.document.Likeness;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** Tells of a name that is not known which one was meant, or which there are. */
final class Hints {
    /** How many names a message lists where none is near. */
    private static final int MAX_LISTED = 8;

    private Hints() {}

    /** Returns {@code ; did you mean 'x'?}, or what there is. */
    static String of(String name, Collection<String> known, String plural) {
        String nearest = Likeness.nearest(name, new TreeSet<>(known));
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
}
