package io.intramesh.internal.document;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A mapping (JSON: object), in order of writing, one entry per key. */
record MappingNode(Mark mark, @Nullable String tag, List<Entry> entries) implements Node {

    /** A member and the places of its key and, by its node, its value. */
    record Entry(String key, Mark keyMark, Node value) {}

    static MappingNode empty(Mark mark) {
        return new MappingNode(mark, null, List.of());
    }

    /** Returns the entry of that key, or null. Looks at one after another: mappings that anyone reads are short. */
    @Nullable
    Entry entry(String key) {
        for (Entry entry : entries) {
            if (entry.key().equals(key)) {
                return entry;
            }
        }
        return null;
    }

    /** Returns the value of that key; null where it is absent or written as null. */
    @Nullable
    Node get(String key) {
        Entry entry = entry(key);
        return entry == null || (entry.value() instanceof ScalarNode scalar && scalar.isNull()) ? null : entry.value();
    }

    /** Returns the mapping under that key; null where there is none or something else. */
    @Nullable
    MappingNode mapping(String key) {
        return get(key) instanceof MappingNode mapping ? mapping : null;
    }

    /** Returns the text under that key; null where there is none or something else. */
    @Nullable
    String text(String key) {
        return get(key) instanceof ScalarNode scalar && scalar.isText() ? scalar.text() : null;
    }

    boolean has(String key) {
        return get(key) != null;
    }

    @Override
    public String describe() {
        return "a mapping";
    }
}
