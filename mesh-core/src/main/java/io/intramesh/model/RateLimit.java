package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * Bounds how many requests a process of a virtual node takes in a period, and refuses what comes beyond that. Each process
 * counts for itself.
 *
 * <pre>{@code
 * new RateLimit(100, Duration.ofSeconds(1), 200, new RateLimit.Caller())
 * }</pre>
 *
 * @param requests that many in each period, on the long run; 1 to 1,000,000
 * @param per period, 1 ms to 1 day
 * @param burst that many at once after a quiet time, at least 1
 * @param by what is counted together
 */
public record RateLimit(int requests, Duration per, int burst, By by) {
    /** Largest number of requests in a period. */
    public static final int MAX_REQUESTS = 1_000_000;

    private static final Duration MAX_PER = Duration.ofDays(1);

    public RateLimit {
        Checks.range("requests", requests, 1, MAX_REQUESTS);
        Checks.range("burst", burst, 1, MAX_REQUESTS);
        Checks.require(
                per.toMillis() >= 1 && per.compareTo(MAX_PER) <= 0,
                "per: " + per.toMillis() + " ms (expected: 1 ms to 1 day)");
        requireNonNull(by, "by");
    }

    /** What is counted together. */
    public sealed interface By {
        /** Returns it in words: {@code each caller}. */
        String text();
    }

    /** All requests. */
    public record All() implements By {
        @Override
        public String text() {
            return "all callers together";
        }
    }

    /** Those of one caller, by the certificate that it proved to own; all without one together. */
    public record Caller() implements By {
        @Override
        public String text() {
            return "each caller";
        }
    }

    /** Those with one value of a header; all without it together. The caller chooses the value. */
    public record Header(String name) implements By {
        public Header {
            Checks.length("header", name, 1, 255);
        }

        @Override
        public String text() {
            return "each value of header " + name;
        }
    }
}
