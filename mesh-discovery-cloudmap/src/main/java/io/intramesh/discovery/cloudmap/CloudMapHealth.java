package io.intramesh.discovery.cloudmap;

import java.util.Arrays;
import java.util.Locale;
import software.amazon.awssdk.services.servicediscovery.model.HealthStatusFilter;

/**
 * Which instances count by the health that Cloud Map knows of them. Without effect where the Cloud Map service has no health
 * check: Cloud Map then returns all.
 */
public enum CloudMapHealth {
    /** Healthy ones only, as App Mesh did; none where none is. The default. */
    HEALTHY(HealthStatusFilter.HEALTHY),
    /** Healthy ones, or all where none is. */
    HEALTHY_OR_ELSE_ALL(HealthStatusFilter.HEALTHY_OR_ELSE_ALL),
    /**
     * All; unhealthy ones get calls only while too few others are left, which is what the panic threshold of a TrafficPolicy
     * says. {@code mesh explain} shows them.
     */
    ALL(HealthStatusFilter.ALL);

    private final HealthStatusFilter filter;

    CloudMapHealth(HealthStatusFilter filter) {
        this.filter = filter;
    }

    HealthStatusFilter filter() {
        return filter;
    }

    /** Reads {@code healthy}, {@code healthy-or-else-all} or {@code all}, in any case and with {@code _} as well. */
    static CloudMapHealth parse(String text) {
        return Arrays.stream(values())
                .filter(value ->
                        value.name().equals(text.toUpperCase(Locale.ROOT).replace('-', '_')))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("'" + text + "' (expected: healthy, healthy-or-else-all or all)"));
    }
}
