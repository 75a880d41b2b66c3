package io.intramesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent how often, and what the mesh is told about it. */
@NullMarked
class AttemptTest extends MeshFixture {
    private static final int REFUSED_STREAM = 7;
    private static final int INTERNAL_ERROR = 2;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFailedConnectReachesNobodyAndTheNextAttemptTakesAnotherEndpoint(boolean async) throws Exception {
        mesh.add(deadPort());
        MockWebServer alive = endpoint(ok("paid"));
        mesh.attempts = 2;
        mesh.pause = Duration.ofMillis(5);

        assertThat(answer(async, client().newCall(oneShot("seven")))).isEqualTo("200 paid");

        assertThat(body(taken(alive))).isEqualTo("seven");
        await().untilAsserted(() -> assertThat(mesh.reports)
                .containsExactly("1 failed not reached", "2 responded 200", "2 ended COMPLETED"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAnswerThatTheMeshRejectsIsDroppedAndItsConnectionUsedAgain(boolean async) throws Exception {
        MockWebServer server = endpoint(status(503).newBuilder().body("busy").build(), ok("paid"));
        mesh.attempts = 2;

        assertThat(answer(async, client().newCall(post("seven")))).isEqualTo("200 paid");

        assertThat(body(taken(server))).isEqualTo("seven");
        assertThat(body(taken(server))).isEqualTo("seven");
        await().untilAsserted(() ->
                assertThat(mesh.reports).containsExactly("1 responded 503", "2 responded 200", "2 ended COMPLETED"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theLastFailureIsTheMeshsOwn(boolean async) throws Exception {
        mesh.add(deadPort());
        mesh.attempts = 3;

        assertThatThrownBy(() -> answer(async, client().newCall(get())))
                .isInstanceOfSatisfying(MeshCallException.class, e -> {
                    assertThat(e.reason()).isEqualTo(Reason.CONNECTION_FAILED);
                    assertThat(e.mayHaveReachedPeer()).isFalse();
                });

        assertThat(mesh.reports)
                .containsExactly("1 failed not reached", "2 failed not reached", "3 failed not reached");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAnswerThatNoOtherCanBeHadForIsTheOneThatCounts(boolean async) throws Exception {
        String body = "x".repeat(100_000);
        endpoint(new MockResponse.Builder().code(503).body(body).build(), ok("again"));
        mesh.attempts = 2;
        mesh.hasNoRetry = true;
        MeshClient client = client();

        for (String expected : List.of("503 " + body, "200 again")) {
            Call call = client.newCall(get());
            assertThat(async ? Outcome.of(call).answer() : answer(call)).isEqualTo(expected);
        }

        // Its connection was free again.
        assertThat(client.pool().connectionCount()).isEqualTo(1);
    }

    @Test
    void aPostIsNotSentAgainWhenAReusedConnectionDies() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            serve(server, socket -> {
                readRequest(socket);
                requests.incrementAndGet();
                write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                if (readRequest(socket)) {
                    requests.incrementAndGet();
                }
            });
            mesh.add(server.getLocalPort());
            MeshClient client = client();
            answer(client.newCall(get()));

            assertThatThrownBy(() -> client.newCall(post("charge me once")).execute())
                    .isInstanceOfSatisfying(
                            MeshCallException.class,
                            e -> assertThat(e.mayHaveReachedPeer()).isTrue());

            assertThat(requests).hasValue(2);
            assertThat(mesh.reports).containsExactly("1 responded 200", "1 ended COMPLETED", "1 failed maybe reached");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 503})
    void okHttpsOwnRepetitionIsOffAndTheAnswerComesAsThePeerSentIt(int status) throws Exception {
        MockWebServer server = endpoint(
                status(status)
                        .newBuilder()
                        .addHeader("Retry-After", "0")
                        .body("later")
                        .build(),
                ok("sent twice"));

        try (Response response = client().newCall(get()).execute()) {
            assertThat(response.code()).isEqualTo(status);
            assertThat(response.headers("Retry-After")).containsExactly("0");
            assertThat(response.networkResponse().header("Retry-After")).isEqualTo("0");
            assertThat(response.body().string()).isEqualTo("later");
        }

        assertThat(server.getRequestCount()).isEqualTo(1);
    }

    @Test
    void aRetryAfterThatNoNumberHoldsDoesNoHarm() throws Exception {
        endpoint(
                status(503).newBuilder().addHeader("Retry-After", "99999999999").build());

        try (Response response = client().newCall(get()).execute()) {
            assertThat(response.header("Retry-After")).isEqualTo("99999999999");
        }
    }

    @Test
    void anOkHttpWithoutTheMeshWouldSendTwice() throws Exception {
        MockResponse later =
                status(503).newBuilder().addHeader("Retry-After", "0").build();
        MockWebServer server = server(later, ok("again"));

        try (Response response = new OkHttpClient.Builder()
                .retryOnConnectionFailure(false)
                .build()
                .newCall(get(server.url("/").toString()))
                .execute()) {
            assertThat(response.code()).isEqualTo(200);
        }

        assertThat(server.getRequestCount()).isEqualTo(2);
    }

    @Test
    void aStreamThatThePeerRefusedDidNotReachIt() throws Exception {
        http2Endpoint(resetting(REFUSED_STREAM), ok("paid"));
        mesh.attempts = 2;

        assertThat(answer(client().newCall(oneShot("seven")))).isEqualTo("200 paid");

        assertThat(mesh.reports).containsExactly("1 failed not reached", "2 responded 200", "2 ended COMPLETED");
    }

    @Test
    void aStreamThatThePeerResetMayHaveReachedIt() throws Exception {
        http2Endpoint(resetting(INTERNAL_ERROR));

        assertThatThrownBy(() -> client().newCall(get()).execute()).isInstanceOf(MeshCallException.class);

        assertThat(mesh.reports).containsExactly("1 failed maybe reached");
    }

    @Test
    void aPeerThatClosesBeforeItAnswersMayHaveBeenReached() throws Exception {
        endpoint(new MockResponse.Builder()
                .onResponseStart(new SocketEffect.CloseSocket())
                .build());

        assertThatThrownBy(() -> client().newCall(get()).execute()).isInstanceOf(MeshCallException.class);

        assertThat(mesh.reports).containsExactly("1 failed maybe reached");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAttemptsTimeRunsOutBeforeTheAnswer(boolean async) throws Exception {
        CompletableFuture<String> reached = new CompletableFuture<>();
        endpoint().setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                reached.complete("the request is there");
                return new MockResponse.Builder()
                        .onResponseStart(SocketEffect.Stall.INSTANCE)
                        .build();
            }
        });
        mesh.timeout = Duration.ofMillis(100);
        mesh.beforeTimeIsUp = reached;

        assertThatThrownBy(() -> answer(async, client().newCall(get())))
                .isInstanceOfSatisfying(
                        MeshCallException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED));

        assertThat(mesh.reports).containsExactly("1 failed maybe reached");
    }

    @Test
    void anAttemptsTimeCoversTheBody() throws Exception {
        endpoint(slowBody());
        mesh.timeout = Duration.ofMillis(300);
        CompletableFuture<String> answered = new CompletableFuture<>();
        mesh.beforeTimeIsUp = answered;

        try (Response response = client().newCall(get()).execute()) {
            answered.complete("the headers are there");
            assertThatThrownBy(() -> response.body().string()).isInstanceOf(InterruptedIOException.class);
        }

        assertThat(mesh.reports).containsExactly("1 responded 200", "1 ended FAILED");
    }

    @Test
    void anAttemptWhoseBodyNobodyReadsEndsWithItsTime() throws Exception {
        endpoint(slowBody());
        mesh.timeout = Duration.ofMillis(200);
        CompletableFuture<String> answered = new CompletableFuture<>();
        mesh.beforeTimeIsUp = answered;

        Response leaked = client().newCall(get()).execute();
        answered.complete("the headers are there");

        await().untilAsserted(() -> assertThat(mesh.inFlight()).isZero());
        assertThat(mesh.reports).containsExactly("1 responded 200", "1 ended FAILED");
        leaked.close();
    }

    @Test
    void aSilentPeerIsGivenUpAfterTheIdleTimeout() throws Exception {
        endpoint(slowBody());
        // Long enough for the headers to come in time however the machine stalls.
        mesh.idle = Duration.ofSeconds(3);

        try (Response response = client().newCall(get()).execute()) {
            assertThatThrownBy(() -> response.body().string()).isInstanceOf(InterruptedIOException.class);
        }

        assertThat(mesh.reports).containsExactly("1 responded 200", "1 ended FAILED");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theApplicationsCallTimeoutLimitsAllAttemptsTogether(boolean async) throws Exception {
        for (int i = 0; i < 100; i++) {
            mesh.add(deadPort());
        }
        mesh.attempts = 1000;
        mesh.pause = Duration.ofMillis(150);
        MeshClient client = client(new OkHttpClient.Builder().callTimeout(Duration.ofSeconds(2)));

        assertThatThrownBy(() -> answer(async, client.newCall(get())))
                .isInstanceOf(InterruptedIOException.class)
                .hasMessage("timeout");

        assertThat(mesh.reports).hasSizeBetween(2, 17).endsWith("call cancelled");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCallWaitsUntilEndpointsAreKnown(boolean async) throws Exception {
        endpoint(ok("paid"));
        CompletableFuture<String> lookup = new CompletableFuture<>();
        mesh.pending = lookup;
        mesh.onBegin = () -> mesh.schedule(() -> lookup.complete("found"), Duration.ofMillis(50), Runnable::run);

        assertThat(answer(async, client().newCall(get()))).isEqualTo("200 paid");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void waitingForEndpointsCountsAgainstTheCallTimeout(boolean async) throws Exception {
        endpoint(ok("paid"));
        mesh.pending = new CompletableFuture<String>();
        MeshClient client = client();
        Call call = client.newCall(get());
        call.timeout().timeout(100, TimeUnit.MILLISECONDS);

        assertThatThrownBy(() -> answer(async, call))
                .isInstanceOf(InterruptedIOException.class)
                .hasMessage("timeout");

        assertThat(mesh.reports).containsExactly("call cancelled");
    }

    @Test
    void anInterruptEndsAWaitForEndpoints() throws Exception {
        mesh.pending = new CompletableFuture<String>();
        Call call = client().newCall(get());
        Thread.currentThread().interrupt();

        assertThatThrownBy(call::execute)
                .isInstanceOf(InterruptedIOException.class)
                .hasMessage("interrupted");

        assertThat(Thread.interrupted()).isTrue();
        assertThat(mesh.reports).containsExactly("call cancelled");
    }

    @Test
    void aBodyThatCrashesIsTheApplicationsFaultAndNotTheEndpoints() throws Exception {
        endpoint(ok("never"), ok("never"));
        mesh.attempts = 3;
        RequestBody crashing = new RequestBody() {
            @Override
            public @Nullable MediaType contentType() {
                return null;
            }

            @Override
            public void writeTo(BufferedSink sink) {
                throw new IllegalStateException("bug in the application");
            }
        };
        Request request = new Request.Builder().url(URL).post(crashing).build();

        assertThatThrownBy(() -> client().newCall(request).execute()).hasMessage("bug in the application");

        assertThat(mesh.reports).containsExactly("1 ended CANCELLED", "call cancelled");
    }

    private static String answer(boolean async, Call call) throws Exception {
        if (!async) {
            return answer(call);
        }
        Outcome outcome = Outcome.of(call);
        try {
            return outcome.answer();
        } catch (java.util.concurrent.ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    private static MockResponse resetting(int code) {
        return new MockResponse.Builder()
                .onResponseStart(new SocketEffect.CloseStream(code))
                .build();
    }

    /** Headers at once, and a body that never comes to its end. */
    private static MockResponse slowBody() {
        return new MockResponse.Builder()
                .body("begin")
                .setHeader("Content-Length", "100")
                .onResponseEnd(SocketEffect.Stall.INSTANCE)
                .build();
    }

    private static Request oneShot(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Request.Builder()
                .url(URL)
                .post(new RequestBody() {
                    @Override
                    public @Nullable MediaType contentType() {
                        return null;
                    }

                    @Override
                    public long contentLength() {
                        return bytes.length;
                    }

                    @Override
                    public boolean isOneShot() {
                        return true;
                    }

                    @Override
                    public void writeTo(BufferedSink sink) throws IOException {
                        sink.write(bytes);
                    }
                })
                .build();
    }

    private interface Exchange {
        void serve(Socket socket) throws IOException;
    }

    /** Serves one connection after the other until the server socket is closed. */
    private static void serve(ServerSocket server, Exchange exchange) {
        Thread thread = new Thread(() -> {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    exchange.serve(socket);
                } catch (IOException e) {
                    // The client went away, or the test is over.
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    /** Reads up to the end of the header and the body that Content-Length announces. */
    private static boolean readRequest(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder header = new StringBuilder();
        while (header.indexOf("\r\n\r\n") < 0) {
            int read = in.read();
            if (read < 0) {
                return false;
            }
            header.append((char) read);
        }
        java.util.regex.Matcher length =
                java.util.regex.Pattern.compile("Content-Length: (\\d+)").matcher(header);
        if (length.find()) {
            in.readNBytes(Integer.parseInt(length.group(1)));
        }
        return true;
    }

    private static void write(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }
}
