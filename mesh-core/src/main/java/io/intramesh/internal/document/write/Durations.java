package io.intramesh.internal.document.write;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Durations as documents write them, exact or not at all. */
final class Durations {
    /** Most digits that a text such as {@code 250ms} may have. */
    private static final long MAX_TEXT_VALUE = 999_999_999;

    private Durations() {}

    /** Returns {@code {unit, value}}; null for null. */
    static @Nullable Tree unitAndValueOrNull(@Nullable Duration duration) {
        return duration == null ? null : unitAndValue(duration);
    }

    /**
     * Returns {@code {unit, value}}, in whole seconds where it can be.
     *
     * @throws IllegalArgumentException where documents cannot say it: no whole milliseconds, or too many of them
     */
    static Tree unitAndValue(Duration duration) {
        long millis = millis(duration);
        boolean seconds = millis % 1000 == 0;
        long value = seconds ? millis / 1000 : millis;
        if (value > Integer.MAX_VALUE) {
            throw unwritable(duration);
        }
        return Tree.mapping()
                .put("unit", seconds ? "s" : "ms")
                .put("value", value)
                .build();
    }

    /** Returns a text such as {@code 250ms} or {@code 5m}, as our own kinds have it; the other form where it is too long. */
    static Tree text(Duration duration) {
        long millis = millis(duration);
        long seconds = millis / 1000;
        if (millis % 1000 != 0) {
            return millis > MAX_TEXT_VALUE ? unitAndValue(duration) : Tree.text(millis + "ms");
        }
        if (seconds > MAX_TEXT_VALUE) {
            return unitAndValue(duration);
        }
        if (seconds % 3600 == 0 && seconds > 0) {
            return Tree.text(seconds / 3600 + "h");
        }
        return Tree.text(seconds % 60 == 0 && seconds > 0 ? seconds / 60 + "m" : seconds + "s");
    }

    static long millis(Duration duration) {
        if (duration.isNegative() || duration.toNanosPart() % 1_000_000 != 0 || duration.toDays() > 36_500) {
            throw unwritable(duration);
        }
        return duration.toMillis();
    }

    private static IllegalArgumentException unwritable(Duration duration) {
        return new IllegalArgumentException(duration + " cannot be written (expected: whole milliseconds, at most "
                + Integer.MAX_VALUE + " of them or as many seconds)");
    }
}
