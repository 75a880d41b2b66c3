package io.intramesh.internal.document;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A list (JSON: array). */
record SequenceNode(Mark mark, @Nullable String tag, List<Node> items) implements Node {
    @Override
    public String describe() {
        return "a list";
    }
}
