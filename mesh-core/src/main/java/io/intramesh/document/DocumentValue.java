package io.intramesh.document;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A value of a document with its place, for documents that are no resources. Immutable. */
public sealed interface DocumentValue {

    /** Returns where the value begins. */
    Origin origin();

    /**
     * A single value: text, number, boolean or null, as it is written.
     *
     * @param text without quotes, with escapes resolved and folded lines joined; empty for null
     * @param isNull whether null or nothing is written
     * @param runs where the text stands in its file, by rising offset; empty where that cannot be told, for example
     *     because a placeholder was filled
     */
    record Text(Origin origin, String text, boolean isNull, List<Run> runs) implements DocumentValue {
        public Text {
            requireNonNull(origin, "origin");
            requireNonNull(text, "text");
            runs = List.copyOf(runs);
        }

        /** Returns a text that stands in one line, without quotes. */
        public static Text of(Origin origin, String text) {
            return new Text(origin, text, false, List.of(new Run(0, origin)));
        }

        /** Returns the place of the character at an offset, which may be the length; else the nearest place known. */
        public Origin at(int offset) {
            Run last = null;
            for (Run run : runs) {
                if (run.start() <= offset) {
                    last = run;
                }
            }
            return last == null
                    ? origin
                    : new Origin(
                            last.origin().file(),
                            last.origin().line(),
                            last.origin().column() + offset - last.start());
        }
    }

    /**
     * A stretch of a text that stands in one piece in its file.
     *
     * @param start offset in the text
     * @param origin place of that character
     */
    record Run(int start, Origin origin) {
        public Run {
            requireNonNull(origin, "origin");
        }
    }

    /** A list. */
    record Items(Origin origin, List<DocumentValue> values) implements DocumentValue {
        public Items {
            requireNonNull(origin, "origin");
            values = List.copyOf(values);
        }
    }

    /** A mapping, in order of writing, each key once. */
    record Members(Origin origin, List<Member> members) implements DocumentValue {
        public Members {
            requireNonNull(origin, "origin");
            members = List.copyOf(members);
        }

        /** Returns the value under that key; null where there is none. */
        public @Nullable DocumentValue value(String key) {
            for (Member member : members) {
                if (member.key().text().equals(key)) {
                    return member.value();
                }
            }
            return null;
        }
    }

    /** A key and its value. */
    record Member(Text key, DocumentValue value) {
        public Member {
            requireNonNull(key, "key");
            requireNonNull(value, "value");
        }
    }
}
