package io.intramesh.benchmarks.call;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What people write by hand in place of {@link CallBenchmark}: Retry, CircuitBreaker and a weighted choice between two
 * versions, their addresses in turn, with a transport that does nothing. No timeouts, budget, ejection or health come with it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HandWiredBenchmark {
    private static final int[] FIRST = {1, 2};
    private static final int[] SECOND = {3};

    private final AtomicInteger next = new AtomicInteger();
    private final CircuitBreaker firstBreaker = breaker("v1");
    private final CircuitBreaker secondBreaker = breaker("v2");
    private final Retry retry = Retry.of(
            "callee",
            RetryConfig.<Integer>custom()
                    .maxAttempts(3)
                    .intervalFunction(IntervalFunction.ofExponentialRandomBackoff(25, 2))
                    .retryOnException(failure -> failure instanceof IOException)
                    .retryOnResult(status -> status >= 500)
                    .build());

    @Benchmark
    public int call() throws Throwable {
        return retry.executeCheckedSupplier(this::attempt);
    }

    private int attempt() throws Throwable {
        boolean first = ThreadLocalRandom.current().nextInt(100) < 90;
        int[] addresses = first ? FIRST : SECOND;
        int address = addresses[Math.floorMod(next.getAndIncrement(), addresses.length)];
        return (first ? firstBreaker : secondBreaker).executeCheckedSupplier(() -> address == 0 ? 500 : 200);
    }

    private static CircuitBreaker breaker(String name) {
        return CircuitBreaker.of(
                name,
                CircuitBreakerConfig.custom()
                        .recordResult(status -> status instanceof Integer code && code >= 500)
                        .build());
    }
}
