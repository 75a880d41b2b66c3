package io.intramesh.servlet;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.intramesh.Mesh;
import io.intramesh.call.MeshContext;
import io.intramesh.document.RawDocument;
import io.intramesh.servlet.RecordingInbound.End;
import io.intramesh.servlet.RecordingInbound.Exchange;
import io.intramesh.servlet.RecordingInbound.Seen;
import io.intramesh.testing.FakeRegistry;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What the filter does in any container, over real sockets. */
@Timeout(60)
abstract class MeshFilterContract {
    private static final String NO_LIMIT = "";
    private static final Duration NO_GRACE = Duration.ZERO;

    @TempDir(cleanup = CleanupMode.ALWAYS)
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path folder;

    private final FakeRegistry registry = FakeRegistry.create();
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .executor(executor)
            .build();
    private final AtomicReference<@Nullable Thread> lastThread = new AtomicReference<>();
    private final AtomicReference<X509Certificate @Nullable []> certificates = new AtomicReference<>();
    private volatile boolean encrypted = true;

    /** Documents beside those of the node. */
    private String more = "";

    private final AtomicInteger leaks = new AtomicInteger();

    @SuppressWarnings("NullAway.Init") // set by start()
    private Mesh mesh;

    @SuppressWarnings("NullAway.Init") // set by start()
    private RecordingInbound recording;

    @SuppressWarnings("NullAway.Init") // set by start()
    private TestApplication app;

    @SuppressWarnings("NullAway.Init") // set by start()
    private Container container;

    abstract Container container(Path folder);

    @AfterEach
    void stop() throws Exception {
        container.stop();
        mesh.close();
        executor.shutdownNow();
        assertThat(leaks).as("contexts left current on container threads").hasValue(0);
    }

    // ---- Synchronous requests

    @Test
    void theContextOfARequestIsCurrentWhileTheApplicationWorks() throws Exception {
        start(NO_LIMIT, NO_GRACE);
        app.on("/orders", (request, response) -> {
            MeshContext context = requireNonNull(mesh.context(), "context");
            assertThat(request.getAttribute(MeshFilter.CONTEXT_ATTRIBUTE)).isEqualTo(context);
            response.getWriter().write(context.requestId());
        });

        HttpResponse<String> response = get("/orders", "x-request-id", "abc-1");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("abc-1");
        assertThat(get("/orders").body()).as("a new id where none arrived").hasSize(36);
    }

    @Test
    void aFailureAfterExhaustedRetriesSaysSo() throws Exception {
        start(NO_LIMIT, NO_GRACE);
        app.on("/status", (request, response) -> {
            requireNonNull(mesh.context()).exhaustRetries();
            response.setStatus(503);
            response.getWriter().write("no stock");
            response.flushBuffer();
        });
        app.on("/error", (request, response) -> {
            requireNonNull(mesh.context()).exhaustRetries();
            response.sendError(502);
        });
        app.on("/fallback", (request, response) -> {
            requireNonNull(mesh.context()).exhaustRetries();
            response.getWriter().write("instead");
        });
        app.on("/own", (request, response) -> response.setStatus(503));

        assertThat(get("/status").headers().firstValue("x-mesh-retries-exhausted"))
                .contains("true");
        assertThat(get("/error").headers().firstValue("x-mesh-retries-exhausted"))
                .contains("true");
        assertThat(get("/fallback").headers().firstValue("x-mesh-retries-exhausted"))
                .isEmpty();
        assertThat(get("/own").headers().firstValue("x-mesh-retries-exhausted")).isEmpty();
    }

    @Test
    void theTimeThatACallerWaitsIsKnownToTheApplicationsMesh() throws Exception {
        start(NO_LIMIT, NO_GRACE);
        app.on(
                "/orders",
                (request, response) -> response.getWriter()
                        .write(String.valueOf(requireNonNull(mesh.context()).isLimited())));

        assertThat(get("/orders").body()).isEqualTo("false");
        assertThat(get("/orders", "x-envoy-expected-rq-timeout-ms", "60000").body())
                .isEqualTo("true");
        assertThat(get("/orders", "grpc-timeout", "60S").body()).isEqualTo("true");
    }

    @Test
    void aRequestWhoseTimeIsUpIsRefused() throws Exception {
        start(NO_LIMIT, NO_GRACE);
        app.on("/orders", (request, response) -> response.getWriter().write("worked for nobody"));

        HttpResponse<String> response = get("/orders", "x-envoy-expected-rq-timeout-ms", "0");

        assertThat(response.statusCode()).isEqualTo(504);
        assertThat(response.headers().firstValue("x-mesh-refusal")).contains("DEADLINE_EXCEEDED");
    }

    @Test
    void theEndOfARequestIsReportedOnceWithItsStatus() throws Exception {
        start(NO_LIMIT, NO_GRACE);
        app.on("/created", (request, response) -> response.setStatus(201));

        get("/created");
        get("/missing");

        assertThat(ends(0)).containsExactly(new End(201, null));
        assertThat(ends(1)).containsExactly(new End(404, null));
    }

    @Test
    void anExceptionThatLeavesTheApplicationIsA500() throws Exception {
        start(NO_LIMIT, NO_GRACE);
        app.on("/boom", (request, response) -> {
            throw new IllegalStateException("boom");
        });

        assertThat(get("/boom").statusCode()).isEqualTo(500);

        assertThat(ends(0)).singleElement().satisfies(end -> {
            assertThat(end.status()).isEqualTo(500);
            assertThat(end.failure()).hasMessageContaining("boom");
        });
    }

    @Test
    void anExceptionAfterTheResponseWasCommittedEndsTheRequestToo() throws Exception {
        start(limit(1), NO_GRACE);
        app.on("/boom", (request, response) -> {
            response.getWriter().write("half of it");
            response.flushBuffer();
            throw new IllegalStateException("boom");
        });
        app.on("/ok", (request, response) -> {});

        try (Socket socket = socket()) {
            send(socket, "GET /boom HTTP/1.1", "Host: orders");
            assertThat(socket.getInputStream().read()).isEqualTo('H');
        }

        assertThat(ends(0)).singleElement().extracting(End::status).isEqualTo(500);
        assertThat(get("/ok").statusCode()).isEqualTo(200);
    }

    @Test
    void whatTheContainerDispatchesAgainIsNotCountedAgain() throws Exception {
        start(NO_LIMIT, NO_GRACE);
        app.on(
                "/forward",
                (request, response) -> request.getRequestDispatcher("/target").forward(request, response));
        app.on(
                "/include",
                (request, response) -> request.getRequestDispatcher("/target").include(request, response));
        app.on("/teapot", (request, response) -> response.sendError(418));
        app.on(
                "/target",
                (request, response) -> response.getWriter()
                        .write(request.getDispatcherType() + " "
                                + requireNonNull(mesh.context(), "context").requestId()));
        app.on("/error", app("/target"));

        assertThat(get("/forward", "x-request-id", "1").body()).isEqualTo("FORWARD 1");
        assertThat(get("/include", "x-request-id", "2").body()).isEqualTo("INCLUDE 2");
        assertThat(get("/teapot", "x-request-id", "3").body()).isEqualTo("ERROR 3");

        assertThat(recording.exchanges()).hasSize(3);
        assertThat(ends(0)).containsExactly(new End(200, null));
        assertThat(ends(1)).containsExactly(new End(200, null));
        assertThat(ends(2)).containsExactly(new End(418, null));
    }

    @Test
    void aFilterThatIsRegisteredTwiceCountsOnce() throws Exception {
        startTwice();
        app.on("/ok", (request, response) -> {});

        assertThat(get("/ok").statusCode()).isEqualTo(200);
        assertThat(get("/ok").statusCode()).isEqualTo(200);

        assertThat(recording.exchanges()).hasSize(2);
        assertThat(ends(1)).containsExactly(new End(200, null));
    }

    @Test
    void theMeshSeesTheRequestAsItWasSent() throws Exception {
        start(NO_LIMIT, NO_GRACE);
        X509Certificate peer = certificate();
        certificates.set(new X509Certificate[] {peer});

        try (Socket socket = socket()) {
            send(
                    socket,
                    "GET /a%20b;v=1/c?q=%41&r HTTP/1.1",
                    "Host: orders.shop:8443",
                    "X-Twice: one",
                    "x-twice: two",
                    "Connection: close");
            drain(socket);
        }

        Exchange exchange = recording.exchanges().get(0);
        assertThat(exchange.seen())
                .isEqualTo(new Seen(
                        "GET", "http", "orders.shop", 8443, false, "/a%20b;v=1/c", "q=%41&r", "one,two", null));
        assertThat(exchange.localPort()).isEqualTo(container.port());
        assertThat(exchange.peerCertificates()).containsExactly(peer);
    }

    @Test
    void aCertificateCountsOnlyWhereTheConnectionIsEncrypted() throws Exception {
        start(NO_LIMIT, NO_GRACE);
        certificates.set(new X509Certificate[] {certificate()});
        encrypted = false;

        try (Socket socket = socket()) {
            send(socket, "GET / HTTP/1.1", "Host: orders.shop", "Connection: close");
            drain(socket);
        }

        assertThat(recording.exchanges().get(0).peerCertificates()).isEmpty();
    }

    @Test
    void whatPassesACallerOffAsSomebodyIsNotSeenByTheApplication() throws Exception {
        start(NO_LIMIT, NO_GRACE);
        app.on("/orders", (request, response) -> {
            List<String> seen = new ArrayList<>();
            for (String name : List.of("X-Forwarded-Client-Cert", "x-MESH-refusal", "x-mesh-anything", "x-own")) {
                seen.add(request.getHeader(name) + "/" + Collections.list(request.getHeaders(name)) + "/"
                        + Collections.list(request.getHeaderNames()).stream().anyMatch(name::equalsIgnoreCase));
            }
            assertThat(request.getIntHeader("x-mesh-anything")).isEqualTo(-1);
            assertThat(request.getDateHeader("x-mesh-anything")).isEqualTo(-1);
            response.getWriter().write(seen.toString());
        });

        HttpResponse<String> response = get(
                "/orders",
                "x-forwarded-client-cert",
                "By=spiffe://shop.local/orders;URI=spiffe://shop.local/admin",
                "x-mesh-refusal",
                "DRAINING",
                "x-mesh-anything",
                "1",
                "x-own",
                "kept");

        assertThat(response.body()).isEqualTo("[null/[]/false, null/[]/false, null/[]/false, kept/[kept]/true]");
        assertThat(recording.exchanges().get(0).peerCertificates()).isEmpty();
    }

    @Test
    void noHeaderMakesAConnectionEncrypted() throws Exception {
        start(NO_LIMIT, NO_GRACE);

        get(
                "/orders",
                "x-forwarded-proto",
                "https",
                "forwarded",
                "proto=https",
                "x-forwarded-client-cert",
                "URI=spiffe://shop.local/admin",
                "ssl_client_cert",
                "-----BEGIN CERTIFICATE-----");

        assertThat(recording.exchanges().get(0).isEncrypted()).isFalse();
        assertThat(recording.exchanges().get(0).peerCertificates()).isEmpty();
    }

    @Test
    void aPortThatIsNotWrittenDownIsImplied() throws Exception {
        start(NO_LIMIT, NO_GRACE);

        for (String host : List.of("orders", "[::1]")) {
            try (Socket socket = socket()) {
                send(socket, "GET / HTTP/1.1", "Host: " + host, "Connection: close");
                drain(socket);
            }
        }

        assertThat(recording.exchanges()).hasSize(2).allSatisfy(exchange -> {
            assertThat(exchange.seen().isPortImplied()).isTrue();
            assertThat(exchange.seen().query()).isNull();
            assertThat(exchange.peerCertificates()).isEmpty();
        });
    }

    // ---- Asynchronous requests

    @Test
    void anAsynchronousRequestHoldsItsPlaceUntilItIsComplete() throws Exception {
        start(limit(1), NO_GRACE);
        CompletableFuture<AsyncContext> started = new CompletableFuture<>();
        app.on("/async", (request, response) -> started.complete(request.startAsync()));
        app.on("/ok", (request, response) -> {});

        CompletableFuture<HttpResponse<String>> async = getAsync("/async");
        AsyncContext context = started.get();
        assertThat(get("/ok").statusCode()).as("while the place is taken").isEqualTo(503);
        assertThat(recording.exchanges().get(0).ends()).isEmpty();
        ((HttpServletResponse) context.getResponse()).setStatus(202);
        context.complete();

        assertThat(async.get().statusCode()).isEqualTo(202);
        assertThat(ends(0)).containsExactly(new End(202, null));
        assertThat(get("/ok").statusCode()).as("once it is free").isEqualTo(200);
    }

    @Test
    void anAsynchronousRequestMayCompleteBeforeItsDispatchReturns() throws Exception {
        start(limit(1), NO_GRACE);
        app.on("/async", (request, response) -> {
            AsyncContext context = request.startAsync();
            response.setStatus(201);
            context.complete();
        });

        for (int i = 0; i < 3; i++) {
            assertThat(get("/async").statusCode()).isEqualTo(201);
            assertThat(ends(i)).containsExactly(new End(201, null));
        }
    }

    @Test
    void anAsynchronousRequestThatNobodyCompletesTimesOutAsA500() throws Exception {
        start(limit(1), NO_GRACE);
        app.on("/async", (request, response) -> request.startAsync().setTimeout(50));

        assertThat(get("/async").statusCode()).isEqualTo(500);

        assertThat(ends(0)).singleElement().extracting(End::status).isEqualTo(500);
        assertThat(get("/missing").statusCode()).isEqualTo(404);
    }

    @Test
    void anApplicationMayAnswerATimeoutItself() throws Exception {
        start(NO_LIMIT, NO_GRACE);
        app.on("/async", (request, response) -> {
            AsyncContext context = request.startAsync();
            context.setTimeout(50);
            context.addListener(onTimeout(() -> {
                response.setStatus(504);
                context.complete();
            }));
        });

        assertThat(get("/async").statusCode()).isEqualTo(504);

        assertThat(ends(0)).containsExactly(new End(504, null));
    }

    @Test
    void aDispatchedRequestEndsOnceWithItsLastStatus() throws Exception {
        start(limit(1), NO_GRACE);
        app.on("/async", (request, response) -> {
            if (request.getDispatcherType() == DispatcherType.REQUEST) {
                request.startAsync().dispatch();
            } else {
                response.setStatus(203);
                response.getWriter()
                        .write(requireNonNull(mesh.context(), "context").requestId());
            }
        });

        HttpResponse<String> response = get("/async", "x-request-id", "again");

        assertThat(response.statusCode()).isEqualTo(203);
        assertThat(response.body())
                .as("the context is current in the dispatch, too")
                .isEqualTo("again");
        assertThat(ends(0)).containsExactly(new End(203, null));
        assertThat(recording.exchanges()).hasSize(1);
    }

    @Test
    void aRequestThatGoesAsynchronousAgainInADispatchStillEndsOnce() throws Exception {
        start(limit(1), NO_GRACE);
        AtomicInteger dispatches = new AtomicInteger();
        CompletableFuture<AsyncContext> last = new CompletableFuture<>();
        app.on("/async", (request, response) -> {
            AsyncContext context = request.startAsync();
            if (dispatches.incrementAndGet() < 3) {
                context.dispatch();
            } else {
                last.complete(context);
            }
        });

        CompletableFuture<HttpResponse<String>> async = getAsync("/async");
        AsyncContext context = last.get();
        assertThat(recording.exchanges().get(0).ends()).isEmpty();
        context.complete();

        assertThat(async.get().statusCode()).isEqualTo(200);
        assertThat(ends(0)).containsExactly(new End(200, null));
        assertThat(dispatches).hasValue(3);
    }

    @Test
    void anExceptionInADispatchIsA500() throws Exception {
        start(limit(1), NO_GRACE);
        app.on("/async", (request, response) -> {
            if (request.getDispatcherType() == DispatcherType.ASYNC) {
                throw new IllegalStateException("boom");
            }
            request.startAsync().dispatch();
        });

        assertThat(get("/async").statusCode()).isEqualTo(500);

        assertThat(ends(0)).singleElement().extracting(End::status).isEqualTo(500);
        assertThat(get("/missing").statusCode()).as("the place is free again").isEqualTo(404);
    }

    @Test
    void anExceptionAfterGoingAsynchronousIsA500() throws Exception {
        start(limit(1), NO_GRACE);
        app.on("/async", (request, response) -> {
            // Jetty goes on waiting for somebody to complete it.
            request.startAsync().setTimeout(50);
            throw new ServletException("boom");
        });

        assertFails("/async");

        assertThat(ends(0)).singleElement().satisfies(end -> {
            assertThat(end.status()).isEqualTo(500);
            assertThat(end.failure()).hasMessageContaining("boom");
        });
        assertThat(get("/missing").statusCode()).as("the place is free again").isEqualTo(404);
    }

    @Test
    void anExceptionInADispatchThatWentAsynchronousAgainIsA500() throws Exception {
        start(limit(1), NO_GRACE);
        app.on("/async", (request, response) -> {
            AsyncContext context = request.startAsync();
            context.setTimeout(50);
            if (request.getDispatcherType() == DispatcherType.ASYNC) {
                throw new IllegalStateException("boom");
            }
            context.dispatch();
        });

        assertFails("/async");

        assertThat(ends(0)).singleElement().extracting(End::status).isEqualTo(500);
        assertThat(get("/missing").statusCode()).as("the place is free again").isEqualTo(404);
    }

    // ---- Limits

    @Test
    void beyondTheLimitAnHttp2ListenerRefusesAtOnce() throws Exception {
        start(limit(1), NO_GRACE);
        Gate gate = new Gate();
        app.on("/slow", gate);

        CompletableFuture<HttpResponse<String>> slow = getAsync("/slow");
        gate.awaitEntered(1);
        HttpResponse<String> refused = get("/slow");
        gate.open();

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("x-mesh-refusal")).contains("LIMIT_REACHED");
        assertThat(refused.headers().firstValue("x-envoy-overloaded")).contains("true");
        assertThat(refused.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        assertThat(refused.headers().firstValue("connection").isPresent()).isEqualTo(container.closesAfter503());
        assertThat(refused.body())
                .isEqualTo("{\"type\":\"about:blank\",\"title\":\"Too many requests at a time\",\"status\":503,"
                        + "\"reason\":\"LIMIT_REACHED\"}");
        assertThat(slow.get().statusCode()).isEqualTo(200);
        assertThat(ends(1)).containsExactly(new End(503, null));
        assertThat(gate.entered()).as("requests that the application saw").isOne();
    }

    @Test
    void beyondTheRateOfItsCallerARequestIsToldWhenToComeBack() throws Exception {
        more = """
                ---
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: rate }
                spec:
                  targetRef: { kind: VirtualNode, name: orders }
                  rateLimit: { requests: 1, per: 1h, burst: 2, by: caller }
                """;
        start(NO_LIMIT, NO_GRACE);
        app.on("/ok", (request, response) -> response.getWriter().write("ok"));

        assertThat(get("/ok").statusCode()).isEqualTo(200);
        assertThat(get("/ok").statusCode()).isEqualTo(200);
        HttpResponse<String> refused = get("/ok");

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("x-mesh-refusal")).contains("RATE_LIMITED");
        assertThat(refused.headers().firstValue("x-envoy-ratelimited")).contains("true");
        assertThat(refused.headers().firstValueAsLong("retry-after").orElseThrow())
                .isBetween(3_500L, 3_600L);
        certificates.set(new X509Certificate[] {certificate()});
        assertThat(get("/ok").statusCode()).as("another caller").isEqualTo(200);
    }

    @Test
    void aRouteHasARateOfItsOwnAtTheProcessBehindIt() throws Exception {
        more = """
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualRouter
                metadata: { mesh: shop, name: orders }
                spec: { listeners: [{ portMapping: { port: 80, protocol: http2 } }] }
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualService
                metadata: { mesh: shop, name: orders.local }
                spec: { provider: { virtualRouter: { virtualRouterName: orders } } }
                ---
                apiVersion: intramesh.io/v1
                kind: Route
                metadata: { mesh: shop, virtualRouter: orders, name: export }
                spec:
                  http2Route:
                    match: { prefix: /export }
                    action: { weightedTargets: [{ virtualNode: orders, weight: 1 }] }
                ---
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: export }
                spec:
                  targetRef: { kind: Route, virtualRouter: orders, name: export }
                  rateLimit: { requests: 2, per: 1h }
                """;
        start(NO_LIMIT, NO_GRACE);
        app.on("/export", (request, response) -> response.getWriter().write("ok"));
        app.on("/ok", (request, response) -> response.getWriter().write("ok"));
        OkHttpClient caller = new OkHttpClient();

        List<Integer> answers = new ArrayList<>();
        for (String[] asked : new String[][] {
            {"orders.local", "/export"},
            {"orders.local", "/export"},
            {"orders.local", "/export"},
            {"orders.local", "/ok"},
            {"elsewhere.local", "/export"}
        }) {
            Request request = new Request.Builder()
                    .url(uri(asked[1]).toString())
                    .header("Host", asked[0])
                    .build();
            try (Response response = caller.newCall(request).execute()) {
                answers.add(response.code());
            }
        }

        assertThat(answers).containsExactly(200, 200, 429, 200, 200);
    }

    @Test
    void beyondTheConcurrencyOfItsPolicyAProcessSaysThatItIsOverloaded() throws Exception {
        more = """
                ---
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: limit }
                spec:
                  targetRef: { kind: VirtualNode, name: orders }
                  concurrencyLimit: { inbound: { maxRequests: 1 } }
                """;
        start(healthCheck(), NO_GRACE);
        Gate gate = new Gate();
        app.on("/slow", gate);
        app.on("/ok", (request, response) -> response.getWriter().write("ok"));
        CompletableFuture<HttpResponse<String>> slow = getAsync("/slow");
        gate.awaitEntered(1);

        HttpResponse<String> refused = get("/ok");
        HttpResponse<String> check = get("/health");
        gate.open();
        HttpResponse<String> served = slow.get();
        await().untilAsserted(() -> assertThat(get("/ok").statusCode()).isEqualTo(200));

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("x-mesh-refusal")).contains("LIMIT_REACHED");
        assertThat(refused.headers().firstValue("x-envoy-overloaded")).contains("true");
        assertThat(refused.headers().firstValue("retry-after")).isEmpty();
        assertThat(check.statusCode()).isEqualTo(200);
        assertThat(served.statusCode()).isEqualTo(200);
    }

    @Test
    void anHttpListenerLetsSomeWaitAndServesThemInTurn() throws Exception {
        start(waiting(1, 1), NO_GRACE);
        Gate gate = new Gate();
        app.on("/slow", gate);

        CompletableFuture<HttpResponse<String>> first = getAsync("/slow");
        gate.awaitEntered(1);
        CompletableFuture<HttpResponse<String>> second = getAsync("/slow");
        await().until(() -> recording.exchanges().size() == 2);
        HttpResponse<String> third = get("/slow");
        assertThat(gate.entered()).isOne();
        gate.open();

        assertThat(third.statusCode()).isEqualTo(503);
        assertThat(first.get().statusCode()).isEqualTo(200);
        assertThat(second.get().statusCode()).isEqualTo(200);
    }

    @Test
    void whoWaitsTooLongGetsA504() throws Exception {
        start(waiting(1, 1) + "      timeout: { http: { perRequest: { unit: ms, value: 50 } } }\n", NO_GRACE);
        Gate gate = new Gate();
        app.on("/slow", gate);

        CompletableFuture<HttpResponse<String>> first = getAsync("/slow");
        gate.awaitEntered(1);
        HttpResponse<String> second = get("/slow");
        gate.open();

        assertThat(second.statusCode()).isEqualTo(504);
        assertThat(second.headers().firstValue("x-mesh-refusal")).contains("DEADLINE_EXCEEDED");
        assertThat(second.headers().firstValue("x-envoy-overloaded")).isEmpty();
        assertThat(first.get().statusCode()).isEqualTo(200);
    }

    @Test
    void whoIsInterruptedWhileWaitingIsRefused() throws Exception {
        start(waiting(1, 1), NO_GRACE);
        Gate gate = new Gate();
        app.on("/slow", gate);

        CompletableFuture<HttpResponse<String>> first = getAsync("/slow");
        gate.awaitEntered(1);
        CompletableFuture<HttpResponse<String>> second = getAsync("/slow");
        await().until(() -> recording.exchanges().size() == 2);
        Thread waiting = requireNonNull(lastThread.get(), "thread");
        await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
        waiting.interrupt();

        assertThat(second.get().statusCode()).isEqualTo(503);
        gate.open();
        assertThat(first.get().statusCode()).isEqualTo(200);
    }

    @Test
    void aReloadMovesTheLimitWithoutLosingCount() throws Exception {
        start(limit(1), NO_GRACE);
        Gate gate = new Gate();
        app.on("/slow", gate);
        app.on("/ok", (request, response) -> {});

        CompletableFuture<HttpResponse<String>> slow = getAsync("/slow");
        gate.awaitEntered(1);
        assertThat(get("/ok").statusCode()).isEqualTo(503);
        deliver(limit(2));
        await().untilAsserted(() -> assertThat(get("/ok").statusCode()).isEqualTo(200));
        deliver(limit(1));
        await().untilAsserted(() -> assertThat(get("/ok").statusCode()).isEqualTo(503));
        gate.open();

        assertThat(slow.get().statusCode()).isEqualTo(200);
        await().untilAsserted(() -> assertThat(get("/ok").statusCode()).isEqualTo(200));
    }

    @Test
    void aRefusalLeavesTheConnectionAsTheContainerWantsIt() throws Exception {
        start(limit(1), NO_GRACE);
        Gate gate = new Gate();
        app.on("/slow", gate);
        app.on("/ok", (request, response) -> response.getWriter().write("served"));

        CompletableFuture<HttpResponse<String>> slow = getAsync("/slow");
        gate.awaitEntered(1);
        try (Socket socket = socket()) {
            send(socket, "GET /ok HTTP/1.1", "Host: orders");
            ends(1);
            gate.open();
            slow.get();
            ends(0);
            if (!container.closesAfter503()) {
                send(socket, "GET /ok HTTP/1.1", "Host: orders", "Connection: close");
            }
            String received = drain(socket);

            assertThat(received).startsWith("HTTP/1.1 503");
            assertThat(received.endsWith("served")).isEqualTo(!container.closesAfter503());
        }
    }

    // ---- Health checks

    @Test
    void theApplicationAnswersAHealthCheckFirst() throws Exception {
        start(limit(1) + healthCheck(), NO_GRACE);
        app.on("/health", (request, response) -> {
            response.setStatus(500);
            response.getWriter().write("database is down");
        });

        HttpResponse<String> response = get("/health");

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.body()).isEqualTo("database is down");
        app.on("/health", (request, response2) -> response2.getWriter().write("fine"));
        assertThat(get("/health").body()).isEqualTo("fine");
    }

    @Test
    void theFilterAnswersAHealthCheckOfWhichTheApplicationKnowsNothing() throws Exception {
        start(limit(1) + healthCheck(), NO_GRACE);

        HttpResponse<String> response = get("/health");

        assertUp(response);
        assertThat(ends(0)).containsExactly(new End(200, null));
        assertThat(get("/other").statusCode()).isEqualTo(404);
        assertThat(post("/health").statusCode()).isEqualTo(404);
    }

    @Test
    void theFilterAnswersAlsoWhereTheApplicationWritesA404() throws Exception {
        start(limit(1) + healthCheck(), NO_GRACE);
        app.on("/health", (request, response) -> {
            response.setStatus(404);
            response.setContentType("text/html");
            response.getWriter().write("<h1>Not found</h1>");
            response.flushBuffer();
        });
        assertUp(get("/health"));

        app.on("/health", (request, response) -> {
            response.setStatus(404);
            response.getOutputStream().write(new byte[100_000]);
            response.getOutputStream().flush();
        });
        assertUp(get("/health"));

        app.on("/health", (request, response) -> {
            response.getWriter().write("nothing here");
            response.sendError(404, "nothing");
            assertThat(response.isCommitted()).isTrue();
        });
        assertUp(get("/health"));
    }

    @Test
    void anApplicationThatThinksBetterOfA404AnswersItself() throws Exception {
        start(limit(1) + healthCheck(), NO_GRACE);
        app.on("/health", (request, response) -> {
            response.setStatus(404);
            response.setStatus(200);
            response.getWriter().write("fine");
        });

        assertThat(get("/health").body()).isEqualTo("fine");
    }

    @Test
    void anAsynchronous404IsTheApplications() throws Exception {
        start(limit(1) + healthCheck(), NO_GRACE);
        app.on("/health", (request, response) -> {
            AsyncContext context = request.startAsync(request, response);
            context.start(() -> {
                try {
                    ((HttpServletResponse) context.getResponse()).sendError(404);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                context.complete();
            });
        });

        assertThat(get("/health").statusCode()).isEqualTo(404);
    }

    @Test
    void aHealthCheckPassesWhereTheLimitIsReached() throws Exception {
        start(limit(1) + healthCheck(), NO_GRACE);
        Gate gate = new Gate();
        app.on("/slow", gate);

        CompletableFuture<HttpResponse<String>> slow = getAsync("/slow");
        gate.awaitEntered(1);
        assertUp(get("/health"));
        gate.open();

        assertThat(slow.get().statusCode()).isEqualTo(200);
    }

    // ---- Draining

    @Test
    void aDrainingProcessFailsHealthChecksAndClosesConnections() throws Exception {
        start(limit(9) + healthCheck(), Duration.ofMinutes(5));
        app.on("/ok", (request, response) -> response.getWriter().write("served"));
        mesh.drain();

        assertThat(get("/health").statusCode()).isEqualTo(503);
        try (Socket socket = socket()) {
            send(socket, "GET /ok HTTP/1.1", "Host: orders");
            String response = drain(socket);

            assertThat(response)
                    .startsWith("HTTP/1.1 200")
                    .contains("served")
                    .containsIgnoringCase("connection: close");
        }
    }

    @Test
    void afterTheGraceADrainingProcessRefuses() throws Exception {
        start(NO_LIMIT, NO_GRACE);
        app.on("/ok", (request, response) -> {});
        mesh.drain();

        try (Socket socket = socket()) {
            send(socket, "GET /ok HTTP/1.1", "Host: orders");
            String response = drain(socket);

            assertThat(response)
                    .startsWith("HTTP/1.1 503")
                    .containsIgnoringCase("x-mesh-refusal: DRAINING")
                    .containsIgnoringCase("connection: close")
                    .doesNotContain("x-envoy-overloaded");
        }
    }

    @Test
    void whatIsInFlightIsFinishedAndAwaited() throws Exception {
        start(NO_LIMIT, NO_GRACE);
        Gate gate = new Gate();
        app.on("/slow", gate);
        CompletableFuture<HttpResponse<String>> slow = getAsync("/slow");
        gate.awaitEntered(1);

        mesh.drain();
        assertThat(mesh.awaitDrained(Duration.ofMillis(20))).isFalse();
        gate.open();

        assertThat(mesh.awaitDrained(Duration.ofSeconds(30))).isTrue();
        assertThat(slow.get().statusCode()).isEqualTo(200);
        assertThat(slow.get().headers().firstValue("connection"))
                .as("begun before the drain, not yet committed")
                .contains("close");
    }

    // ---- HTTP/2

    @Test
    void requestsOverHttp2AreFiltered() throws Exception {
        start(limit(1), Duration.ofMinutes(5));
        app.on("/ok", (request, response) -> response.getWriter().write(request.getProtocol()));
        Gate gate = new Gate();
        app.on("/slow", gate);
        OkHttpClient http2 = new OkHttpClient.Builder()
                .protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE))
                .build();

        assertThat(h2(http2, "/ok")).isEqualTo(Map.of("status", "200", "body", "HTTP/2.0"));
        CompletableFuture<HttpResponse<String>> slow = getAsync("/slow");
        gate.awaitEntered(1);
        assertThat(h2(http2, "/ok")).containsEntry("status", "503").containsEntry("refusal", "LIMIT_REACHED");
        gate.open();
        slow.get();
        await().until(() -> !recording.exchanges().get(1).ends().isEmpty());
        mesh.drain();

        assertThat(h2(http2, "/ok"))
                .as("served, without the header that HTTP/2 forbids")
                .containsEntry("status", "200");
        assertThat(recording.exchanges().get(0).seen().host()).isEqualTo("127.0.0.1");
        assertThat(recording.exchanges().get(0).seen().port()).isEqualTo(container.port());
        assertThat(recording.exchanges().get(0).seen().isPortImplied()).isFalse();
        http2.connectionPool().evictAll();
        http2.dispatcher().executorService().shutdown();
    }

    // ---- All together

    @Test
    void nothingIsLeftInFlightAfterAThousandRequestsOfEveryKind() throws Exception {
        start(waiting(4, 1_000), NO_GRACE);
        app.on("/ok", (request, response) -> response.getWriter().write("ok"));
        app.on("/boom", (request, response) -> {
            throw new IllegalStateException("boom");
        });
        app.on("/async", (request, response) -> {
            AsyncContext context = request.startAsync();
            executor.execute(context::complete);
        });
        app.on("/dispatch", (request, response) -> {
            if (request.getDispatcherType() == DispatcherType.REQUEST) {
                request.startAsync().dispatch("/ok");
            }
        });
        app.on("/teapot", (request, response) -> response.sendError(418));
        app.on("/error", (request, response) -> {});
        Map<String, Integer> expected =
                Map.of("/ok", 200, "/boom", 500, "/async", 200, "/dispatch", 200, "/teapot", 418, "/missing", 404);
        List<String> paths = List.copyOf(expected.keySet());
        List<Callable<Boolean>> tasks = new ArrayList<>();
        for (int thread = 0; thread < 16; thread++) {
            int offset = thread;
            tasks.add(() -> {
                for (int i = 0; i < 64; i++) {
                    String path = paths.get((offset + i) % paths.size());
                    assertThat(get(path).statusCode()).as(path).isEqualTo(expected.get(path));
                }
                return true;
            });
        }

        for (Future<Boolean> task : executor.invokeAll(tasks)) {
            task.get();
        }

        assertThat(recording.exchanges()).hasSize(16 * 64);
        await().untilAsserted(() -> assertThat(recording.exchanges())
                .allSatisfy(exchange -> assertThat(exchange.ends()).hasSize(1)));
        mesh.drain();
        assertThat(mesh.awaitDrained(NO_GRACE)).isTrue();
    }

    // ---- How

    private void start(String listener, Duration grace) throws Exception {
        startMesh(listener, grace);
        startContainer(List.of(new MeshFilter(recording, mesh::enter)));
    }

    private void startTwice() throws Exception {
        startMesh(NO_LIMIT, NO_GRACE);
        startContainer(List.of(new MeshFilter(recording, mesh::enter), new MeshFilter(recording, mesh::enter)));
    }

    private void startMesh(String listener, Duration grace) {
        // Limits are reached on purpose.
        for (String stage : List.of("InboundLimitStage", "InboundConcurrencyStage", "InboundRateStage")) {
            ((Logger) LoggerFactory.getLogger("io.intramesh.internal.pipeline." + stage)).setLevel(Level.ERROR);
        }
        deliver(listener);
        mesh = Mesh.builder()
                .registry(registry)
                .mesh("shop")
                .virtualNode("orders")
                .drainGrace(grace)
                .start();
        recording = new RecordingInbound(mesh.inbound());
    }

    private void startContainer(List<Filter> meshFilters) throws Exception {
        List<Filter> filters = new ArrayList<>();
        filters.add((request, response, chain) -> {
            // Stands for the connector: what it knows of the connection, and a look at what the filter left behind.
            lastThread.set(Thread.currentThread());
            ServletRequest connected = request;
            if (certificates.get() != null) {
                request.setAttribute("jakarta.servlet.request.X509Certificate", certificates.get());
                connected = encrypted ? new EncryptedRequest((HttpServletRequest) request) : request;
            }
            boolean isOutermost = mesh.context() == null;
            try {
                chain.doFilter(connected, response);
            } finally {
                if (isOutermost && mesh.context() != null) {
                    leaks.incrementAndGet();
                }
            }
        });
        filters.addAll(meshFilters);
        app = new TestApplication(filters);
        container = container(folder);
        container.start(app, "/error");
    }

    private void deliver(String listener) {
        registry.deliver(RawDocument.of(
                "shop.yaml",
                """
                apiVersion: intramesh.io/v1
                kind: Mesh
                metadata: { name: shop }
                spec: {}
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: orders }
                spec:
                  listeners:
                    - portMapping: { port: 8080, protocol: PROTOCOL }
                LISTENER  serviceDiscovery: { dns: { hostname: orders.shop.local } }
                """.replace("PROTOCOL", listener.contains("http:") ? "http" : "http2")
                                .replace("LISTENER", listener)
                        + more));
    }

    private static String limit(int requests) {
        return "      connectionPool: { http2: { maxRequests: " + requests + " } }\n";
    }

    private static String waiting(int connections, int pending) {
        return "      connectionPool: { http: { maxConnections: " + connections + ", maxPendingRequests: " + pending
                + " } }\n";
    }

    private static String healthCheck() {
        return "      healthCheck: { protocol: http, path: /health, healthyThreshold: 2, unhealthyThreshold: 2, "
                + "intervalMillis: 5000, timeoutMillis: 2000 }\n";
    }

    /** Returns the ends reported for a request, once there is one. */
    private List<End> ends(int index) {
        await().until(() -> recording.exchanges().size() > index
                && !recording.exchanges().get(index).ends().isEmpty());
        return recording.exchanges().get(index).ends();
    }

    private TestApplication.Handler app(String path) {
        return (request, response) -> response.getWriter()
                .write(request.getDispatcherType() + " "
                        + requireNonNull(mesh.context(), path).requestId());
    }

    private static void assertUp(HttpResponse<String> response) {
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"status\":\"UP\"}");
        assertThat(response.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    /** Posts, since the client would repeat a GET over a dropped connection. */
    private void assertFails(String path) throws Exception {
        if (container.dropsWhatThrowsAfterGoingAsynchronous()) {
            assertThatThrownBy(() -> post(path)).isInstanceOf(IOException.class);
        } else {
            assertThat(post(path).statusCode()).isEqualTo(500);
        }
    }

    private HttpResponse<String> post(String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(uri(path))
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    private CompletableFuture<HttpResponse<String>> getAsync(String path) {
        return client.sendAsync(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
    }

    private Map<String, String> h2(OkHttpClient http2, String path) throws IOException {
        Request request = new Request.Builder().url(uri(path).toString()).build();
        try (Response response = http2.newCall(request).execute()) {
            String refusal = response.header("x-mesh-refusal");
            String status = Integer.toString(response.code());
            assertThat(response.header("connection")).isNull();
            return refusal == null
                    ? Map.of("status", status, "body", response.body().string())
                    : Map.of("status", status, "refusal", refusal);
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + container.port() + path);
    }

    private Socket socket() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), container.port());
        socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(20));
        return socket;
    }

    private static void send(Socket socket, String... lines) throws IOException {
        String head = String.join("\r\n", lines) + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    /** Reads until the peer closes. */
    private static String drain(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static AsyncListener onTimeout(Runnable action) {
        return new AsyncListener() {
            @Override
            public void onComplete(AsyncEvent event) {}

            @Override
            public void onTimeout(AsyncEvent event) {
                action.run();
            }

            @Override
            public void onError(AsyncEvent event) {}

            @Override
            public void onStartAsync(AsyncEvent event) {}
        };
    }

    private static X509Certificate certificate() throws Exception {
        // CN=storefront, made for this test with openssl; valid until 2126, its key is thrown away.
        String pem = """
                -----BEGIN CERTIFICATE-----
                MIIBpjCCAUygAwIBAgIUAbeubWmta1QyuY52/5ckyPG5pjowCgYIKoZIzj0EAwIw
                FTETMBEGA1UEAwwKc3RvcmVmcm9udDAgFw0yNjExMjEwMzIyMjVaGA8yMTI2MTAy
                ODAzMjIyNVowFTETMBEGA1UEAwwKc3RvcmVmcm9udDBZMBMGByqGSM49AgEGCCqG
                SM49AwEHA0IABN604gazpLocVuW4k49BL+fC1uStpUZAnPj1Qo11pqf/8JolOMhe
                igJ5Lp9KOAM6jVci16+Qh92CuWMo9BSwbxijeDB2MB0GA1UdDgQWBBTHMketp46N
                TotEbyYRTHW3kB/OmzAfBgNVHSMEGDAWgBTHMketp46NTotEbyYRTHW3kB/OmzAP
                BgNVHRMBAf8EBTADAQH/MCMGA1UdEQQcMBqGGHNwaWZmZTovL3Nob3Avc3RvcmVm
                cm9udDAKBggqhkjOPQQDAgNIADBFAiAz7rzBEHSaVW528Za5/iNBijmL/yuMMjM3
                WAWg0GWdqgIhAMWwRSBtTsxzWvaZN/G+aptX2rzeO83vk61i9186gjDk
                -----END CERTIFICATE-----
                """;
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    /** A handler that holds requests until it is opened. */
    private static final class Gate implements TestApplication.Handler {
        private final AtomicInteger entered = new AtomicInteger();
        private final CountDownLatch open = new CountDownLatch(1);

        @Override
        public void handle(jakarta.servlet.http.HttpServletRequest request, HttpServletResponse response)
                throws Exception {
            entered.incrementAndGet();
            open.await();
        }

        void awaitEntered(int requests) {
            await().until(() -> entered.get() >= requests);
        }

        int entered() {
            return entered.get();
        }

        void open() {
            open.countDown();
        }
    }

    /** A request as a connector hands it over that speaks TLS. */
    private static final class EncryptedRequest extends HttpServletRequestWrapper {
        private EncryptedRequest(HttpServletRequest request) {
            super(request);
        }

        @Override
        public boolean isSecure() {
            return true;
        }
    }
}
