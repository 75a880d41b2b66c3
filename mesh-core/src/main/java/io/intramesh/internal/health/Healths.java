package io.intramesh.internal.health;

import io.intramesh.call.Endpoint;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known of the endpoints' health at one moment. Immutable: another object means that something changed. */
public final class Healths {
    /** Nobody is checked, so everybody may be used. */
    public static final Healths NOT_CHECKED = new Healths(Map.of());

    private final Map<Endpoint, Health> known;

    Healths(Map<Endpoint, Health> known) {
        this.known = Map.copyOf(known);
    }

    /** Tells whether checks run at all. */
    public boolean areChecked() {
        return this != NOT_CHECKED;
    }

    /** Tells whether the endpoint may be used as far as checks say. */
    public boolean isHealthy(Endpoint endpoint) {
        return this == NOT_CHECKED || get(endpoint).isHealthy;
    }

    /** Tells whether no check of the endpoint has been answered yet. */
    public boolean isPending(Endpoint endpoint) {
        return this != NOT_CHECKED && get(endpoint).isPending;
    }

    /** Returns why the endpoint is not used, or null. */
    public @Nullable String reason(Endpoint endpoint) {
        return isHealthy(endpoint) ? null : get(endpoint).reason;
    }

    /** An endpoint that discovery has just found is not in the map yet. */
    private Health get(Endpoint endpoint) {
        return known.getOrDefault(endpoint, Health.PENDING);
    }

    /** What is known of one endpoint. */
    record Health(boolean isHealthy, boolean isPending, String reason) {
        static final Health PENDING = new Health(false, true, "first health check not answered yet");
        static final Health HEALTHY = new Health(true, false, "");

        static Health unhealthy(String reason) {
            return new Health(false, false, reason);
        }
    }
}
