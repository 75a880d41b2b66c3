package io.intramesh.discovery.cloudmap;

import io.intramesh.registry.EndpointSource;
import io.intramesh.registry.EndpointSourceFactory;
import java.net.URI;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Brings Cloud Map to every mesh of the process without code. Settings, each with the prefix
 * {@code intramesh.discovery.cloud-map.}: {@code enabled} (default true), {@code region}, {@code endpoint}, {@code interval}
 * (10s), {@code timeout} (5s), {@code health} (healthy).
 */
public final class CloudMapFactory implements EndpointSourceFactory {
    private static final String PREFIX = "discovery.cloud-map.";
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m)");

    /** For {@link java.util.ServiceLoader}. */
    public CloudMapFactory() {}

    @Override
    public @Nullable EndpointSource create(Settings settings) {
        if (!isEnabled(settings)) {
            return null;
        }
        CloudMapEndpointSource.Builder source = CloudMapEndpointSource.builder();
        read(settings, "region", text -> source.region(text));
        read(settings, "endpoint", text -> source.endpoint(uri(text)));
        read(settings, "interval", text -> source.interval(duration(text)));
        read(settings, "timeout", text -> source.timeout(duration(text)));
        read(settings, "health", text -> source.health(CloudMapHealth.parse(text)));
        return source.build();
    }

    private static boolean isEnabled(Settings settings) {
        boolean[] enabled = {true};
        read(settings, "enabled", text -> {
            if (!text.equals("true") && !text.equals("false")) {
                throw new IllegalArgumentException("'" + text + "' (expected: true or false)");
            }
            enabled[0] = text.equals("true");
            return enabled;
        });
        return enabled[0];
    }

    private static void read(Settings settings, String name, Function<String, Object> taker) {
        String text = settings.value(PREFIX + name);
        if (text == null || text.isBlank()) {
            return;
        }
        try {
            Object unused = taker.apply(text.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("intramesh." + PREFIX + name + ": " + e.getMessage(), e);
        }
    }

    private static URI uri(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "' (expected: an http or https URL)", e);
        }
    }

    /** Reads {@code 500ms}, {@code 10s}, {@code 1m} and ISO 8601, which is what Spring Boot reads as well. */
    private static Duration duration(String text) {
        Matcher simple = DURATION.matcher(text.toLowerCase(Locale.ROOT));
        if (simple.matches()) {
            long count = Long.parseLong(simple.group(1));
            return switch (simple.group(2)) {
                case "ms" -> Duration.ofMillis(count);
                case "s" -> Duration.ofSeconds(count);
                default -> Duration.ofMinutes(count);
            };
        }
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("'" + text + "' (expected: such as 500ms, 10s or 1m)", e);
        }
    }
}
