package io.intramesh.internal.document;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What accompanies the binding of one spec: where problems go, and what later checks need to find again. */
final class Context {
    private final Problems problems;
    private final Function<String, @Nullable String> regexChecker;
    private final Map<String, Mark> places = new HashMap<>();
    private final Set<IdlePart> told = EnumSet.noneOf(IdlePart.class);

    Context(Problems problems, Function<String, @Nullable String> regexChecker) {
        this.problems = problems;
        this.regexChecker = regexChecker;
    }

    Problems problems() {
        return problems;
    }

    /** Returns why an expression is no RE2, or null when it is fine. */
    @Nullable
    String whyNotRegex(String expression) {
        return regexChecker.apply(expression);
    }

    /** Keeps the place of a field that a check of the whole set may have to name. */
    void keepPlace(Path path, Mark mark) {
        places.put(path.toString(), mark);
    }

    Map<String, Mark> places() {
        return places;
    }

    /** Says, once for each resource, that a part is read and not acted on. */
    void noteIdle(IdlePart part, Mark mark, Path path) {
        if (told.add(part)) {
            problems.note(mark, path, part.message());
        }
    }
}
