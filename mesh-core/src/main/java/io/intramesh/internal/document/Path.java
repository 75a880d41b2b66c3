package io.intramesh.internal.document;

import org.jspecify.annotations.Nullable;

/**
 * The way to a field, spelled out only when a problem names it.
 *
 * @param spelling of the members below
 */
record Path(@Nullable Path parent, @Nullable String member, int index, Spelling spelling) {
    static final Path ROOT = new Path(null, null, 0, Spelling.API);

    Path member(String name) {
        return new Path(this, name, 0, spelling);
    }

    Path item(int itemIndex) {
        return new Path(this, null, itemIndex, spelling);
    }

    /** Returns the same path, the members below which are written that way. */
    Path spelled(Spelling below) {
        return new Path(parent, member, index, below);
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
        String name = Words.shorten(parent.spelling.of(member));
        return before.isEmpty() ? name : before + "." + name;
    }
}
