package io.intramesh.internal.document;

/** Says that a value of a template cannot be told, and why. What uses the value is refused; the rest goes on. */
final class Unresolved extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Mark mark;

    Unresolved(Mark mark, String message) {
        super(message, null, false, false);
        this.mark = mark;
    }

    Mark mark() {
        return mark;
    }

    String problem() {
        return String.valueOf(getMessage());
    }

    /** Returns the same refusal at the place that asked for the value. */
    Unresolved at(Mark use) {
        return new Unresolved(use, problem());
    }

    /** Returns the same refusal, told of something on the way from the place that asked. */
    Unresolved within(Mark use, String what) {
        return new Unresolved(use, problem().startsWith(what) ? problem() : what + ": " + problem());
    }
}
