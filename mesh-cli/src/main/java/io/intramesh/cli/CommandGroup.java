package io.intramesh.cli;

import java.util.List;

/** A command that does nothing by itself and holds others: {@code mesh ca issue}. */
interface CommandGroup {
    /** Returns the commands below it, each an annotated object. */
    List<Object> members();
}
