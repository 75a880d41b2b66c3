package io.intramesh.internal.document;

/** Says that a file is no text, no YAML, no JSON, or larger than we care to read. Nothing in it counts. */
final class Unreadable extends Exception {
    private final Mark mark;

    Unreadable(Mark mark, String message) {
        super(message);
        this.mark = mark;
    }

    Mark mark() {
        return mark;
    }

    String problem() {
        String message = getMessage();
        return message == null ? "cannot be read" : message;
    }
}
