package io.intramesh.okhttp;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** Servers, a fake mesh and clients that a test uses; afterwards every request must have come to its end. */
@NullMarked
abstract class MeshFixture {
    static final String URL = "http://payments.shop.local/charges?id=7";

    /** Until the tests are over. */
    private static final Queue<Socket> TAKEN = new ConcurrentLinkedQueue<>();

    final FakeOutbound mesh = new FakeOutbound();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void everyAttemptHasEnded() throws Exception {
        try {
            await().untilAsserted(() -> assertThat(mesh.inFlight()).isZero());
        } finally {
            for (AutoCloseable closeable : open) {
                closeable.close();
            }
            mesh.close();
        }
    }

    /** Returns a server that is an endpoint of the mesh. */
    final MockWebServer endpoint(MockResponse... responses) throws IOException {
        MockWebServer server = server(responses);
        mesh.add(server);
        return server;
    }

    final MockWebServer http2Endpoint(MockResponse... responses) throws IOException {
        MockWebServer server = new MockWebServer();
        server.setProtocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
        start(server, responses);
        mesh.add(server);
        mesh.protocol = io.intramesh.model.Protocol.HTTP2;
        return server;
    }

    final MockWebServer server(MockResponse... responses) throws IOException {
        MockWebServer server = new MockWebServer();
        start(server, responses);
        return server;
    }

    /** Starts a server that the test has set up, as an endpoint of the mesh. */
    final void started(MockWebServer server, MockResponse... responses) throws IOException {
        start(server, responses);
        mesh.add(server);
    }

    private void start(MockWebServer server, MockResponse... responses) throws IOException {
        for (MockResponse response : responses) {
            server.enqueue(response);
        }
        server.start();
        open.add(server);
    }

    /** Returns a port on which nobody listens, now or later: it stays taken by a socket that never does. */
    static int deadPort() throws IOException {
        Socket taken = new Socket();
        taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        TAKEN.add(taken);
        return taken.getLocalPort();
    }

    final MeshClient client() {
        return client(MeshClient.builder(mesh, null));
    }

    final MeshClient client(OkHttpClient.Builder okHttp) {
        return client(MeshClient.builder(mesh, null).okHttp(okHttp));
    }

    final MeshClient client(MeshClient.Builder builder) {
        MeshClient client = builder.build();
        open.add(client);
        return client;
    }

    static MockResponse ok(String body) {
        return new MockResponse.Builder().body(body).build();
    }

    static MockResponse status(int status) {
        return new MockResponse.Builder().code(status).build();
    }

    static MockResponse redirect(int status, String location) {
        return new MockResponse.Builder()
                .code(status)
                .addHeader("Location", location)
                .build();
    }

    static Request get() {
        return get(URL);
    }

    static Request get(String url) {
        return new Request.Builder().url(url).build();
    }

    static Request post(String body) {
        return new Request.Builder()
                .url(URL)
                .post(RequestBody.create(body, null))
                .build();
    }

    /** Executes a call and returns status and body. */
    static String answer(Call call) throws IOException {
        try (Response response = call.execute()) {
            return response.code() + " " + response.body().string();
        }
    }

    static RecordedRequest taken(MockWebServer server) throws InterruptedException {
        RecordedRequest request = server.takeRequest(30, TimeUnit.SECONDS);
        assertThat(request).as("request that reaches the server").isNotNull();
        return request;
    }

    /** Returns what a server could make a request of, and not what it took for one: a handshake, say. */
    static List<String> requests(MockWebServer server) throws InterruptedException {
        List<String> seen = new ArrayList<>();
        for (int i = server.getRequestCount(); i > 0; i--) {
            RecordedRequest request = server.takeRequest(30, TimeUnit.SECONDS);
            if (request != null && request.getFailure() == null) {
                seen.add(request.getRequestLine());
            }
        }
        return seen;
    }

    static String body(RecordedRequest request) {
        return request.getBody() == null ? "" : request.getBody().utf8();
    }

    /** A callback to wait for. */
    static final class Outcome implements Callback {
        private final CompletableFuture<Response> future = new CompletableFuture<>();
        volatile @Nullable Thread thread;
        volatile @Nullable Call call;

        static Outcome of(Call call) {
            Outcome outcome = new Outcome();
            call.enqueue(outcome);
            return outcome;
        }

        @Override
        public void onFailure(Call failed, IOException e) {
            thread = Thread.currentThread();
            call = failed;
            assertThat(future.completeExceptionally(e)).as("only outcome").isTrue();
        }

        @Override
        public void onResponse(Call answered, Response response) {
            thread = Thread.currentThread();
            call = answered;
            assertThat(future.complete(response)).as("only outcome").isTrue();
        }

        boolean isDone() {
            return future.isDone();
        }

        Response response() throws InterruptedException, ExecutionException, TimeoutException {
            return future.get(30, TimeUnit.SECONDS);
        }

        String answer() throws Exception {
            try (Response response = response()) {
                return response.code() + " " + response.body().string();
            }
        }

        /** Closes the answer, if that is what came. */
        void close() {
            if (future.isDone() && !future.isCompletedExceptionally()) {
                future.join().close();
            }
        }

        Throwable failure() throws Exception {
            try {
                Response response = response();
                throw new AssertionError("expected a failure, got " + response);
            } catch (ExecutionException e) {
                return requireNonNull(e.getCause());
            }
        }
    }
}
