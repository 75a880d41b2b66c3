package io.intramesh.samples.shop.runner;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Marketing, who would like to know what people pay, and has no permission. It goes round the mesh's client and knocks at
 * payments itself: in plaintext, encrypted without a certificate, and with its own certificate, which is a good one. It counts
 * as a failure of the shop if it ever gets in.
 */
final class Stranger implements AutoCloseable {
    static final String NODE = "marketing";

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int FORBIDDEN = 403;

    private final int port;
    private final Certificates certificates;
    private final Tally tally;
    private final Runnable explain;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "stranger");
        thread.setDaemon(true);
        return thread;
    });

    /** Of the clock's thread alone. */
    private boolean isExplained;

    private volatile boolean isClosed;

    /**
     * Prepares one that knocks at that port.
     *
     * @param port of an instance of payments on this machine
     * @param explain called once, when its own certificate was refused
     */
    Stranger(int port, Certificates certificates, Tally tally, Runnable explain) {
        this.port = port;
        this.certificates = certificates;
        this.tally = tally;
        this.explain = explain;
    }

    void start() {
        var unused = clock.scheduleWithFixedDelay(this::knock, 1, 2, TimeUnit.SECONDS);
    }

    private void knock() {
        try {
            attempt("in plaintext", "http", null);
            attempt("without a certificate", "https", certificates.context(null));
            attempt("with its own certificate", "https", certificates.context(NODE));
        } catch (IOException unreadable) {
            // Its certificate is being renewed at this moment: key and chain do not fit. The next round sees the new
            // one.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException fault) {
            // The executor would fall silent, and a stranger who is let in would go unseen.
            tally.failed("stranger: " + fault);
        }
    }

    private void attempt(String how, String scheme, @Nullable SSLContext context) throws InterruptedException {
        HttpClient.Builder client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE);
        if (context != null) {
            client.sslContext(context);
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create(scheme + "://localhost:" + port + "/pay?amount=1"))
                .POST(BodyPublishers.noBody())
                .timeout(PATIENCE)
                .build();
        String what = "POST to payments-v1 " + how;
        try {
            HttpResponse<String> answer = client.build().send(request, BodyHandlers.ofString());
            String reason = answer.headers().firstValue("x-mesh-refusal").orElse("");
            if (isClosed) {
                return;
            }
            if (answer.statusCode() / 100 == 2) {
                tally.failed(what + ": was let in");
            } else if (answer.statusCode() == FORBIDDEN && !reason.isEmpty()) {
                tally.refused(NODE, reason, what);
                if (!isExplained) {
                    isExplained = true;
                    explain.run();
                }
            } else {
                tally.refused(NODE, "status " + answer.statusCode(), what);
            }
        } catch (IOException refused) {
            if (!isClosed) {
                tally.refused(NODE, "no connection", what);
            }
        }
    }

    @Override
    public void close() {
        isClosed = true;
        clock.shutdownNow();
    }
}
