package io.intramesh.internal.document;

import org.jspecify.annotations.Nullable;

/** The way to a field, spelled out only when a problem names it. */
record Path(@Nullable Path parent, @Nullable String member, int index) {
    static final Path ROOT = new Path(null, null, 0);

    Path member(String name) {
        return new Path(this, name, 0);
    }

    Path item(int itemIndex) {
        return new Path(this, null, itemIndex);
    }

    @Override
    public String toString() {
        if (parent == null) {
            return "";
        }
        String before = parent.toString();
        if (member == null) {
            return before + "[" + index + "]";
        }
        String name = Words.shorten(member);
        return before.isEmpty() ? name : before + "." + name;
    }
}
