package io.intramesh.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.EndpointEvent;
import io.intramesh.EndpointEvent.Kind;
import io.intramesh.MeshListener;
import io.intramesh.call.Endpoint;
import io.intramesh.internal.drain.Drain;
import io.intramesh.internal.limit.CircuitBreaker;
import io.intramesh.internal.outlier.Ejection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EndpointEventsTest {
    @Test
    void noCallWaitsForALogOrAListener() {
        List<Runnable> later = new ArrayList<>();
        List<Kind> heard = new ArrayList<>();
        Listeners listeners = new Listeners();
        listeners.add(new MeshListener() {
            @Override
            public void endpointChanged(EndpointEvent event) {
                heard.add(event.kind());
            }
        });
        EndpointEvents events = new EndpointEvents(listeners, later::add);
        Endpoint endpoint = new Endpoint("pay", "10.0.0.1", 80, null, List.of());
        Ejection ejection = new Ejection(0, Duration.ofSeconds(30), 1, "status 503");

        events.ejected(endpoint, ejection);
        events.returned(endpoint, ejection);
        events.draining(endpoint, new Drain(0, Duration.ofSeconds(30), false));
        events.drainEnded(endpoint, "it answers as usual");
        events.unhealthy(endpoint, "status 500");
        events.healthy(endpoint);
        events.limitReached(endpoint, "7 of 7 requests under way");
        events.panic("pay", true, 1, 3);
        events.panic("pay", false, 2, 3);
        CircuitBreaker.Events circuit = events.ofBreaker("pay", endpoint);
        circuit.opened(Duration.ofSeconds(10), "3 failures in a row");
        circuit.halfOpened();
        circuit.closed();

        assertThat(heard).as("on the thread that caused it").isEmpty();
        later.forEach(Runnable::run);
        assertThat(heard).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(Arrays.asList(Kind.values()));
    }
}
