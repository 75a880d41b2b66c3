package io.intramesh.testing.expectation;

import io.intramesh.document.DocumentValue;
import io.intramesh.document.Origin;

/** A value of a document that is no expectation, with its place. */
final class MisreadException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Origin origin;

    MisreadException(Origin origin, String message) {
        super(message);
        this.origin = origin;
    }

    static MisreadException at(DocumentValue.Text text, NotUnderstoodException cause) {
        return new MisreadException(text.at(cause.offset()), String.valueOf(cause.getMessage()));
    }

    Origin origin() {
        return origin;
    }
}
