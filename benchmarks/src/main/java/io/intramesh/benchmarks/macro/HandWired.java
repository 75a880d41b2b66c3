package io.intramesh.benchmarks.macro;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * What a careful team writes where it has no mesh: a weighted choice between two versions, their addresses in turn, and
 * around each attempt a circuit breaker and a retry of Resilience4j, both told that a status from 500 on is a failure.
 */
final class HandWired {
    private static final int FIRST_SERVER_ERROR = 500;
    private static final int WEIGHT_OF_FIRST = 90;

    private final OkHttpClient client;
    private final Version first;
    private final Version second;
    private final Retry retry = Retry.of(
            "callee",
            RetryConfig.<Response>custom()
                    .maxAttempts(3)
                    .intervalFunction(IntervalFunction.ofExponentialRandomBackoff(25, 2))
                    .retryOnException(failure -> failure instanceof IOException)
                    .retryOnResult(response -> response.code() >= FIRST_SERVER_ERROR)
                    .build());

    HandWired(OkHttpClient client, int port) {
        this.client = client.newBuilder().callTimeout(Duration.ofSeconds(15)).build();
        this.first = new Version("v1", List.of("127.0.0.1", "127.0.0.2"), port);
        this.second = new Version("v2", List.of("127.0.0.3"), port);
    }

    Response call(Request request) throws IOException {
        try {
            return retry.executeCheckedSupplier(() -> attempt(request));
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IOException(e);
        }
    }

    private Response attempt(Request request) throws Throwable {
        Version version = ThreadLocalRandom.current().nextInt(100) < WEIGHT_OF_FIRST ? first : second;
        return version.breaker.executeCheckedSupplier(
                () -> client.newCall(version.addressed(request)).execute());
    }

    /** A version of the callee. */
    private static final class Version {
        private final List<HttpUrl> addresses;
        private final AtomicInteger next = new AtomicInteger();
        private final CircuitBreaker breaker;

        private Version(String name, List<String> hosts, int port) {
            addresses = hosts.stream()
                    .map(host -> new HttpUrl.Builder()
                            .scheme("http")
                            .host(host)
                            .port(port)
                            .build())
                    .toList();
            breaker = CircuitBreaker.of(
                    name,
                    CircuitBreakerConfig.custom()
                            .recordResult(response ->
                                    response instanceof Response answer && answer.code() >= FIRST_SERVER_ERROR)
                            .build());
        }

        private Request addressed(Request request) {
            HttpUrl address = addresses.get(Math.floorMod(next.getAndIncrement(), addresses.size()));
            return request.newBuilder()
                    .url(request.url()
                            .newBuilder()
                            .host(address.host())
                            .port(address.port())
                            .build())
                    .build();
        }
    }
}
