package io.intramesh.model;

import static java.util.Objects.requireNonNull;

/** Condition on the path of a request, without its query. Case counts. */
public sealed interface PathMatch {

    /** The path starts with this string; not by segments: {@code /a} also matches {@code /ab}. */
    record Prefix(String prefix) implements PathMatch {
        public Prefix {
            Checks.require(prefix.startsWith("/"), "prefix: '" + prefix + "' (expected: starts with '/')");
        }
    }

    /** The path equals this string; {@code /a} is not {@code /a/}. */
    record Exact(String path) implements PathMatch {
        public Exact {
            Checks.length("exact", path, 1, 255);
        }
    }

    /** The whole path matches this RE2 expression. */
    record Regex(String pattern) implements PathMatch {
        public Regex {
            Checks.length("regex", requireNonNull(pattern, "pattern"), 1, 255);
        }
    }
}
