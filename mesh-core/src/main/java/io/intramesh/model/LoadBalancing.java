package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How one of a virtual node's endpoints is picked.
 *
 * <pre>{@code
 * LoadBalancing.LEAST_REQUEST
 * LoadBalancing.of(new LoadBalancing.ConsistentHash(new LoadBalancing.HashKey.Header("x-user"), 125))
 * }</pre>
 *
 * @param prefersOwnZone whether endpoints of the caller's own zone come first; without effect where a zone is unknown
 * @param slowStart how long an endpoint that is new takes to its full share, more than 0; null gives it at once
 */
public record LoadBalancing(
        Algorithm algorithm,
        boolean prefersOwnZone,
        @Nullable Duration slowStart) {
    /** Each in turn; what App Mesh did, and the default. */
    public static final LoadBalancing ROUND_ROBIN = of(new RoundRobin());

    /** Of two picked at random, the one with fewer requests under way. */
    public static final LoadBalancing LEAST_REQUEST = of(new LeastRequest());

    public LoadBalancing {
        requireNonNull(algorithm, "algorithm");
        Checks.require(
                slowStart == null || slowStart.compareTo(Duration.ZERO) > 0, "slowStart: 0 (expected: more than 0)");
    }

    /** Returns that algorithm over all endpoints, new ones included. */
    public static LoadBalancing of(Algorithm algorithm) {
        return new LoadBalancing(algorithm, false, null);
    }

    /** Tells whether the name of the algorithm says all. */
    public boolean isPlain() {
        return !prefersOwnZone && slowStart == null && algorithm.isPlain();
    }

    /** Returns it in words, for people; where the algorithm's name says all, that name. */
    public String text() {
        return algorithm.text()
                + (prefersOwnZone ? ", own zone first" : "")
                + (slowStart == null ? "" : ", slow start over " + words(slowStart));
    }

    private static String words(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }

    /** How one of several endpoints is picked. */
    public sealed interface Algorithm {
        /** Returns the name that documents use. */
        String name();

        /** Returns the name and what else is set, for people. */
        default String text() {
            return name();
        }

        /** Tells whether its name says all. */
        default boolean isPlain() {
            return true;
        }
    }

    /** Each in turn. */
    public record RoundRobin() implements Algorithm {
        /** Name in documents. */
        public static final String NAME = "round-robin";

        @Override
        public String name() {
            return NAME;
        }
    }

    /** Of two picked at random, the one with fewer requests under way. */
    public record LeastRequest() implements Algorithm {
        /** Name in documents. */
        public static final String NAME = "least-request";

        @Override
        public String name() {
            return NAME;
        }
    }

    /**
     * Of two picked at random, the one whose answers took less time lately, by the requests under way there; failures count as
     * long times.
     *
     * @param decay time in which what was measured loses its weight, to a share of 1/e; more than 0
     */
    public record PeakEwma(Duration decay) implements Algorithm {
        /** Name in documents. */
        public static final String NAME = "peak-ewma";

        /** Finagle's and Linkerd's. */
        public static final Duration DEFAULT_DECAY = Duration.ofSeconds(10);

        public PeakEwma {
            Checks.require(decay.compareTo(Duration.ZERO) > 0, "decay: 0 (expected: more than 0)");
        }

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public String text() {
            return NAME + (isPlain() ? "" : " with a decay of " + words(decay));
        }

        @Override
        public boolean isPlain() {
            return decay.equals(DEFAULT_DECAY);
        }
    }

    /**
     * The same key goes to the same endpoint, from every caller and whatever other endpoints come and go, unless that endpoint
     * has too much to do.
     *
     * @param key requests without it are spread as by {@link LeastRequest}
     * @param maxLoad most requests under way at an endpoint, in percent of the mean of all that may be used; 101 to 10000
     */
    public record ConsistentHash(HashKey key, int maxLoad) implements Algorithm {
        /** Name in documents. */
        public static final String NAME = "consistent-hash";

        /** Vimeo's 1.25, from which Google's bounded loads came into HAProxy; HAProxy advises 125 to 200. */
        public static final int DEFAULT_MAX_LOAD = 125;

        public ConsistentHash {
            requireNonNull(key, "key");
            Checks.range("maxLoad", maxLoad, 101, 10_000);
        }

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public String text() {
            return NAME + " on " + key.text() + ", at most " + maxLoad + " % of the mean load";
        }

        @Override
        public boolean isPlain() {
            return false;
        }
    }

    /** What of a request decides where it goes. */
    public sealed interface HashKey {
        /** Returns it in words. */
        String text();

        /** A request header; several lines of it count together. */
        record Header(String name) implements HashKey {
            public Header {
                Checks.length("header", name, 1, 255);
            }

            @Override
            public String text() {
                return "header " + name;
            }
        }

        /** A cookie of the request. */
        record Cookie(String name) implements HashKey {
            public Cookie {
                Checks.length("cookie", name, 1, 255);
            }

            @Override
            public String text() {
                return "cookie " + name;
            }
        }

        /** The calling process, so that each keeps to its own endpoint. */
        record Source() implements HashKey {
            @Override
            public String text() {
                return "source";
            }
        }
    }
}
