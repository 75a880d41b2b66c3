package io.intramesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockWebServer;
import okhttp3.Call;
import okhttp3.EventListener;
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

/** A call can be given up at any moment, and then the endpoint is not to blame. */
@NullMarked
class CancellationTest extends MeshFixture {

    @Test
    void beforeItBegins() throws Exception {
        MockWebServer server = endpoint(ok("never"));
        Call sync = client().newCall(get());
        Call async = client().newCall(get());
        sync.cancel();
        async.cancel();

        assertThat(sync.isCanceled()).isTrue();
        assertThatThrownBy(sync::execute).isInstanceOf(IOException.class).hasMessage("Canceled");
        assertThat(Outcome.of(async).failure()).isInstanceOf(IOException.class).hasMessage("Canceled");
        assertThat(server.getRequestCount()).isZero();
        assertThat(mesh.begun).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whileItWaitsForEndpoints(boolean async) throws Exception {
        mesh.pending = new CompletableFuture<String>();
        CountDownLatch begun = new CountDownLatch(1);
        mesh.onBegin = begun::countDown;

        assertCancelled(async, client().newCall(get()), begun);

        assertThat(mesh.reports).containsExactly("call cancelled");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whileItConnects(boolean async) throws Exception {
        CountDownLatch connecting = new CountDownLatch(1);
        try (FullServer full = new FullServer()) {
            mesh.add(full.port());
            Call call = client(new OkHttpClient.Builder().eventListener(new EventListener() {
                        @Override
                        public void connectStart(Call inner, java.net.InetSocketAddress address, java.net.Proxy proxy) {
                            connecting.countDown();
                        }
                    }))
                    .newCall(get());

            assertCancelled(async, call, connecting);
        }

        assertThat(mesh.reports).containsExactly("1 ended CANCELLED", "call cancelled");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whileItSendsItsBody(boolean async) throws Exception {
        endpoint(ok("never"));
        CountDownLatch writing = new CountDownLatch(1);
        RequestBody endless = new RequestBody() {
            @Override
            public okhttp3.@Nullable MediaType contentType() {
                return null;
            }

            @Override
            public void writeTo(BufferedSink sink) throws IOException {
                byte[] block = new byte[8192];
                while (true) {
                    sink.write(block);
                    sink.flush();
                    writing.countDown();
                }
            }
        };

        assertCancelled(
                async,
                client().newCall(new Request.Builder().url(URL).post(endless).build()),
                writing);

        assertThat(mesh.reports).containsExactly("1 ended CANCELLED", "call cancelled");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whileItWaitsForTheAnswer(boolean async) throws Exception {
        MockWebServer server = endpoint(InterceptorTest.stalling());
        CountDownLatch arrived = new CountDownLatch(1);
        server.setDispatcher(new mockwebserver3.Dispatcher() {
            @Override
            public mockwebserver3.MockResponse dispatch(mockwebserver3.RecordedRequest request) {
                arrived.countDown();
                return InterceptorTest.stalling();
            }
        });

        assertCancelled(async, client().newCall(get()), arrived);

        assertThat(mesh.reports).containsExactly("1 ended CANCELLED", "call cancelled");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whileItPausesBetweenAttempts(boolean async) throws Exception {
        mesh.add(deadPort());
        mesh.attempts = 2;
        mesh.pause = Duration.ofMinutes(5);
        CountDownLatch failed = new CountDownLatch(1);
        mesh.onFailed = failed::countDown;

        assertCancelled(async, client().newCall(get()), failed);

        assertThat(mesh.reports).containsExactly("1 failed not reached", "call cancelled");
    }

    @Test
    void whileTheApplicationReads() throws Exception {
        endpoint(InterceptorTest.halfBody());
        Call call = client().newCall(get());
        try (Response response = call.execute()) {
            response.body().source().readUtf8(5);

            call.cancel();

            assertThatThrownBy(() -> response.body().source().readByte()).isInstanceOf(IOException.class);
        }

        assertThat(mesh.reports).containsExactly("1 responded 200", "1 ended CANCELLED");
    }

    @Test
    void withoutReadingAnyMore() throws Exception {
        endpoint(InterceptorTest.halfBody());
        Call call = client().newCall(get());
        Response response = call.execute();

        call.cancel();

        assertThat(mesh.reports).containsExactly("1 responded 200", "1 ended CANCELLED");
        response.close();
    }

    @Test
    void whenAllIsOver() throws Exception {
        endpoint(ok("paid"));
        Call call = client().newCall(get());
        answer(call);

        call.cancel();

        assertThat(mesh.reports).containsExactly("1 responded 200", "1 ended COMPLETED");
    }

    @Test
    void byWayOfTheDispatcher() throws Exception {
        MockWebServer server = endpoint(InterceptorTest.stalling());
        MeshClient client = client();
        mesh.attempts = 5;
        Outcome outcome = Outcome.of(client.newCall(get()));
        taken(server);

        client.base().dispatcher().cancelAll();

        assertThat(outcome.failure()).isInstanceOf(IOException.class);
        assertThat(mesh.reports).containsExactly("1 ended CANCELLED", "call cancelled");
    }

    @Test
    void anOutsideCall() throws Exception {
        MockWebServer outside = server(InterceptorTest.stalling());
        mesh.passThrough.add(outside.getHostName());
        Call call = client().newCall(get(outside.url("/").toString()));
        Outcome outcome = Outcome.of(call);
        taken(outside);

        call.cancel();

        assertThat(outcome.failure()).isInstanceOf(IOException.class);
    }

    /** Cancels from another thread once the moment has come; expects the failure at once. */
    private static void assertCancelled(boolean async, Call call, CountDownLatch moment) throws Exception {
        Thread canceller = new Thread(() -> {
            try {
                assertThat(moment.await(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            call.cancel();
        });
        canceller.start();
        Throwable failure = async ? Outcome.of(call).failure() : failureOf(call);
        canceller.join();

        assertThat(failure).isInstanceOf(IOException.class);
        assertThat(call.isCanceled()).isTrue();
    }

    private static Throwable failureOf(Call call) {
        try (Response response = call.execute()) {
            throw new AssertionError("expected a failure, got " + response);
        } catch (IOException e) {
            return e;
        }
    }

    /** Accepts nothing and has its queue full, so that the next connect waits. */
    private static final class FullServer implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        private final List<Socket> queued = new ArrayList<>();

        private FullServer() throws IOException {
            for (int i = 0; i < 8; i++) {
                Socket socket = new Socket();
                queued.add(socket);
                try {
                    socket.connect(server.getLocalSocketAddress(), 100);
                } catch (java.net.SocketTimeoutException full) {
                    return;
                }
            }
            throw new IOException("the queue never filled");
        }

        int port() {
            return server.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : queued) {
                socket.close();
            }
            server.close();
        }
    }
}
