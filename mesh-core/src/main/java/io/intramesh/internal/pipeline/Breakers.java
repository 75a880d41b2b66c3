package io.intramesh.internal.pipeline;

import io.intramesh.call.Endpoint;
import io.intramesh.internal.limit.CircuitBreaker;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.TrafficPolicy;
import io.intramesh.model.TrafficPolicy.CircuitBreaker.Per;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The circuit breakers that one policy puts before a listener: one for the node, or one for each endpoint, made when first
 * called. Outlives snapshots for as long as its settings stay the same. Safe for use by several threads.
 */
final class Breakers {
    private final String virtualNode;
    private final TrafficPolicy.CircuitBreaker settings;
    private final NanoClock clock;
    private final EndpointEvents events;
    private final @Nullable CircuitBreaker ofNode;
    private final Function<Endpoint, CircuitBreaker> factory = this::ofEndpoint;

    /** How many are not closed. While none is, picking looks at no breaker but that of the endpoint it picks. */
    private final AtomicInteger notClosed = new AtomicInteger();

    Breakers(String virtualNode, TrafficPolicy.CircuitBreaker settings, NanoClock clock, EndpointEvents events) {
        this.virtualNode = virtualNode;
        this.settings = settings;
        this.clock = clock;
        this.events = events;
        this.ofNode = settings.per() == Per.VIRTUAL_NODE ? breaker(events.ofBreaker(virtualNode, null)) : null;
    }

    TrafficPolicy.CircuitBreaker settings() {
        return settings;
    }

    /** Tells whether some breaker may refuse. */
    boolean isAnyOpen() {
        return notClosed.get() > 0;
    }

    /** Returns the breaker that a call to that endpoint has to pass. */
    CircuitBreaker of(Endpoint endpoint) {
        CircuitBreaker node = ofNode;
        return node == null ? endpoint.attachment(this, factory) : node;
    }

    /** Returns why calls are refused, for a message. */
    String describe(List<Endpoint> endpoints) {
        if (ofNode != null) {
            return "the circuit breaker of virtualNode '" + virtualNode + "' is " + ofNode.describe();
        }
        if (endpoints.size() == 1) {
            return "the circuit breaker of its endpoint " + endpoints.get(0) + " is "
                    + of(endpoints.get(0)).describe();
        }
        return "the circuit breakers of its " + endpoints.size() + " endpoints let no call through, such as that of "
                + endpoints.get(0) + ": " + of(endpoints.get(0)).describe();
    }

    private CircuitBreaker ofEndpoint(Endpoint endpoint) {
        return breaker(events.ofBreaker(virtualNode, endpoint));
    }

    private CircuitBreaker breaker(CircuitBreaker.Events told) {
        return new CircuitBreaker(settings, clock, new Counted(told));
    }

    /** Counts, and passes on. */
    private final class Counted implements CircuitBreaker.Events {
        private final CircuitBreaker.Events told;
        private final AtomicInteger opened = new AtomicInteger();

        Counted(CircuitBreaker.Events told) {
            this.told = told;
        }

        @Override
        public void opened(Duration lasting, String reason) {
            // From closed, not from half open.
            if (opened.getAndSet(1) == 0) {
                notClosed.incrementAndGet();
            }
            told.opened(lasting, reason);
        }

        @Override
        public void halfOpened() {
            told.halfOpened();
        }

        @Override
        public void closed() {
            if (opened.getAndSet(0) == 1) {
                notClosed.decrementAndGet();
            }
            told.closed();
        }
    }
}
