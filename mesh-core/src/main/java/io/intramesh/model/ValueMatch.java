package io.intramesh.model;

/** Condition on the value of a header or of gRPC metadata. Case counts. */
public sealed interface ValueMatch {
    int MAX_LENGTH = 255;

    /** The value equals this string. */
    record Exact(String value) implements ValueMatch {
        public Exact {
            Checks.length("exact", value, 1, MAX_LENGTH);
        }
    }

    /** The value starts with this string. */
    record Prefix(String value) implements ValueMatch {
        public Prefix {
            Checks.length("prefix", value, 1, MAX_LENGTH);
        }
    }

    /** The value ends with this string. */
    record Suffix(String value) implements ValueMatch {
        public Suffix {
            Checks.length("suffix", value, 1, MAX_LENGTH);
        }
    }

    /** The whole value matches this RE2 expression. */
    record Regex(String pattern) implements ValueMatch {
        public Regex {
            Checks.length("regex", pattern, 1, MAX_LENGTH);
        }
    }

    /** The value is a base-10 integer with {@code start <= value < end}. */
    record Range(long start, long end) implements ValueMatch {
        public Range {
            Checks.require(start < end, "range: start " + start + " (expected: less than end " + end + ")");
        }
    }
}
