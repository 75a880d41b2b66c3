package io.intramesh.internal.route;

import io.intramesh.model.Listener;
import io.intramesh.model.Protocol;
import io.intramesh.model.Timeouts;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Time limits of one place, or of several together, in nanoseconds. {@link #NONE} stands for no limit, so that the smaller
 * one is the one that holds.
 */
record Limits(long perRequestNanos, long idleNanos) {
    /** No limit. */
    static final long NONE = Long.MAX_VALUE;

    static final Limits UNLIMITED = new Limits(NONE, NONE);

    /** Longest limit that is kept, 292 years; what is longer limits nothing. */
    private static final Duration LONGEST = Duration.ofNanos(NONE);

    /** Returns the limits of a route or listener, with App Mesh's defaults. TCP knows no limit of a whole request. */
    static Limits of(@Nullable Timeouts timeouts, @Nullable Protocol protocol) {
        Timeouts given = timeouts == null ? Timeouts.DEFAULTS : timeouts;
        return new Limits(
                protocol == Protocol.TCP ? NONE : nanos(given.effectivePerRequest()), nanos(given.effectiveIdle()));
    }

    static Limits of(Listener listener) {
        return of(listener.timeout(), listener.protocol());
    }

    /**
     * Returns what a caller's own listeners limit its calls to: the timeouts of a node are the defaults of what leaves it too.
     * Where a node has several listeners, App Mesh does not say which of them a call belongs to; the longest limit holds, for
     * no other is certain to apply. Listeners of http, http2 and grpc count for each other; tcp stands by itself.
     */
    static Limits ofCaller(List<Listener> listeners, boolean tcp) {
        long perRequest = 0;
        long idle = 0;
        boolean any = false;
        for (Listener listener : listeners) {
            if ((listener.protocol() == Protocol.TCP) == tcp) {
                Limits own = of(listener);
                perRequest = Math.max(perRequest, own.perRequestNanos);
                idle = Math.max(idle, own.idleNanos);
                any = true;
            }
        }
        return any ? new Limits(perRequest, idle) : UNLIMITED;
    }

    /** Returns the smaller limit of each kind. */
    Limits and(Limits other) {
        return new Limits(Math.min(perRequestNanos, other.perRequestNanos), Math.min(idleNanos, other.idleNanos));
    }

    static long nanos(Duration limit) {
        return limit.isZero() || limit.compareTo(LONGEST) >= 0 ? NONE : limit.toNanos();
    }
}
