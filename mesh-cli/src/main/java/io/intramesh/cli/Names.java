package io.intramesh.cli;

import io.intramesh.document.Likeness;
import java.util.Collection;
import java.util.List;

/** Says which names there are. */
final class Names {
    private static final int MAX_LISTED = 50;

    private Names() {}

    /** Says which names there are: the one that was meant, if one is near, and all of them as far as they can be read. */
    static String known(String name, Collection<String> known) {
        if (known.isEmpty()) {
            return "there are none";
        }
        String meant = Likeness.nearest(name, known);
        List<String> sorted = known.stream().distinct().sorted().toList();
        String list = String.join(", ", sorted.subList(0, Math.min(sorted.size(), MAX_LISTED)));
        int more = sorted.size() - MAX_LISTED;
        return (meant == null ? "" : "did you mean '" + meant + "'? ") + "There are: " + list
                + (more > 0 ? " and " + more + " more" : "");
    }
}
