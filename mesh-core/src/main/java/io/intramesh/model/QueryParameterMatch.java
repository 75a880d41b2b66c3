package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * Condition on the first query parameter of that name. Case counts.
 *
 * @param exact null asks only for presence
 */
public record QueryParameterMatch(String name, @Nullable String exact) {
    public QueryParameterMatch {
        requireNonNull(name, "name");
    }
}
