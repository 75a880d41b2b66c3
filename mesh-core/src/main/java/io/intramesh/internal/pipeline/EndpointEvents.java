package io.intramesh.internal.pipeline;

import io.intramesh.EndpointEvent;
import io.intramesh.EndpointEvent.Kind;
import io.intramesh.call.Endpoint;
import io.intramesh.internal.outlier.Ejection;
import io.intramesh.internal.outlier.OutlierDetector;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes down and tells what changes in the use of endpoints: each change once, by whoever caused it. */
final class EndpointEvents implements OutlierDetector.Events {
    private static final Logger log = LoggerFactory.getLogger(EndpointEvents.class);

    private final Listeners listeners;

    EndpointEvents(Listeners listeners) {
        this.listeners = listeners;
    }

    @Override
    public void ejected(Endpoint endpoint, Ejection ejection) {
        log.info(
                "endpoint ejected virtualNode={} endpoint={} for={} inARow={} reason=\"{}\"",
                endpoint.virtualNode(),
                endpoint,
                words(ejection.lasting()),
                ejection.inARow(),
                ejection.reason());
        tell(Kind.EJECTED, endpoint.virtualNode(), endpoint, ejection.reason(), ejection.lasting());
    }

    @Override
    public void returned(Endpoint endpoint, Ejection ended) {
        log.info("endpoint returned virtualNode={} endpoint={}", endpoint.virtualNode(), endpoint);
        tell(Kind.RETURNED, endpoint.virtualNode(), endpoint, "was ejected: " + ended.reason(), null);
    }

    void panic(String virtualNode, boolean begins, int usable, int known) {
        String reason = usable + " of " + known + " endpoints usable";
        log.info(
                "panic {} virtualNode={} usable={} endpoints={}",
                begins ? "began" : "ended",
                virtualNode,
                usable,
                known);
        tell(begins ? Kind.PANIC_BEGAN : Kind.PANIC_ENDED, virtualNode, null, reason, null);
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
