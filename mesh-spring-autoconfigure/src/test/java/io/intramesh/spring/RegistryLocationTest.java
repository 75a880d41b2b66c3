package io.intramesh.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.MeshConfigException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryLocationTest {
    @ParameterizedTest
    @CsvSource({
        "/etc/mesh, /etc/mesh",
        "mesh, mesh",
        "./mesh/shop.yaml, ./mesh/shop.yaml",
        "file:/etc/mesh, /etc/mesh",
        "file:///etc/mesh, /etc/mesh",
        "FILE:///etc/a%20b, /etc/a b",
        "file:mesh, mesh",
        "file:./mesh, ./mesh",
        "C:\\mesh, C:\\mesh",
    })
    void pathsAndFileUrlsAreRead(String location, String path) {
        assertThat(RegistryLocation.path(location)).isEqualTo(Path.of(path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://registry/mesh", "etcd://localhost", "classpath:mesh"})
    void otherSchemesAreRefusedWithWhatIsThere(String location) {
        assertThatThrownBy(() -> RegistryLocation.path(location))
                .isInstanceOf(MeshConfigException.class)
                .hasMessageContaining("is unknown (expected: a path, or a file: URL)");
    }

    @Test
    void aFileUrlOfAnotherHostIsRefused() {
        assertThatThrownBy(() -> RegistryLocation.path("file://host/etc/mesh"))
                .isInstanceOf(MeshConfigException.class)
                .hasMessageContaining("intramesh.registry: 'file://host/etc/mesh'");
    }
}
