package io.intramesh.model;

/**
 * How many requests may be under way at a time: a number, or one that follows what is observed.
 *
 * <pre>{@code
 * new Concurrency.Fixed(100)
 * new Concurrency.Gradient(10, 1000)
 * }</pre>
 */
public sealed interface Concurrency {
    /** Returns how many there may be at most, at least 1. */
    int maxRequests();

    /** Returns it in words: {@code at most 100 requests at a time}. */
    String text();

    /**
     * That many and no more.
     *
     * @param maxRequests at least 1
     */
    record Fixed(int maxRequests) implements Concurrency {
        public Fixed {
            Checks.range("maxRequests", maxRequests, 1, Integer.MAX_VALUE);
        }

        @Override
        public String text() {
            return "at most " + maxRequests + (maxRequests == 1 ? " request" : " requests") + " at a time";
        }
    }

    /**
     * As many as are answered without waiting for each other: the limit falls when answers take longer than they do without
     * load, or fail, and grows while they do not and it is used.
     *
     * @param minRequests what is let through whatever is observed, at least 1
     * @param maxRequests at least minRequests
     */
    record Gradient(int minRequests, int maxRequests) implements Concurrency {
        /** The name that documents use. */
        public static final String NAME = "gradient";

        /** Envoy's {@code min_concurrency} of its adaptive concurrency filter. */
        public static final int DEFAULT_MIN_REQUESTS = 3;

        /** Envoy's {@code max_concurrency_limit}. */
        public static final int DEFAULT_MAX_REQUESTS = 1000;

        public Gradient {
            Checks.range("minRequests", minRequests, 1, Integer.MAX_VALUE);
            Checks.range("maxRequests", maxRequests, 1, Integer.MAX_VALUE);
            Checks.require(
                    minRequests <= maxRequests,
                    "minRequests: " + minRequests + " (expected: at most maxRequests, which is " + maxRequests + ")");
        }

        @Override
        public String text() {
            return "between " + minRequests + " and " + maxRequests + " requests at a time, as latency allows";
        }
    }
}
