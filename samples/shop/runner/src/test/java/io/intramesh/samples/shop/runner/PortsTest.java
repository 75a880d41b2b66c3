package io.intramesh.samples.shop.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PortsTest {
    private final Ports ports = new Ports(true, new Random(1));

    @Test
    void aFreePortIsKept() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        Service service = service("one", free);

        assertThat(ports.pick(List.of(service))).isEqualTo(Map.of(service, free));
    }

    @Test
    void aPortThatIsTakenOnTheLoopbackAddressGivesWayToAnother() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Service service = service("one", socket.getLocalPort());

            assertThat(ports.pick(List.of(service)).values())
                    .singleElement()
                    .satisfies(picked -> assertThat(picked)
                            .isNotEqualTo(socket.getLocalPort())
                            .isBetween(18_000, 30_000));
        }
    }

    @Test
    void ownPortsAreLeftAloneIfAsked() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }

        assertThat(new Ports(false, new Random(1))
                        .pick(List.of(service("one", free)))
                        .values())
                .doesNotContain(free);
    }

    @Test
    void noPortIsGivenTwice() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            List<Service> services = List.of(
                    service("one", socket.getLocalPort()),
                    service("two", socket.getLocalPort()),
                    service("three", socket.getLocalPort()));

            assertThat(ports.pick(services).values()).hasSize(3).doesNotHaveDuplicates();
        }
    }

    private static Service service(String name, int port) {
        return new Service(name, port, "none.jar", List.of());
    }
}
