package io.intramesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.model.ServiceDiscovery;
import io.intramesh.registry.EndpointSource;
import io.intramesh.registry.EndpointSourceFactory;
import io.intramesh.registry.EndpointSourceFactory.Settings;
import io.intramesh.testing.FakeEndpointSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.ServiceConfigurationError;
import org.junit.jupiter.api.Test;

final class InstalledSourcesTest {
    private static final Settings NONE = name -> null;

    private final List<EndpointSource> made = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    @Test
    void everyFactoryIsAskedAndMayDecline() {
        EndpointSource source = new NamedSource("consul");

        InstalledSources.add(made, List.of(settings -> null, settings -> source), NONE, problems);

        assertThat(made).containsExactly(source);
        assertThat(problems).isEmpty();
    }

    @Test
    void aWrongSettingIsNamedAndTheOtherSourcesAreMade() {
        EndpointSource source = new NamedSource("consul");

        InstalledSources.add(
                made,
                List.of(
                        settings -> {
                            throw new IllegalArgumentException(
                                    "intramesh.discovery.x.interval: 'often' (expected: 10s)");
                        },
                        settings -> source),
                NONE,
                problems);

        assertThat(made).containsExactly(source);
        assertThat(problems).singleElement().asString().contains("intramesh.discovery.x.interval: 'often'");
    }

    @Test
    void anInstalledSourceGivesWayToOneOfTheSameNameThatTheApplicationAdded() {
        EndpointSource own = new NamedSource("consul");
        FakeEndpointSource installed = FakeEndpointSource.create();
        made.add(own);
        made.add(FakeEndpointSource.create());

        InstalledSources.add(made, List.of(settings -> installed), NONE, problems);

        assertThat(made).hasSize(2).startsWith(own).doesNotContain(installed);
        assertThat(installed.isClosed()).isTrue();
    }

    @Test
    void aBrokenJarIsNamed() {
        Iterable<EndpointSourceFactory> broken = () -> {
            throw new ServiceConfigurationError("provider not found");
        };

        InstalledSources.add(made, new BrokenIterable(broken), NONE, problems);

        assertThat(made).isEmpty();
        assertThat(problems)
                .containsExactly("installed source of endpoints: provider not found; mend or remove that jar, or switch"
                        + " installed sources off");
    }

    @Test
    void settingsAreSystemPropertiesAndThenEnvironmentVariablesAsSpringBootNamesThem() {
        Properties properties = new Properties();
        properties.setProperty("intramesh.discovery.cloud-map.region", "eu-west-1");
        Settings settings = InstalledSources.of(
                properties,
                Map.of(
                        "INTRAMESH_DISCOVERY_CLOUDMAP_REGION", "us-east-1",
                        "INTRAMESH_DISCOVERY_CLOUDMAP_ENDPOINT", "http://localhost:1"));

        assertThat(settings.value("discovery.cloud-map.region")).isEqualTo("eu-west-1");
        assertThat(settings.value("discovery.cloud-map.endpoint")).isEqualTo("http://localhost:1");
        assertThat(settings.value("discovery.cloud-map.interval")).isNull();
    }

    /** Fails at its first element, as a {@code ServiceLoader} does over a broken jar. */
    private record BrokenIterable(Iterable<EndpointSourceFactory> broken) implements Iterable<EndpointSourceFactory> {
        @Override
        public Iterator<EndpointSourceFactory> iterator() {
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return broken.iterator().hasNext();
                }

                @Override
                public EndpointSourceFactory next() {
                    return broken.iterator().next();
                }
            };
        }
    }

    private record NamedSource(String name) implements EndpointSource {
        @Override
        public String toString() {
            return name;
        }

        @Override
        public boolean supports(ServiceDiscovery discovery) {
            return false;
        }

        @Override
        public Watch watch(Query query, Observer observer) {
            throw new IllegalStateException("nothing is supported");
        }

        @Override
        public void close() {}
    }
}
