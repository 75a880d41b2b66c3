package io.intramesh.testing.simulation;

import static java.util.Objects.requireNonNull;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/*
 * What people write today: OkHttp for the wire, and around it Resilience4j's own Retry around its own CircuitBreaker, the order
 * of Resilience4j's Decorators and annotations. Both have their defaults (three attempts, 500 ms apart; half of 100 calls failed
 * opens for 60 s), and one name: that of the callee. Each attempt takes the next address in turn. An answer of 500 or more is
 * turned into an exception, since otherwise neither would notice. The list of addresses is asked for every 30 s and kept where
 * that fails, as discovery clients do.
 */

/** OkHttp with Resilience4j, wired by hand. */
@NullMarked
final class HandWired implements Caller {
    /** As long as the mesh's limit of a call, here of each attempt. */
    static final Duration CALL_TIMEOUT = Duration.ofSeconds(2);

    private static final long REFRESH_NANOS = Duration.ofSeconds(30).toNanos();

    private final Network network;
    private final Simulation simulation;
    private final long callTimeoutNanos;
    private final Retry retry;
    private final CircuitBreaker breaker;
    private List<Integer> addresses = List.of();
    private long askedNanos = -REFRESH_NANOS;
    private int turn;

    private HandWired(Network network, Duration callTimeout, boolean breaks) {
        this.network = network;
        this.simulation = network.simulation();
        this.callTimeoutNanos = callTimeout.toNanos();
        this.turn = network.caller();
        this.retry = Retry.of("callee", RetryConfig.ofDefaults());
        this.breaker = CircuitBreaker.of(
                "callee",
                CircuitBreakerConfig.custom()
                        .clock(new VirtualClock(simulation))
                        .currentTimestampFunction(unused -> simulation.nowNanos(), TimeUnit.NANOSECONDS)
                        // Changes nothing but the cost of a refusal.
                        .writableStackTraceEnabled(false)
                        .build());
        if (!breaks) {
            breaker.transitionToDisabledState();
        }
    }

    /**
     * Returns what makes such callers.
     *
     * @param callTimeout OkHttp's, for each attempt
     */
    static Factory of(Duration callTimeout) {
        return network -> new HandWired(network, callTimeout, true);
    }

    /** Returns what makes callers that repeat and never stop calling. */
    static Factory retriesAlone() {
        return network -> new HandWired(network, CALL_TIMEOUT, false);
    }

    @Override
    public void call(long number, Consumer<Boolean> done) {
        attempt(number, 1, retry.asyncContext(), done);
    }

    @Override
    public void close() {}

    private void attempt(long number, int attempt, Retry.AsyncContext<Object> context, Consumer<Boolean> done) {
        if (!breaker.tryAcquirePermission()) {
            failed(CallNotPermittedException.createCallNotPermittedException(breaker), number, attempt, context, done);
            return;
        }
        long start = simulation.nowNanos();
        List<Integer> known = addresses();
        if (known.isEmpty()) {
            broke(new IOException("unknown host"), start, number, attempt, context, done);
            return;
        }
        int address = known.get(Integer.remainderUnsigned(turn++, known.size()));
        OkHttpAttempt.Names names = new OkHttpAttempt.Names() {
            @Override
            public List<Integer> addresses() {
                return List.of(address);
            }

            @Override
            public Network.@Nullable Connection takeIdle() {
                return network.takeIdleTo(address);
            }
        };
        new OkHttpAttempt(network, Request.of(number, attempt), names, new OkHttpAttempt.End() {
                    @Override
                    public void answered(Response response) {
                        if (response.isServerError()) {
                            broke(
                                    new IOException("status " + response.status()),
                                    start,
                                    number,
                                    attempt,
                                    context,
                                    done);
                            return;
                        }
                        breaker.onSuccess(simulation.nowNanos() - start, TimeUnit.NANOSECONDS);
                        context.onComplete();
                        done.accept(true);
                    }

                    @Override
                    public void failed(String why) {
                        broke(new IOException(why), start, number, attempt, context, done);
                    }
                })
                .begin(callTimeoutNanos);
    }

    private void broke(
            IOException failure,
            long start,
            long number,
            int attempt,
            Retry.AsyncContext<Object> context,
            Consumer<Boolean> done) {
        breaker.onError(simulation.nowNanos() - start, TimeUnit.NANOSECONDS, failure);
        failed(failure, number, attempt, context, done);
    }

    private void failed(
            Exception failure, long number, int attempt, Retry.AsyncContext<Object> context, Consumer<Boolean> done) {
        long pauseMillis = context.onError(failure);
        if (pauseMillis < 1) {
            done.accept(false);
            return;
        }
        simulation.after(TimeUnit.MILLISECONDS.toNanos(pauseMillis), () -> attempt(number, attempt + 1, context, done));
    }

    private List<Integer> addresses() {
        if (simulation.nowNanos() - askedNanos >= REFRESH_NANOS) {
            List<Integer> answer = network.names().answer();
            if (answer != null && !answer.isEmpty()) {
                addresses = answer;
                askedNanos = simulation.nowNanos();
            }
        }
        return addresses;
    }

    /** The simulation's time, as Resilience4j asks for it. */
    private static final class VirtualClock extends Clock {
        private final Simulation simulation;

        private VirtualClock(Simulation simulation) {
            this.simulation = requireNonNull(simulation);
        }

        @Override
        public Instant instant() {
            return Instant.EPOCH.plusNanos(simulation.nowNanos());
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
