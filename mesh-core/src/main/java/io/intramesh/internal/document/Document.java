package io.intramesh.internal.document;

import java.util.List;

/**
 * One document of a file.
 *
 * @param index from 0, within the file
 * @param faults what the parser saw and could pass over, such as a key written twice; these count only where a dialect
 *     claims the document
 */
record Document(String file, int index, Node root, List<Fault> faults) {
    record Fault(Mark mark, Path path, String message) {}
}
