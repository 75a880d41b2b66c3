package io.intramesh.internal.pipeline;

import static java.util.Objects.requireNonNull;

import io.intramesh.Reason;
import io.intramesh.call.Inbound;
import io.intramesh.call.InboundRequest;
import io.intramesh.call.MeshRequest;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.Listener;
import io.intramesh.model.VirtualNode;
import io.intramesh.tls.ServerTls;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a request passes on its way in. A request that a stage refuses is not seen by those below; the end of a request is
 * told to the stages that let it on, from the lowest to the highest.
 */
final class InboundPipeline implements Inbound {
    private final InboundListeners listeners;
    private final InboundDrainStage drain;
    private final InboundRateStage rates;
    private final InboundConcurrencyStage concurrency;
    private final InboundStage[] stages;

    /**
     * @param self own node of the snapshot in force, read for each request; null where it has none
     * @param rules about what the node takes in, likewise
     * @param tls of a listener of the own node; null where that declares none
     * @param audit writes down what a listener's TLS refuses
     * @param drainGrace how long a draining process still admits requests
     */
    InboundPipeline(
            Supplier<@Nullable VirtualNode> self,
            Supplier<InboundRules> rules,
            Function<Listener, @Nullable ServerTls> tls,
            BiConsumer<InboundExchange, Reason> audit,
            NanoClock clock,
            Duration drainGrace,
            RandomGenerator random) {
        listeners = new InboundListeners(self, tls);
        drain = new InboundDrainStage(clock, drainGrace);
        rates = new InboundRateStage(rules, clock);
        concurrency = new InboundConcurrencyStage(rules, clock, random);
        stages = new InboundStage[] {
            // First, so that whatever is refused, logged or measured below bears the request's id.
            new InboundContextStage(random, clock),
            // Telemetry goes here: below the context, for the id and the trace that arrived; above all that refuses, so
            // that a refusal and the wait for a place are seen like any answer.

            // Above health checks too: where a listener takes TLS only, plaintext is told nothing, and what is below
            // may
            // rely on the peer's certificates.
            new InboundTlsStage(clock, audit),

            // Above everything that asks who the caller is or how many there are: a check asks about this process,
            // comes
            // from balancers and orchestrators without a mesh identity, and must not fail because the service is busy.
            new InboundHealthCheckStage(),
            // Below the health check, which fails at once where a request still has its grace. Above identity and
            // policy,
            // so that a process on its way out spends nothing on what it will refuse. Counts what is in flight, those
            // who wait for a place included: they were let in before the drain and get their answer.
            drain,
            // Below what checks the peer's certificate, since it judges by that; above all limits: who may not call
            // learns nothing of load and takes no place from those who may.
            new InboundAccessStage(rules),

            // Below identity, since it counts by it; above the deadline and the limits, so that who sends too much
            // takes
            // nothing from others.
            rates,

            // Below drain and identity, since who is refused there hears the truer reason; above limits, so that a
            // request
            // that nobody waits for takes no place.
            new InboundDeadlineStage(clock),

            // Above the connection pool, so that the wait for a place there counts as latency; below all else that
            // refuses.
            concurrency,

            // Last, so that a place is held only for work that will be done, and what waits here needs no second check.
            new InboundLimitStage(clock),
        };
    }

    @Override
    public InboundRequest begin(
            MeshRequest request, int localPort, boolean isEncrypted, List<X509Certificate> peerCertificates) {
        requireNonNull(request, "request");
        requireNonNull(peerCertificates, "peerCertificates");
        InboundExchange exchange = new InboundExchange(
                this,
                stages,
                request,
                listeners.on(localPort),
                isEncrypted,
                localPort,
                isEncrypted ? peerCertificates : List.of());
        try {
            exchange.proceed();
        } catch (RuntimeException | Error e) {
            // What the stages above took is given back; the transport lets the exception out, which is a 500.
            exchange.ended(500, e);
            throw e;
        }
        return exchange;
    }

    /** Begins to drain. Idempotent. */
    void drain() {
        drain.drain();
    }

    boolean isDraining() {
        return drain.isDraining();
    }

    /** Waits until nothing is in flight and nothing more can come, at most that long; returns whether nothing is in flight. */
    boolean awaitDrained(Duration limit) throws InterruptedException {
        return drain.awaitDrained(limit);
    }

    /** Returns how many requests are in flight, those that wait for a place included. */
    int inFlight() {
        return drain.inFlight();
    }

    /** Takes over a new configuration at once, instead of with the next request: a greater limit lets in who waits. */
    void configurationChanged() {
        listeners.refresh();
        rates.refresh();
    }

    /** Returns the limit of requests at a time and how much of it is in use, in words; null where no policy sets one. */
    @Nullable
    String concurrency() {
        return concurrency.describe();
    }
}
