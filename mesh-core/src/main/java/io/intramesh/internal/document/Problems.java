package io.intramesh.internal.document;

import io.intramesh.document.Problem;
import io.intramesh.document.Problem.Severity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What is wrong or noteworthy in one document; of each severity only so much as anybody reads. Not thread-safe. */
final class Problems {
    private final String file;
    private final List<Problem> found = new ArrayList<>();
    private int errors;
    private int errorsShown;
    private int notes;

    Problems(String file) {
        this.file = file;
    }

    /** Returns a collector with the same problems, to which more can be added. */
    Problems copy() {
        Problems copy = new Problems(file);
        copy.found.addAll(found);
        copy.errors = errors;
        copy.errorsShown = errorsShown;
        copy.notes = notes;
        return copy;
    }

    /** Adds an error. Of several at one place only the first counts: the others follow from it. */
    void error(Mark mark, Path path, String message) {
        errors++;
        if (!isFull() && found.stream().noneMatch(problem -> isErrorAt(problem, mark, path))) {
            add(++errorsShown, mark, path, Severity.ERROR, message);
        }
    }

    private static boolean isErrorAt(Problem problem, Mark mark, Path path) {
        return problem.isError()
                && problem.origin().line() == mark.line()
                && problem.origin().column() == mark.column()
                && problem.path().equals(path.toString());
    }

    void note(Mark mark, Path path, String message) {
        add(++notes, mark, path, Severity.NOTE, message);
    }

    private void add(int count, Mark mark, Path path, Severity severity, String message) {
        if (count <= Bounds.MAX_PROBLEMS) {
            found.add(new Problem(mark.in(file), path.toString(), severity, message));
        } else if (count == Bounds.MAX_PROBLEMS + 1) {
            found.add(new Problem(
                    mark.in(file), "", severity, "more of the same kind follow; mend those above and read again"));
        }
    }

    /** Tells whether further errors are only counted, so that nobody need find words for them. */
    boolean isFull() {
        return errorsShown > Bounds.MAX_PROBLEMS;
    }

    boolean hasErrors() {
        return errors > 0;
    }

    int errors() {
        return errors;
    }

    List<Problem> found() {
        return Collections.unmodifiableList(found);
    }
}
