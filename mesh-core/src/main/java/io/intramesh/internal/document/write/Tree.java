package io.intramesh.internal.document.write;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a document says, before it is text. */
sealed interface Tree {
    /** Text of any characters. */
    record Text(String value) implements Tree {}

    /** A whole number. */
    record Whole(long value) implements Tree {}

    /** True or false. */
    record Flag(boolean value) implements Tree {}

    /** What is left empty on purpose. */
    record Nothing() implements Tree {}

    /** Items in order. */
    record Sequence(List<? extends Tree> items) implements Tree {
        public Sequence {
            items = List.copyOf(items);
        }
    }

    /**
     * Members in order, each name once.
     *
     * @param comments lines that stand above, where the form has comments and this is a document or an item
     */
    record Mapping(List<Member> members, List<String> comments) implements Tree {
        public Mapping {
            members = List.copyOf(members);
            comments = List.copyOf(comments);
        }

        Mapping withComments(List<String> lines) {
            return new Mapping(members, lines);
        }
    }

    /**
     * A member of a mapping.
     *
     * @param comment stands behind the name, where the form has comments; empty for none
     */
    record Member(String name, Tree value, String comment) {}

    static Tree text(String value) {
        return new Text(value);
    }

    static @Nullable Tree textOrNull(@Nullable String value) {
        return value == null ? null : new Text(value);
    }

    static @Nullable Tree wholeOrNull(@Nullable Integer value) {
        return value == null ? null : new Whole(value);
    }

    static <T> Sequence sequence(Collection<T> values, Function<? super T, ? extends Tree> tree) {
        return new Sequence(values.stream().map(tree).toList());
    }

    /** Returns the sequence, or null where it would be empty. */
    static <T> @Nullable Tree sequenceOrNull(Collection<T> values, Function<? super T, ? extends Tree> tree) {
        return values.isEmpty() ? null : sequence(values, tree);
    }

    static Builder mapping() {
        return new Builder();
    }

    /** Returns a mapping of one member. */
    static Mapping mapping(String name, Tree value) {
        return mapping().put(name, value).build();
    }

    /** Builds a {@link Mapping}. Members whose value is null are left out. */
    final class Builder {
        private final List<Member> members = new ArrayList<>();

        private Builder() {}

        Builder put(String name, @Nullable Tree value) {
            return put(name, value, "");
        }

        Builder put(String name, @Nullable Tree value, String comment) {
            if (value != null) {
                members.add(new Member(name, value, comment));
            }
            return this;
        }

        Builder put(String name, String value) {
            return put(name, new Text(value));
        }

        Builder put(String name, long value) {
            return put(name, new Whole(value));
        }

        Builder put(Member member) {
            members.add(member);
            return this;
        }

        Builder putAll(Mapping mapping) {
            members.addAll(mapping.members());
            return this;
        }

        Mapping build() {
            return new Mapping(members, List.of());
        }
    }
}
