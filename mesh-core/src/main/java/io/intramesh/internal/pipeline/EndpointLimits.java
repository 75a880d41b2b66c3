package io.intramesh.internal.pipeline;

import io.intramesh.call.Endpoint;
import io.intramesh.internal.limit.RequestLimit;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.Concurrency;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * The bounds that one policy sets to what this process has under way at each endpoint of a listener; made when an endpoint is
 * first called. Outlives snapshots: other settings move the bounds and forget no request that is under way. Safe for use by
 * several threads.
 */
final class EndpointLimits {
    private final NanoClock clock;
    private final RandomGenerator chance;
    private final EndpointEvents events;
    private final Function<Endpoint, RequestLimit> factory = this::limit;

    // Written by the mesh thread, read by all.
    private volatile Concurrency settings;

    EndpointLimits(Concurrency settings, NanoClock clock, RandomGenerator chance, EndpointEvents events) {
        this.settings = settings;
        this.clock = clock;
        this.chance = chance;
        this.events = events;
    }

    /** Takes other settings, for those endpoints and for whatever comes. On the mesh thread. */
    void configure(Concurrency newSettings, List<Endpoint> endpoints) {
        if (!newSettings.equals(settings)) {
            settings = newSettings;
            endpoints.forEach(endpoint -> of(endpoint).configure(newSettings));
        }
    }

    RequestLimit of(Endpoint endpoint) {
        return endpoint.attachment(this, factory);
    }

    /** Tells whether the endpoint can take one more. */
    boolean hasRoom(Endpoint endpoint) {
        return of(endpoint).hasRoom();
    }

    /** Notes that an endpoint had no place for a call. */
    void noRoom(Endpoint endpoint) {
        RequestLimit limit = of(endpoint);
        if (limit.isTimeToTell()) {
            events.limitReached(endpoint, limit.describe());
        }
    }

    /** Returns why calls are refused, for a message. */
    String describe(List<Endpoint> endpoints) {
        Endpoint first = endpoints.get(0);
        return endpoints.size() == 1
                ? "its endpoint " + first + " can take no more: " + of(first).describe()
                : "none of its " + endpoints.size() + " endpoints can take more, such as " + first + ": "
                        + of(first).describe();
    }

    private RequestLimit limit(Endpoint unused) {
        return new RequestLimit(settings, clock, chance);
    }
}
