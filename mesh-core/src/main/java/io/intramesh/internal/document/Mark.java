package io.intramesh.internal.document;

import io.intramesh.document.Origin;

/** A place in a file whose name is known elsewhere; line and column from 1, both 0 for the file as a whole. */
record Mark(int line, int column) implements Comparable<Mark> {
    static final Mark WHOLE_FILE = new Mark(0, 0);

    Origin in(String file) {
        return new Origin(file, line, column);
    }

    @Override
    public int compareTo(Mark other) {
        return line == other.line ? Integer.compare(column, other.column) : Integer.compare(line, other.line);
    }
}
