package io.intramesh.cli;

/** Input that cannot be understood. The message says what is wrong, where, and how to mend it; it is all that people see. */
final class BadInputException extends Exception {
    private static final long serialVersionUID = 1L;

    BadInputException(String message) {
        super(message);
    }

    BadInputException(String message, Throwable cause) {
        super(message, cause);
    }
}
