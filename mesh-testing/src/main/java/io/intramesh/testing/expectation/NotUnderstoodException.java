package io.intramesh.testing.expectation;

/** Words of an expectation that mean nothing. The message says what stands there, what was expected, and gives an example. */
final class NotUnderstoodException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int offset;

    NotUnderstoodException(int offset, String message) {
        super(message);
        this.offset = offset;
    }

    /** Returns where, in the text that was read. */
    int offset() {
        return offset;
    }

    /** Returns it as the mistake of a caller who passed that text. */
    IllegalArgumentException in(String text) {
        return new IllegalArgumentException("'" + text + "', character " + (offset + 1) + ": " + getMessage(), this);
    }
}
