package io.intramesh.spring.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.StreamingHttpOutputMessage;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;

class MeshRequestFactoryTest {
    private final RecordingCalls calls = new RecordingCalls();
    private final RestClient client =
            RestClient.builder().requestFactory(new MeshRequestFactory(calls)).build();

    @AfterEach
    void nothingStaysOpen() {
        calls.awaitAllReturned();
        calls.close();
    }

    @Test
    void requestAndResponsePassUnchanged() throws IOException {
        AtomicReference<String> seen = new AtomicReference<>();
        try (Callee callee = new Callee(exchange -> {
            seen.set(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().get("X-Many") + " "
                    + exchange.getRequestHeaders().getFirst("Content-Type") + " "
                    + exchange.getRequestHeaders().getFirst("Content-Length") + " " + Callee.text(exchange));
            exchange.getResponseHeaders().put("X-Answer", List.of("1", "2"));
            Callee.answer(exchange, 201, "made");
        })) {
            ResponseEntity<String> answer = client.put()
                    .uri(URI.create(callee.url("/charges/7?q=a%20b")))
                    .header("X-Many", "one", "two")
                    .contentType(MediaType.parseMediaType("text/plain;charset=UTF-8"))
                    .body("seven")
                    .retrieve()
                    .toEntity(String.class);

            assertThat(seen).hasValue("PUT /charges/7?q=a%20b [one, two] text/plain;charset=UTF-8 5 seven");
            assertThat(answer.getStatusCode().value()).isEqualTo(201);
            assertThat(answer.getHeaders().getValuesAsList("X-Answer")).containsExactly("1", "2");
            assertThat(answer.getBody()).isEqualTo("made");
        }
    }

    @Test
    void aTextBodyCanBeSentAgainAndAStreamCannot() throws IOException {
        try (Callee callee = new Callee(exchange -> Callee.answer(exchange, 200, Callee.text(exchange)))) {
            String url = callee.url("/");

            client.post().uri(url).body("text").retrieve().toBodilessEntity();
            client.post()
                    .uri(url)
                    .body((StreamingHttpOutputMessage.Body) out -> out.write("stream".getBytes(UTF_8)))
                    .retrieve()
                    .toBodilessEntity();

            assertThat(calls.made)
                    .extracting(call -> body(call.request()).isOneShot())
                    .containsExactly(false, true);
        }
    }

    @Test
    void aLargeStreamGoesOutInChunksAndIsNotGathered() throws IOException {
        int megabytes = 5;
        AtomicReference<String> encoding = new AtomicReference<>();
        AtomicInteger arrived = new AtomicInteger();
        CountDownLatch begun = new CountDownLatch(1);
        try (Callee callee = new Callee(exchange -> {
            encoding.set(exchange.getRequestHeaders().getFirst("Transfer-Encoding"));
            InputStream in = exchange.getRequestBody();
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read != -1; read = in.read(buffer)) {
                arrived.addAndGet(read);
                begun.countDown();
            }
            Callee.answer(exchange, 200, "");
        })) {
            client.post()
                    .uri(callee.url("/"))
                    .body((StreamingHttpOutputMessage.Body) out -> {
                        out.write(new byte[1 << 20]);
                        out.flush();
                        // The callee reads the first part while the last is not yet written.
                        await(begun);
                        for (int i = 1; i < megabytes; i++) {
                            out.write(new byte[1 << 20]);
                        }
                        out.close();
                    })
                    .retrieve()
                    .toBodilessEntity();

            assertThat(encoding).hasValue("chunked");
            assertThat(arrived).hasValue(megabytes << 20);
        }
    }

    @Test
    void aBodyWrittenToTheRequestIsSentWithItsLength() throws IOException {
        AtomicReference<String> seen = new AtomicReference<>();
        try (Callee callee = new Callee(exchange -> {
            seen.set(exchange.getRequestHeaders().getFirst("Content-Length") + " " + Callee.text(exchange));
            Callee.answer(exchange, 200, "");
        })) {
            ClientHttpRequest request =
                    new MeshRequestFactory(calls).createRequest(URI.create(callee.url("/")), HttpMethod.POST);
            try (OutputStream body = request.getBody()) {
                body.write("written".getBytes(UTF_8));
            }

            try (ClientHttpResponse response = request.execute()) {
                assertThat(response.getStatusCode().value()).isEqualTo(200);
            }

            assertThat(seen).hasValue("7 written");
        }
    }

    @Test
    void aBodyIsWrittenOrHandedOverButNotBoth() throws IOException {
        BlockingRequest request = new BlockingRequest(calls, null, URI.create("http://localhost/"), HttpMethod.POST);
        request.setBody(out -> {});

        assertThatThrownBy(request::getBody).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aPostNeedsNoBody() throws IOException {
        AtomicReference<@Nullable String> length = new AtomicReference<>();
        try (Callee callee = new Callee(exchange -> {
            length.set(exchange.getRequestHeaders().getFirst("Content-Length"));
            Callee.answer(exchange, 200, "");
        })) {
            client.post().uri(callee.url("/")).retrieve().toBodilessEntity();

            assertThat(length).hasValue("0");
        }
    }

    @Test
    void restTemplateUsesItToo() throws IOException {
        try (Callee callee = new Callee(exchange -> Callee.answer(exchange, 200, Callee.text(exchange)))) {
            RestTemplate template = new RestTemplate(new MeshRequestFactory(calls));

            assertThat(template.postForObject(callee.url("/"), "echo", String.class))
                    .isEqualTo("echo");
        }
    }

    @Test
    void anUnreadResponseIsGivenBack() throws IOException {
        try (Callee callee = new Callee(exchange -> Callee.answer(exchange, 200, "x".repeat(100_000)))) {
            ClientHttpResponse response = new MeshRequestFactory(calls)
                    .createRequest(URI.create(callee.url("/")), HttpMethod.GET)
                    .execute();
            assertThat(response.getBody().read()).isEqualTo('x');

            response.close();

            calls.awaitAllReturned();
        }
    }

    @Test
    void silenceBeforeTheResponseEndsTheCall() throws IOException {
        CountDownLatch hold = new CountDownLatch(1);
        try (Callee callee = new Callee(exchange -> await(hold))) {
            RestClient impatient = RestClient.builder()
                    .requestFactory(new MeshRequestFactory(calls, Duration.ofMillis(50)))
                    .build();

            assertThatThrownBy(() ->
                            impatient.get().uri(callee.url("/")).retrieve().toBodilessEntity())
                    .isInstanceOf(ResourceAccessException.class)
                    .hasCauseInstanceOf(SocketTimeoutException.class)
                    .hasMessageContaining("nothing received for 50 ms from localhost");

            assertThat(calls.only().isCanceled()).isTrue();
            hold.countDown();
        }
    }

    @Test
    void silenceWithinTheResponseEndsTheCall() throws IOException {
        CountDownLatch hold = new CountDownLatch(1);
        try (Callee callee = new Callee(exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    Callee.send(exchange, "a");
                    await(hold);
                });
                // Long enough for the headers to come in time however the machine stalls.
                ClientHttpResponse response = new MeshRequestFactory(calls, Duration.ofSeconds(3))
                        .createRequest(URI.create(callee.url("/")), HttpMethod.GET)
                        .execute()) {
            InputStream body = response.getBody();
            assertThat(body.read()).isEqualTo('a');

            assertThatThrownBy(body::read).isInstanceOf(SocketTimeoutException.class);

            assertThat(calls.only().isCanceled()).isTrue();
            hold.countDown();
        }
    }

    @Test
    void aReadTimeoutLimitsTheSilenceAndNotTheWhole() throws IOException {
        int parts = 6;
        Duration limit = Duration.ofSeconds(3);
        CountDownLatch never = new CountDownLatch(1);
        try (Callee callee = new Callee(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            for (int i = 0; i < parts; i++) {
                Callee.send(exchange, "a");
                // Together longer than the limit, each far shorter.
                await(never, limit.dividedBy(5));
            }
        })) {
            RestClient patient = RestClient.builder()
                    .requestFactory(new MeshRequestFactory(calls, limit))
                    .build();

            assertThat(patient.get().uri(callee.url("/")).retrieve().body(String.class))
                    .isEqualTo("a".repeat(parts));
        }
    }

    @Test
    void aRefusalIsTheCauseOfWhatSpringThrows() {
        MeshCallException refusal = new MeshCallException(Reason.NO_ROUTE, "no route");
        RestClient refused = RestClient.builder()
                .requestFactory(new MeshRequestFactory(request -> {
                    return new RefusedCall(request, refusal);
                }))
                .build();

        assertThatThrownBy(() ->
                        refused.get().uri("http://payments.local/").retrieve().toBodilessEntity())
                .isInstanceOf(ResourceAccessException.class)
                .hasCause(refusal);
    }

    @Test
    void onlyHttpIsSpoken() {
        assertThatThrownBy(() ->
                        client.get().uri("ftp://payments.local/").retrieve().toBodilessEntity())
                .isInstanceOf(ResourceAccessException.class)
                .hasMessageContaining("'ftp://payments.local/' (expected: an absolute http or https URL)");
    }

    private static RequestBody body(okhttp3.Request request) {
        return requireNonNull(request.body());
    }

    private static void await(CountDownLatch latch) {
        await(latch, Duration.ofMinutes(1));
    }

    private static void await(CountDownLatch latch, Duration limit) {
        try {
            boolean unused = latch.await(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
