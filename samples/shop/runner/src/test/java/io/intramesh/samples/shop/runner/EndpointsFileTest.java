package io.intramesh.samples.shop.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EndpointsFileTest {
    private static final Service ORDERS = new Service("orders", 8081, "orders.jar", List.of());

    @TempDir
    Path folder;

    @Test
    void itSaysWhereServicesListenAndGoesWithTheShop() throws IOException {
        Path file = folder.resolve(EndpointsFile.NAME);

        try (EndpointsFile endpoints = EndpointsFile.write(folder, Map.of(ORDERS, 18_081))) {
            assertThat(endpoints).isNotNull();
            assertThat(file).content().contains("name: orders", "port: 18081");
        }

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aSecondShopIsKeptOffTheFolder() throws IOException {
        try (EndpointsFile endpoints = EndpointsFile.write(folder, Map.of(ORDERS, 18_081))) {
            assertThat(endpoints).isNotNull();
            assertThatThrownBy(() -> EndpointsFile.write(folder, Map.of(ORDERS, 18_082)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another shop runs");
            assertThat(folder.resolve(EndpointsFile.NAME)).content().contains("port: 18081");
        }
    }

    @Test
    void whatAKilledShopLeftBehindIsReplaced() throws IOException {
        Files.writeString(folder.resolve(EndpointsFile.NAME), "old");
        Files.writeString(folder.resolve(EndpointsFile.LOCK_NAME), "");

        try (EndpointsFile endpoints = EndpointsFile.write(folder, Map.of(ORDERS, 18_083))) {
            assertThat(endpoints).isNotNull();
            assertThat(folder.resolve(EndpointsFile.NAME)).content().contains("port: 18083");
        }
    }
}
