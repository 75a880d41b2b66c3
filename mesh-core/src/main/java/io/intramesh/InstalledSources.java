package io.intramesh;

import io.intramesh.registry.EndpointSource;
import io.intramesh.registry.EndpointSourceFactory;
import io.intramesh.registry.EndpointSourceFactory.Settings;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.ServiceConfigurationError;
import org.jspecify.annotations.Nullable;

/** The sources of endpoints that jars beside this one bring along. */
final class InstalledSources {
    private static final String PREFIX = "intramesh.";

    private InstalledSources() {}

    /**
     * Adds what the factories make, in their order, behind the sources that are there; what has the name of one of those is
     * passed over. Adds what is wrong to the problems. Closes nothing that it adds.
     */
    static void add(
            List<EndpointSource> sources,
            Iterable<EndpointSourceFactory> factories,
            Settings settings,
            List<String> problems) {
        Iterator<EndpointSourceFactory> each = factories.iterator();
        while (true) {
            EndpointSourceFactory factory;
            try {
                if (!each.hasNext()) {
                    return;
                }
                factory = each.next();
            } catch (ServiceConfigurationError e) {
                problems.add("installed source of endpoints: " + e.getMessage()
                        + "; mend or remove that jar, or switch installed sources off");
                return; // What the loader does after an error is not defined enough to go on.
            }
            try {
                add(sources, factory.create(settings));
            } catch (RuntimeException e) {
                problems.add(
                        "installed source of endpoints " + factory.getClass().getName() + ": "
                                + (e.getMessage() == null ? e.toString() : e.getMessage()));
            }
        }
    }

    private static void add(List<EndpointSource> sources, @Nullable EndpointSource source) {
        if (source == null) {
            return;
        }
        String name = source.toString();
        if (sources.stream().anyMatch(added -> added.toString().equals(name))) {
            source.close();
        } else {
            sources.add(source);
        }
    }

    /** Returns settings of the process: system properties, then environment variables. */
    static Settings ofProcess() {
        return of(System.getProperties(), System.getenv());
    }

    static Settings of(Properties properties, Map<String, String> environment) {
        return new Settings() {
            @Override
            public @Nullable String value(String name) {
                String property = properties.getProperty(PREFIX + name);
                return property != null ? property : environment.get(variable(name));
            }
        };
    }

    /** Returns {@code INTRAMESH_DISCOVERY_CLOUDMAP_REGION} for {@code discovery.cloud-map.region}, as Spring Boot names it. */
    private static String variable(String name) {
        return (PREFIX + name).replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
    }
}
