package io.intramesh.samples.shop.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class ServiceTest {

    @Test
    void inPairsEveryNodeThatIsCalledHasTwoInstancesWithNamesAndPortsOfTheirOwn() {
        List<Service> running = Service.running(true);

        assertThat(running.stream()
                        .filter(service -> !service.equals(Service.STOREFRONT))
                        .collect(Collectors.groupingBy(Service::virtualNode, Collectors.counting()))
                        .values())
                .containsOnly(2L);
        Set<Object> own = new HashSet<>();
        running.forEach(service -> {
            assertThat(own.add(service.name())).as(service.name()).isTrue();
            assertThat(own.add(service.preferredPort())).as(service.name()).isTrue();
        });
        assertThat(running).endsWith(Service.STOREFRONT);
    }

    @Test
    void otherwiseTheShopStartsNoMoreThanItNeeds() {
        assertThat(Service.running(false)).isEqualTo(Service.ALL).hasSize(6);
    }
}
