package io.intramesh.testing.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.NullMarked;

/**
 * Names as {@code InetAddress} knows them: an answer is kept for 30 s and a failure for 10 s (the JDK's defaults of
 * {@code networkaddress.cache.ttl} and {@code networkaddress.cache.negative.ttl}), in the order in which it came. DNS servers
 * turn that order round with every answer.
 */
@NullMarked
final class JvmNames {
    private static final long POSITIVE_NANOS = Duration.ofSeconds(30).toNanos();
    private static final long NEGATIVE_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long ORDER = 20;

    private final Network network;
    private final RandomGenerator chance;
    private List<Integer> known = List.of();
    private long validUntilNanos;
    private boolean hasAsked;

    JvmNames(Network network) {
        this.network = network;
        this.chance = network.simulation().chance(ORDER, network.caller());
    }

    /** Returns the addresses in order; empty where the host is unknown. */
    List<Integer> lookUp() {
        long now = network.simulation().nowNanos();
        if (now >= validUntilNanos) {
            List<Integer> answer = network.names().answer();
            known = answer == null ? List.of() : turned(answer);
            validUntilNanos = now + (known.isEmpty() ? NEGATIVE_NANOS : POSITIVE_NANOS);
        }
        return known;
    }

    private List<Integer> turned(List<Integer> answer) {
        List<Integer> order = new ArrayList<>(answer);
        if (!answer.isEmpty()) {
            // The first answers to several callers are spread evenly; chance would do that for many callers only.
            Collections.rotate(order, -(hasAsked ? chance.nextInt(answer.size()) : network.caller() % answer.size()));
        }
        hasAsked = true;
        return order;
    }
}
