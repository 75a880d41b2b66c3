package io.intramesh.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Time limits of a route or listener. Null means the default of the place ({@link #DEFAULT_PER_REQUEST},
 * {@link #DEFAULT_IDLE}), zero means no limit.
 *
 * @param perRequest limit of a whole request, from its sending to the end of the response; always null for tcp
 * @param idle longest time without a byte in either direction
 */
public record Timeouts(
        @Nullable Duration perRequest, @Nullable Duration idle) {
    /** App Mesh's default for a whole request (user guide, "listener timeouts"). */
    public static final Duration DEFAULT_PER_REQUEST = Duration.ofSeconds(15);

    /** App Mesh's default for idleness (user guide; also Envoy's stream idle timeout). */
    public static final Duration DEFAULT_IDLE = Duration.ofMinutes(5);

    /** Nothing set: every default holds. */
    public static final Timeouts DEFAULTS = new Timeouts(null, null);

    public Timeouts {
        Checks.require(perRequest == null || !perRequest.isNegative(), "perRequest: negative (expected: 0 or more)");
        Checks.require(idle == null || !idle.isNegative(), "idle: negative (expected: 0 or more)");
    }

    /** Returns the limit of a whole request with the default filled in; zero means none. */
    public Duration effectivePerRequest() {
        return perRequest == null ? DEFAULT_PER_REQUEST : perRequest;
    }

    /** Returns the idle limit with the default filled in; zero means none. */
    public Duration effectiveIdle() {
        return idle == null ? DEFAULT_IDLE : idle;
    }
}
