package io.intramesh.model;

import org.jspecify.annotations.Nullable;

/**
 * Condition on a header or on gRPC metadata.
 *
 * @param name 1 to 50 characters; case does not count
 * @param match null asks only for presence
 * @param invert turns presence into absence, and a value match into "present, and does not match"
 */
public record HeaderMatch(String name, @Nullable ValueMatch match, boolean invert) {
    public static final int MAX_NAME_LENGTH = 50;

    public HeaderMatch {
        Checks.length("name", name, 1, MAX_NAME_LENGTH);
    }
}
