package io.intramesh.samples.shop.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class EventsTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 100);
    private final Events events = new Events(nanos::get, 2);
    private final Service orders = new Service("orders", 1, "orders.jar", List.of());
    private final Service inventory = new Service("inventory", 2, "inventory.jar", List.of());

    @Test
    void whatAllServicesSayTogetherIsOneLine() {
        events.log(
                orders,
                "10:00:00.123 INFO  io.intramesh.internal.pipeline.MeshRuntime - in force virtualNode=orders n=2");
        assertThat(events.complete()).isEmpty();
        events.log(
                inventory,
                "10:00:00.200 INFO  io.intramesh.internal.pipeline.MeshRuntime - in force virtualNode=inventory n=2");
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));

        assertThat(events.complete()).containsExactly("10:00:00.123 all services: in force n=2");
        assertThat(events.complete()).isEmpty();
    }

    @Test
    void warningsOfAnyoneAreShown() {
        events.log(inventory, "10:00:00.123 WARN  org.example.Thing - low on tea");
        events.log(orders, "10:00:00.124 INFO  org.example.Thing - all is well");
        events.log(orders, "        at org.example.Thing.run(Thing.java:1)");
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));

        assertThat(events.complete()).containsExactly("10:00:00.123 inventory: WARN low on tea");
    }

    @Test
    void ofRefusalsThatSayTheSameOneIsShown() {
        for (int i = 0; i < 3; i++) {
            events.log(
                    orders,
                    "10:00:00.12" + i + " INFO  io.intramesh.audit - access denied caller=\"x\" reason=POLICY revision="
                            + i + " requestId=\"r" + i + "\"");
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        }

        assertThat(events.complete()).containsExactly("10:00:00.120 orders: access denied caller=\"x\" reason=POLICY");
    }
}
