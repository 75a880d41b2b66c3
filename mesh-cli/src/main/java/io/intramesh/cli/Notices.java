package io.intramesh.cli;

import io.intramesh.document.Problem;
import java.io.PrintWriter;
import java.util.List;

/** Says on standard error what of a configuration is refused, and so does not count. */
final class Notices {
    /** Enough to see what is wrong; {@code mesh validate} shows them all. */
    private static final int MAX_PROBLEMS_SHOWN = 10;

    private Notices() {}

    static void refused(Configuration configuration, String path, PrintWriter err) {
        List<Problem> errors = configuration.result().problems().stream()
                .filter(Problem::isError)
                .toList();
        errors.stream().limit(MAX_PROBLEMS_SHOWN).forEach(err::println);
        if (!errors.isEmpty()) {
            err.println("Refused and not counted here: " + errors.size() + " problem(s); see 'mesh validate " + path
                    + "'.");
        }
        if (errors.isEmpty() && configuration.result().resources().size() == 0) {
            err.println(path + ": holds no mesh resources; check the path");
        }
        err.flush();
    }
}
