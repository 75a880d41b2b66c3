package io.intramesh.internal.drain;

import io.intramesh.call.Endpoint;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Who shuts down, at one moment. Immutable: another object means that something changed, so whoever derives something from it
 * can tell by identity whether that still holds.
 */
public final class Drains {
    static final Drains NONE = new Drains(Map.of());

    private final Map<Endpoint, Drain> known;

    private Drains(Map<Endpoint, Drain> known) {
        this.known = known;
    }

    /** Returns what the endpoint said about shutting down, or null. */
    public @Nullable Drain of(Endpoint endpoint) {
        return known.get(endpoint);
    }

    /** Tells whether nobody shuts down. */
    public boolean isEmpty() {
        return known.isEmpty();
    }

    Map<Endpoint, Drain> known() {
        return known;
    }

    Drains with(Endpoint endpoint, Drain drain) {
        Map<Endpoint, Drain> changed = new HashMap<>(known);
        changed.put(endpoint, drain);
        return new Drains(Collections.unmodifiableMap(changed));
    }

    Drains without(BiPredicate<Endpoint, Drain> gone) {
        Map<Endpoint, Drain> kept = new HashMap<>(known);
        kept.entrySet().removeIf(entry -> gone.test(entry.getKey(), entry.getValue()));
        return kept.isEmpty() ? NONE : new Drains(Collections.unmodifiableMap(kept));
    }
}
