package io.intramesh.samples.shop.runner;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Sends customers to the storefront at a steady rate, as long as the queue is not too long, and counts what comes back. Each
 * answer carries the calls that stand behind it, and who answered them.
 */
final class Traffic implements AutoCloseable {
    /**
     * Who sees a longer queue goes elsewhere, and counts for nothing: a machine that is busy otherwise is no failure of the
     * shop. Below the 64 requests that each service works on at a time. Whoever waits longer than {@link #PATIENCE} fails.
     */
    private static final int MAX_WAITING = 48;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** What somebody wrote down. Any other reason means that a call came to nothing. */
    private static final Set<String> BY_RULE = Set.of("NO_ROUTE", "EGRESS_DENIED", "POLICY");

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "customers");
        thread.setDaemon(true);
        return thread;
    });
    private final URI storefront;
    private final Tally tally;
    private final AtomicInteger waiting = new AtomicInteger();

    /** Of the clock's thread alone. */
    private int next;

    private volatile boolean isClosed;

    Traffic(URI storefront, Tally tally) {
        this.storefront = storefront;
        this.tally = tally;
    }

    void start(int visitsPerSecond) {
        var unused = clock.scheduleAtFixedRate(
                this::visit, 0, TimeUnit.SECONDS.toNanos(1) / visitsPerSecond, TimeUnit.NANOSECONDS);
    }

    private void visit() {
        if (waiting.get() >= MAX_WAITING) {
            return;
        }
        Visit visit = Visit.MIX.get(next++ % Visit.MIX.size());
        waiting.incrementAndGet();
        var unused = client.sendAsync(request(visit), BodyHandlers.ofString())
                .handle((answer, failure) -> {
                    waiting.decrementAndGet();
                    if (!isClosed) {
                        count(visit, answer, failure);
                    }
                    return answer;
                })
                .exceptionally(fault -> {
                    // An answer that cannot be read must not go uncounted.
                    tally.failed("storefront " + visit.path() + ": " + fault);
                    return null;
                });
    }

    private HttpRequest request(Visit visit) {
        HttpRequest.Builder request = HttpRequest.newBuilder(storefront.resolve(visit.path()))
                .method(visit.method(), BodyPublishers.noBody())
                .timeout(PATIENCE);
        if (visit.isTester()) {
            request.header("x-shop-tester", "yes");
        }
        return request.build();
    }

    private void count(Visit visit, @Nullable HttpResponse<String> answer, @Nullable Throwable failure) {
        if (answer == null) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            tally.failed("storefront " + visit.path() + ": " + cause);
            return;
        }
        String refused = answer.headers().firstValue("x-shop-refused").orElse("");
        if (!refused.isEmpty()) {
            int space = refused.indexOf(' ');
            String reason = refused.substring(space + 1);
            if (BY_RULE.contains(reason)) {
                tally.refused(refused.substring(0, space), reason, answer.body());
            } else {
                tally.failed(refused + ": " + firstLine(answer.body()));
            }
        } else if (answer.statusCode() / 100 == 2) {
            answer.headers().firstValue("x-shop-hops").ifPresent(hops -> hops(visit, hops));
            tally.served();
        } else {
            tally.failed("storefront " + visit.path() + ": " + answer.statusCode() + " " + firstLine(answer.body()));
        }
    }

    /** Counts {@code inventory.local/stock inventory, payments.local/beta payments-v2}. */
    private void hops(Visit visit, String hops) {
        for (String hop : hops.split(", ", -1)) {
            int space = hop.indexOf(' ');
            String destination = hop.substring(0, space);
            boolean isMarked = !visit.note().isEmpty() && destination.startsWith("payments.local");
            tally.answered(isMarked ? destination + " (" + visit.note() + ")" : destination, hop.substring(space + 1));
        }
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    @Override
    public void close() {
        isClosed = true;
        clock.shutdownNow();
    }
}
