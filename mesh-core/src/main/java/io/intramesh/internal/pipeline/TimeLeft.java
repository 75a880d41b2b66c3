package io.intramesh.internal.pipeline;

import io.intramesh.call.MeshContext;
import io.intramesh.call.MeshRequest;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads and writes how long a caller waits, in the two forms that travel: milliseconds, and gRPC's. */
final class TimeLeft {
    /** Nobody says how long. */
    static final long UNSAID = Long.MAX_VALUE;

    /** gRPC's form has at most so many digits; more in either form is no time that anybody waits. */
    private static final int MAX_DIGITS = 8;

    private static final long MAX_NUMBER = 99_999_999;

    private TimeLeft() {}

    /** Returns what a request that arrived says, in nanoseconds, or {@link #UNSAID}; of both forms the shorter. */
    static long of(MeshRequest request) {
        return Math.min(
                millis(request.firstHeader(MeshContext.TIME_LEFT_HEADER)),
                grpc(request.firstHeader(MeshContext.GRPC_TIMEOUT_HEADER)));
    }

    /** Reads milliseconds; what is unreadable is unsaid. */
    static long millis(@Nullable String text) {
        long number = text == null ? -1 : number(text, text.length());
        return number < 0 ? UNSAID : TimeUnit.MILLISECONDS.toNanos(number);
    }

    /** Reads gRPC's form: digits and a unit. */
    static long grpc(@Nullable String text) {
        if (text == null || text.length() < 2) {
            return UNSAID;
        }
        long number = number(text, text.length() - 1);
        if (number < 0) {
            return UNSAID;
        }
        return switch (text.charAt(text.length() - 1)) {
            case 'H' -> TimeUnit.HOURS.toNanos(number);
            case 'M' -> TimeUnit.MINUTES.toNanos(number);
            case 'S' -> TimeUnit.SECONDS.toNanos(number);
            case 'm' -> TimeUnit.MILLISECONDS.toNanos(number);
            case 'u' -> TimeUnit.MICROSECONDS.toNanos(number);
            case 'n' -> number;
            default -> UNSAID;
        };
    }

    /** Writes milliseconds: rounded down, since the peer should end before the caller; at least one, since time is left. */
    static String toMillis(long nanos) {
        return Long.toString(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)));
    }

    /** Writes gRPC's form in the finest unit that has room. */
    static String toGrpc(long nanos) {
        long micros = Math.max(1, TimeUnit.NANOSECONDS.toMicros(nanos));
        if (micros <= MAX_NUMBER) {
            return micros + "u";
        }
        long millis = TimeUnit.MICROSECONDS.toMillis(micros);
        return millis <= MAX_NUMBER
                ? millis + "m"
                : Math.min(MAX_NUMBER, TimeUnit.MILLISECONDS.toSeconds(millis)) + "S";
    }

    private static long number(String text, int length) {
        if (length == 0 || length > MAX_DIGITS) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < length; i++) {
            char digit = text.charAt(i);
            if (digit < '0' || digit > '9') {
                return -1;
            }
            number = number * 10 + (digit - '0');
        }
        return number;
    }
}
