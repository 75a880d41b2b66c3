package io.intramesh.model;

/** Condition on the host that a caller of a gateway asked for. Case and port do not count. */
public sealed interface HostnameMatch {
    int MAX_LENGTH = 253;

    /** The host equals this name. */
    record Exact(String hostname) implements HostnameMatch {
        public Exact {
            Checks.length("exact", hostname, 1, MAX_LENGTH);
        }
    }

    /** The host ends with this string, such as {@code .example.com}. */
    record Suffix(String suffix) implements HostnameMatch {
        public Suffix {
            Checks.length("suffix", suffix, 1, MAX_LENGTH);
        }
    }
}
