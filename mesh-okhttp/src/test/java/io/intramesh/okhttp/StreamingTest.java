package io.intramesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockResponseBody;
import mockwebserver3.MockWebServer;
import okhttp3.Headers;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import okio.BufferedSource;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies pass as they are, in both directions and piece by piece. */
@NullMarked
class StreamingTest extends MeshFixture {
    private static final int MEGABYTES = 8;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLargeBodyGoesUpInPiecesThatAreNeverHeldTogether(boolean http2) throws Exception {
        MockWebServer server = http2 ? http2Endpoint(ok("got it")) : endpoint(ok("got it"));
        server.setBodyLimit(0);
        Request request = new Request.Builder()
                .url(URL)
                .post(new RequestBody() {
                    @Override
                    public @Nullable MediaType contentType() {
                        return MediaType.parse("application/octet-stream");
                    }

                    @Override
                    public boolean isOneShot() {
                        return true;
                    }

                    @Override
                    public void writeTo(BufferedSink sink) throws IOException {
                        byte[] block = new byte[1 << 16];
                        for (int i = 0; i < MEGABYTES * 16; i++) {
                            sink.write(block);
                        }
                    }
                })
                .build();

        assertThat(answer(client().newCall(request))).isEqualTo("200 got it");

        assertThat(taken(server).getBodySize()).isEqualTo((long) MEGABYTES << 20);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAnswerIsReadWhileThePeerStillWritesIt(boolean http2) throws Exception {
        CountDownLatch firstRead = new CountDownLatch(1);
        MockResponse events = new MockResponse.Builder()
                .addHeader("Content-Type", "text/event-stream")
                .body(new MockResponseBody() {
                    @Override
                    public long getContentLength() {
                        return -1;
                    }

                    @Override
                    public void writeTo(BufferedSink sink) throws IOException {
                        chunk(sink, "data: one\n", http2);
                        try {
                            assertThat(firstRead.await(10, TimeUnit.SECONDS)).isTrue();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        chunk(sink, "data: two\n", http2);
                        if (!http2) {
                            sink.writeUtf8("0\r\n\r\n");
                        }
                    }
                })
                .build();
        if (http2) {
            http2Endpoint(events);
        } else {
            endpoint(events.newBuilder()
                    .addHeader("Transfer-Encoding", "chunked")
                    .build());
        }

        try (Response response = client().newCall(get()).execute()) {
            BufferedSource source = response.body().source();
            assertThat(source.readUtf8Line()).isEqualTo("data: one");
            assertThat(mesh.inFlight()).isEqualTo(1);
            firstRead.countDown();
            assertThat(source.readUtf8Line()).isEqualTo("data: two");
            assertThat(source.exhausted()).isTrue();
            await().untilAsserted(() -> assertThat(mesh.inFlight()).isZero());
        }

        assertThat(mesh.reports).containsExactly("1 responded 200", "1 ended COMPLETED");
    }

    @Test
    void trailersArriveAfterTheBody() throws Exception {
        http2Endpoint(ok("message")
                .newBuilder()
                .trailers(Headers.of("grpc-status", "0"))
                .build());

        try (Response response = client().newCall(get()).execute()) {
            assertThat(response.body().string()).isEqualTo("message");
            assertThat(response.trailers().get("grpc-status")).isEqualTo("0");
        }
    }

    @Test
    void compressedAnswersAreUnpackedAsEver() throws Exception {
        okio.Buffer zipped = new okio.Buffer();
        try (BufferedSink gzip = okio.Okio.buffer(new okio.GzipSink(zipped))) {
            gzip.write("unpacked".getBytes(StandardCharsets.UTF_8));
        }
        endpoint(new MockResponse.Builder()
                .addHeader("Content-Encoding", "gzip")
                .body(zipped)
                .build());

        assertThat(answer(client().newCall(get()))).isEqualTo("200 unpacked");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HEAD", "DELETE"})
    void anAnswerWithoutABodyEndsAtOnce(String method) throws Exception {
        endpoint(status(204));

        Response response = client().newCall(
                        get().newBuilder().method(method, null).build())
                .execute();

        assertThat(mesh.reports).containsExactly("1 responded 204", "1 ended COMPLETED");
        response.close();
    }

    private static void chunk(BufferedSink sink, String text, boolean http2) throws IOException {
        if (!http2) {
            sink.writeUtf8(Integer.toHexString(text.length()) + "\r\n");
        }
        sink.writeUtf8(text);
        if (!http2) {
            sink.writeUtf8("\r\n");
        }
        sink.flush();
    }
}
