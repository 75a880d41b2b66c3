package io.intramesh.document;

import static java.util.Objects.requireNonNull;

/**
 * Something wrong or noteworthy in a document.
 *
 * @param path of the field, such as {@code spec.httpRoute.action.weightedTargets[0].weight}; empty for the whole document
 * @param message what is wrong and, after a semicolon, how to mend it
 */
public record Problem(Origin origin, String path, Severity severity, String message) {
    public Problem {
        requireNonNull(origin, "origin");
        requireNonNull(path, "path");
        requireNonNull(severity, "severity");
        requireNonNull(message, "message");
    }

    /** Whether a problem refuses what it stands in. */
    public enum Severity {
        /** The resource (or file) is refused. */
        ERROR,
        /** The resource is taken; somebody should know. */
        NOTE
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /** Returns {@code file:line:column path: message}. */
    @Override
    public String toString() {
        return origin + (path.isEmpty() ? "" : " " + path) + ": " + message;
    }
}
