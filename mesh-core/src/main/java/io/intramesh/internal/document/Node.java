package io.intramesh.internal.document;

import org.jspecify.annotations.Nullable;

/** A value of a document, with its place. Immutable, so that YAML aliases may share it. */
sealed interface Node permits MappingNode, SequenceNode, ScalarNode {
    /** Returns where the value begins. */
    Mark mark();

    /** Returns the YAML tag as written, such as {@code !Ref}; null where none is written, and in JSON. */
    @Nullable
    String tag();

    /** Returns what stands here, for messages: {@code a list}, {@code the text 'x'}. */
    String describe();
}
