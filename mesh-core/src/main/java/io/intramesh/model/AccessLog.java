package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where and how a node or gateway writes its access log.
 *
 * @param format null means Envoy's default line
 */
public record AccessLog(String path, @Nullable Format format) {
    public AccessLog {
        Checks.length("path", path, 1, 255);
    }

    /** Shape of an entry. */
    public sealed interface Format {
        /** A line with operators; it ends where it says so ({@code \n}). */
        record Text(String pattern) implements Format {
            public Text {
                Checks.length("text", pattern, 1, 1000);
            }
        }

        /** One JSON object per entry, members in this order. */
        record Json(List<Entry> entries) implements Format {
            public Json {
                entries = List.copyOf(entries);
            }
        }
    }

    /** A member of a JSON entry. */
    public record Entry(String key, String value) {
        public Entry {
            Checks.length("key", requireNonNull(key, "key"), 1, 100);
            Checks.length("value", requireNonNull(value, "value"), 1, 100);
        }
    }
}
