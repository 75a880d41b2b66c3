package io.intramesh.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Invariants that several records share. Messages have the form {@code field: value (expected: …)}. */
final class Checks {
    private Checks() {}

    static int range(String field, int value, int min, int max) {
        range(field, (long) value, min, max);
        return value;
    }

    static long range(String field, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(field + ": " + value + " (expected: " + min + " to " + max + ")");
        }
        return value;
    }

    static @Nullable Integer port(String field, @Nullable Integer value) {
        if (value != null) {
            range(field, value, 1, PortMapping.MAX_PORT);
        }
        return value;
    }

    static String length(String field, String value, int min, int max) {
        if (value.length() < min || value.length() > max) {
            throw new IllegalArgumentException(
                    field + ": " + value.length() + " characters (expected: " + min + " to " + max + ")");
        }
        return value;
    }

    static <T> List<T> size(String field, List<T> values, int min, int max) {
        if (values.size() < min || values.size() > max) {
            throw new IllegalArgumentException(
                    field + ": " + values.size() + " entries (expected: " + min + " to " + max + ")");
        }
        return List.copyOf(values);
    }

    static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
