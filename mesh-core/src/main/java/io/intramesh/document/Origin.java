package io.intramesh.document;

import static java.util.Objects.requireNonNull;

/**
 * A place in a file.
 *
 * @param line from 1; 0 where the file as a whole is meant
 * @param column from 1; 0 where the file as a whole is meant
 */
public record Origin(String file, int line, int column) {
    public Origin {
        requireNonNull(file, "file");
    }

    /** Returns {@code file:line:column}, or only the file. */
    @Override
    public String toString() {
        return line == 0 ? file : file + ":" + line + ":" + column;
    }
}
