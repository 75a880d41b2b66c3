package io.intramesh.discovery.cloudmap;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.registry.EndpointSource;
import io.intramesh.registry.EndpointSourceFactory;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CloudMapFactoryTest {

    @Test
    void theJarAloneBringsIt() {
        assertThat(ServiceLoader.load(EndpointSourceFactory.class))
                .singleElement()
                .isInstanceOf(CloudMapFactory.class);
    }

    @Test
    void nothingNeedsToBeSetAndNothingIsStarted() {
        try (EndpointSource source = requireNonNull(new CloudMapFactory().create(name -> null))) {
            assertThat(source).hasToString("cloud-map");
            assertThat(Threads.ofTheMesh()).isEmpty();
        }
    }

    @Test
    void itCanBeSwitchedOff() {
        assertThat(new CloudMapFactory().create(Map.of("discovery.cloud-map.enabled", "false")::get))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"500ms", "7s", "2m", "PT3S"})
    void durationsAreWrittenAsInSpringBoot(String text) {
        requireNonNull(new CloudMapFactory().create(Map.of("discovery.cloud-map.timeout", text)::get))
                .close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "enabled | yes | 'yes' (expected: true or false)",
                "endpoint | localhost:4566 | 'localhost:4566' (expected: an http or https URL)",
                "endpoint | ftp://localhost | 'ftp://localhost' (expected: an http or https URL)",
                "endpoint | http:// x | 'http:// x' (expected: an http or https URL)",
                "interval | often | 'often' (expected: such as 500ms, 10s or 1m)",
                "interval | 500ms | 'PT0.5S' (expected: 1 s or more)",
                "timeout | 1ms | 'PT0.001S' (expected: 100 ms or more)",
                "health | good | 'good' (expected: healthy, healthy-or-else-all or all)",
            })
    void aWrongSettingIsNamed(String name, String value, String expected) {
        assertThatThrownBy(() -> new CloudMapFactory().create(Map.of("discovery.cloud-map." + name, value)::get))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("intramesh.discovery.cloud-map." + name + ": " + expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"healthy", "HEALTHY_OR_ELSE_ALL", "healthy-or-else-all", "all"})
    void healthIsWrittenInEitherWay(String text) {
        assertThat(CloudMapHealth.parse(text)).isNotNull();
    }
}
