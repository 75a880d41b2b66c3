package io.intramesh.internal.outlier;

import io.intramesh.call.Endpoint;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who is out, and who was so lately, at one moment. Immutable: another object means that somebody came or went, so whoever
 * derives something from it can tell by identity whether that still holds.
 */
public final class Ejections {
    static final Ejections NONE = new Ejections(Map.of(), 0);

    private final Map<Endpoint, Standing> standings;
    private final int ejected;

    private Ejections(Map<Endpoint, Standing> standings, int ejected) {
        this.standings = standings;
        this.ejected = ejected;
    }

    /** Returns the ejection that the endpoint serves, or null. */
    public @Nullable Ejection of(Endpoint endpoint) {
        Standing standing = standings.get(endpoint);
        return standing == null ? null : standing.ejection;
    }

    /** Returns how many endpoints are out. */
    public int count() {
        return ejected;
    }

    boolean isEmpty() {
        return standings.isEmpty();
    }

    Map<Endpoint, Standing> standings() {
        return standings;
    }

    @Nullable
    Standing standing(Endpoint endpoint) {
        return standings.get(endpoint);
    }

    /** Returns these with one endpoint's standing replaced; null forgets it. */
    Ejections with(Endpoint endpoint, @Nullable Standing standing) {
        Map<Endpoint, Standing> changed = new HashMap<>(standings);
        if (standing == null) {
            changed.remove(endpoint);
        } else {
            changed.put(endpoint, standing);
        }
        return of(changed);
    }

    static Ejections of(Map<Endpoint, Standing> standings) {
        int count = 0;
        for (Standing standing : standings.values()) {
            count += standing.ejection == null ? 0 : 1;
        }
        return standings.isEmpty() ? NONE : new Ejections(Collections.unmodifiableMap(standings), count);
    }

    /**
     * How an endpoint stands.
     *
     * @param inARow ejections that count towards the length of the next one
     * @param ejection null while it is in use
     */
    record Standing(int inARow, @Nullable Ejection ejection) {}
}
