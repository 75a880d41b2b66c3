package io.intramesh.internal.pipeline;

import io.intramesh.EndpointEvent;
import io.intramesh.EndpointEvent.Kind;
import io.intramesh.call.Endpoint;
import io.intramesh.internal.drain.Drain;
import io.intramesh.internal.drain.DrainTracker;
import io.intramesh.internal.limit.CircuitBreaker;
import io.intramesh.internal.outlier.Ejection;
import io.intramesh.internal.outlier.OutlierDetector;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes down and tells what changes in the use of endpoints: each change once, by whoever caused it. */
final class EndpointEvents implements OutlierDetector.Events, DrainTracker.Events {
    private static final Logger log = LoggerFactory.getLogger(EndpointEvents.class);

    private final Listeners listeners;
    private final Executor teller;

    /**
     * @param teller runs what is to be written and told, in the order given: elsewhere than on the thread of the call that
     *     caused it, which waits for neither a log nor a listener
     */
    EndpointEvents(Listeners listeners, Executor teller) {
        this.listeners = listeners;
        this.teller = teller;
    }

    @Override
    public void ejected(Endpoint endpoint, Ejection ejection) {
        teller.execute(() -> {
            log.info(
                    "endpoint ejected virtualNode={} endpoint={} for={} inARow={} reason=\"{}\"",
                    endpoint.virtualNode(),
                    endpoint,
                    words(ejection.lasting()),
                    ejection.inARow(),
                    ejection.reason());
            tell(Kind.EJECTED, endpoint.virtualNode(), endpoint, ejection.reason(), ejection.lasting());
        });
    }

    @Override
    public void returned(Endpoint endpoint, Ejection ended) {
        teller.execute(() -> {
            log.info("endpoint returned virtualNode={} endpoint={}", endpoint.virtualNode(), endpoint);
            tell(Kind.RETURNED, endpoint.virtualNode(), endpoint, "was ejected: " + ended.reason(), null);
        });
    }

    @Override
    public void draining(Endpoint endpoint, Drain drain) {
        teller.execute(() -> {
            log.info(
                    "endpoint draining virtualNode={} endpoint={} for={}",
                    endpoint.virtualNode(),
                    endpoint,
                    words(drain.lasting()));
            tell(Kind.DRAINING, endpoint.virtualNode(), endpoint, "it said that it shuts down", drain.lasting());
        });
    }

    @Override
    public void drainEnded(Endpoint endpoint, String reason) {
        teller.execute(() -> {
            log.info(
                    "endpoint drain ended virtualNode={} endpoint={} reason=\"{}\"",
                    endpoint.virtualNode(),
                    endpoint,
                    reason);
            tell(Kind.DRAIN_ENDED, endpoint.virtualNode(), endpoint, reason, null);
        });
    }

    void unhealthy(Endpoint endpoint, String reason) {
        teller.execute(() -> {
            log.info(
                    "endpoint unhealthy virtualNode={} endpoint={} reason=\"{}\"",
                    endpoint.virtualNode(),
                    endpoint,
                    reason);
            tell(Kind.UNHEALTHY, endpoint.virtualNode(), endpoint, reason, null);
        });
    }

    void healthy(Endpoint endpoint) {
        teller.execute(() -> {
            log.info("endpoint healthy virtualNode={} endpoint={}", endpoint.virtualNode(), endpoint);
            tell(Kind.HEALTHY, endpoint.virtualNode(), endpoint, "health check passed", null);
        });
    }

    void limitReached(Endpoint endpoint, String reason) {
        teller.execute(() -> {
            log.info(
                    "endpoint at its limit virtualNode={} endpoint={} limit=\"{}\"",
                    endpoint.virtualNode(),
                    endpoint,
                    reason);
            tell(Kind.LIMIT_REACHED, endpoint.virtualNode(), endpoint, reason, null);
        });
    }

    void panic(String virtualNode, boolean begins, int usable, int known) {
        String reason = usable + " of " + known + " endpoints usable";
        teller.execute(() -> {
            log.info(
                    "panic {} virtualNode={} usable={} endpoints={}",
                    begins ? "began" : "ended",
                    virtualNode,
                    usable,
                    known);
            tell(begins ? Kind.PANIC_BEGAN : Kind.PANIC_ENDED, virtualNode, null, reason, null);
        });
    }

    /** Returns what a breaker tells; the endpoint is null where it stands for the whole node. */
    CircuitBreaker.Events ofBreaker(String virtualNode, @Nullable Endpoint endpoint) {
        return new CircuitBreaker.Events() {
            @Override
            public void opened(Duration lasting, String reason) {
                teller.execute(() -> {
                    log.info(
                            "circuit opened virtualNode={} endpoint={} for={} reason=\"{}\"",
                            virtualNode,
                            endpoint,
                            words(lasting),
                            reason);
                    tell(Kind.CIRCUIT_OPENED, virtualNode, endpoint, reason, lasting);
                });
            }

            @Override
            public void halfOpened() {
                teller.execute(() -> {
                    log.info("circuit half open virtualNode={} endpoint={}", virtualNode, endpoint);
                    tell(Kind.CIRCUIT_HALF_OPENED, virtualNode, endpoint, "its time is over", null);
                });
            }

            @Override
            public void closed() {
                teller.execute(() -> {
                    log.info("circuit closed virtualNode={} endpoint={}", virtualNode, endpoint);
                    tell(Kind.CIRCUIT_CLOSED, virtualNode, endpoint, "the calls that tried it succeeded", null);
                });
            }
        };
    }

    private void tell(
            Kind kind, String virtualNode, @Nullable Endpoint endpoint, String reason, @Nullable Duration lasting) {
        listeners.endpointChanged(
                new EndpointEvent(kind, virtualNode, endpoint == null ? null : endpoint.toString(), reason, lasting));
    }

    /** Returns a duration for logs and explanations: {@code 30 s}, {@code 250 ms}. */
    static String words(Duration duration) {
        return duration.toMillis() % 1000 == 0
                ? duration.toSeconds() + " s"
                : duration.compareTo(Duration.ofSeconds(10)) < 0
                        ? duration.toMillis() + " ms"
                        : String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
