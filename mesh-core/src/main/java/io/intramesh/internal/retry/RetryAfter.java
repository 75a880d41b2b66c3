package io.intramesh.internal.retry;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads what a peer says about when to come again: {@code Retry-After} (RFC 9110, 10.2.3) and gRPC's push-back (gRFC A6). */
public final class RetryAfter {
    public static final String HEADER = "Retry-After";

    /** Milliseconds; negative for never. */
    public static final String PUSHBACK_HEADER = "grpc-retry-pushback-ms";

    /** Nothing usable is said. */
    public static final long UNSAID = -1;

    /** Not to be tried again in any time that a call has. */
    public static final long NEVER = Long.MAX_VALUE;

    private static final int MAX_DIGITS = 10;

    private RetryAfter() {}

    /**
     * Returns the nanoseconds to wait from now, {@link #UNSAID}, or {@link #NEVER}. What is unreadable counts as unsaid.
     *
     * @param now the time of day, for dates
     */
    public static long pauseNanos(@Nullable String retryAfter, @Nullable String pushback, Instant now) {
        if (pushback != null) {
            return pushback(pushback.trim());
        }
        if (retryAfter == null || retryAfter.isEmpty()) {
            return UNSAID;
        }
        String text = retryAfter.trim();
        if (isNumber(text)) {
            return Duration.ofSeconds(Long.parseLong(text)).toNanos();
        }
        Instant date = date(text);
        if (date == null) {
            return UNSAID;
        }
        Duration wait = Duration.between(now, date);
        return wait.isNegative() ? 0 : wait.toSeconds() > Integer.MAX_VALUE ? NEVER : wait.toNanos();
    }

    /** What is unreadable means never, says gRFC A6. */
    private static long pushback(String text) {
        return isNumber(text) ? Duration.ofMillis(Long.parseLong(text)).toNanos() : NEVER;
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty()
                && text.length() < MAX_DIGITS
                && text.chars().allMatch(digit -> digit >= '0' && digit <= '9');
    }

    private static @Nullable Instant date(String text) {
        for (DateTimeFormatter form : Dates.FORMS) {
            try {
                TemporalAccessor parsed = form.parseBest(text, ZonedDateTime::from, LocalDateTime::from);
                return parsed instanceof LocalDateTime local ? local.toInstant(ZoneOffset.UTC) : Instant.from(parsed);
            } catch (DateTimeException notThis) {
                // Then perhaps the next.
            }
        }
        return null;
    }

    /** Apart, because formatters take milliseconds to make, which the first failing call of a process would wait for. */
    private static final class Dates {
        /** The form to send first, then the two old ones that a recipient has to take (RFC 9110, 5.6.7). */
        private static final List<DateTimeFormatter> FORMS = List.of(
                DateTimeFormatter.RFC_1123_DATE_TIME,
                DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss zzz", Locale.US),
                DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US));

        private Dates() {}
    }
}
