package io.intramesh.spring.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.Call;
import okhttp3.RequestBody;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

class MeshConnectorTest {
    private final RecordingCalls calls = new RecordingCalls();
    private final Scheduler readers = Schedulers.newBoundedElastic(20, 1000, "readers", 5, true);
    private final WebClient client = client(null);

    @AfterEach
    void nothingStaysOpen() {
        calls.awaitAllReturned();
        calls.close();
        readers.dispose();
    }

    @Test
    void requestAndResponsePassUnchanged() throws IOException {
        AtomicReference<String> seen = new AtomicReference<>();
        try (Callee callee = new Callee(exchange -> {
            seen.set(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().get("X-Many") + " "
                    + exchange.getRequestHeaders().getFirst("Content-Length") + " "
                    + exchange.getRequestHeaders().getFirst("Cookie") + " " + Callee.text(exchange));
            exchange.getResponseHeaders().put("X-Answer", List.of("1", "2"));
            Callee.answer(exchange, 201, "made");
        })) {
            ResponseEntity<String> answer = client.put()
                    .uri(URI.create(callee.url("/charges/7?q=a%20b")))
                    .header("X-Many", "one", "two")
                    .cookie("k", "v")
                    .cookie("l", "w")
                    .bodyValue("seven")
                    .retrieve()
                    .toEntity(String.class)
                    .block();

            assertThat(seen.get())
                    .isIn(
                            "PUT /charges/7?q=a%20b [one, two] 5 k=v; l=w seven",
                            "PUT /charges/7?q=a%20b [one, two] 5 l=w; k=v seven");
            assertThat(requireNonNull(answer).getStatusCode().value()).isEqualTo(201);
            assertThat(answer.getHeaders().getValuesAsList("X-Answer")).containsExactly("1", "2");
            assertThat(answer.getBody()).isEqualTo("made");
        }
    }

    @Test
    void aSingleValueCanBeSentAgainAndAStreamCannot() throws IOException {
        try (Callee callee = new Callee(exchange -> Callee.answer(exchange, 200, Callee.text(exchange)))) {
            String url = callee.url("/");

            client.post()
                    .uri(url)
                    .bodyValue("one")
                    .retrieve()
                    .toBodilessEntity()
                    .block();
            String echo = client.post()
                    .uri(url)
                    .contentType(MediaType.TEXT_PLAIN)
                    .body(Flux.just("one", "two"), String.class)
                    .retrieve()
                    .bodyToMono(String.class)
                    .block();

            assertThat(echo).isEqualTo("onetwo");
            assertThat(calls.made).extracting(call -> body(call).isOneShot()).containsExactly(false, true);
            assertThat(calls.made)
                    .extracting(call -> body(call).contentLength())
                    .containsExactly(3L, -1L);
        }
    }

    @Test
    void aRequestStreamIsAskedForOneBufferAtATimeAndSentAsItComes() throws Exception {
        BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
        try (Callee callee = new Callee(exchange -> {
            InputStream in = exchange.getRequestBody();
            byte[] buffer = new byte[100];
            for (int read = in.read(buffer); read != -1; read = in.read(buffer)) {
                arrived.add(new String(buffer, 0, read, UTF_8));
            }
            Callee.answer(exchange, 200, "");
        })) {
            BlockingQueue<Long> asked = new LinkedBlockingQueue<>();
            Sinks.Many<DataBuffer> source = Sinks.many().unicast().onBackpressureBuffer();
            MeshConnector connector = new MeshConnector(calls, readers, null);

            Mono<Integer> answer = connector
                    .connect(
                            HttpMethod.POST,
                            URI.create(callee.url("/")),
                            request -> request.writeAndFlushWith(
                                    source.asFlux().doOnRequest(asked::add).map(Mono::just)))
                    .map(response -> response.getStatusCode().value());
            AtomicReference<Integer> status = new AtomicReference<>();
            answer.subscribe(status::set);

            for (String part : List.of("a", "b", "c")) {
                source.tryEmitNext(DefaultDataBufferFactory.sharedInstance.wrap(part.getBytes(UTF_8)))
                        .orThrow();
                assertThat(arrived.poll(30, TimeUnit.SECONDS)).isEqualTo(part);
            }
            source.tryEmitComplete().orThrow();
            Awaitility.await().untilAsserted(() -> assertThat(status).hasValue(200));
            assertThat(asked).allMatch(count -> count == 1);
        }
    }

    @Test
    void whatTheRequestBodyFailedWithIsTheFailure() throws IOException {
        IllegalArgumentException broken = new IllegalArgumentException("broken");
        try (Callee callee = new Callee(exchange -> Callee.answer(exchange, 200, Callee.text(exchange)))) {
            Mono<String> answer = client.post()
                    .uri(callee.url("/"))
                    .body(Flux.concat(Flux.just("one"), Flux.error(broken)), String.class)
                    .retrieve()
                    .bodyToMono(String.class);

            assertThatThrownBy(answer::block)
                    .isInstanceOf(WebClientRequestException.class)
                    .hasCause(broken);
        }
    }

    @Test
    void cancellingLetsTheRequestBodyGo() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        try (Callee callee = new Callee(exchange -> {
            arrived.countDown();
            exchange.getRequestBody().readAllBytes();
        })) {
            AtomicBoolean isLetGo = new AtomicBoolean();
            Flux<String> endless = Flux.<String>never().startWith("one").doOnCancel(() -> isLetGo.set(true));
            Disposable subscription = client.post()
                    .uri(callee.url("/"))
                    .body(endless, String.class)
                    .retrieve()
                    .bodyToMono(String.class)
                    .subscribe();
            await().until(() -> calls.made.size() == 1);

            subscription.dispose();

            await().untilTrue(isLetGo);
            calls.awaitAllReturned();
            assertThat(calls.only().isCanceled()).isTrue();
            assertThat(arrived.getCount()).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void cancellingBeforeTheResponseCancelsTheCall() throws IOException {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch hold = new CountDownLatch(1);
        try (Callee callee = new Callee(exchange -> {
            arrived.countDown();
            await(hold);
        })) {
            Disposable subscription = client.get()
                    .uri(callee.url("/"))
                    .retrieve()
                    .toBodilessEntity()
                    .subscribe();
            await(arrived);

            subscription.dispose();

            calls.awaitAllReturned();
            assertThat(calls.only().isCanceled()).isTrue();
            hold.countDown();
        }
    }

    @Test
    void anOperatorsTimeoutCancelsTheCall() throws IOException {
        CountDownLatch hold = new CountDownLatch(1);
        Sinks.Empty<Void> isTimeUp = Sinks.empty();
        try (Callee callee = new Callee(exchange -> {
            isTimeUp.tryEmitEmpty().orThrow();
            await(hold);
        })) {
            Mono<ResponseEntity<Void>> answer = client.get()
                    .uri(callee.url("/"))
                    .retrieve()
                    .toBodilessEntity()
                    .timeout(isTimeUp.asMono());

            assertThatThrownBy(answer::block).hasCauseInstanceOf(TimeoutException.class);

            calls.awaitAllReturned();
            assertThat(calls.only().isCanceled()).isTrue();
            hold.countDown();
        }
    }

    @Test
    void aResponseStreamArrivesAsItComesAndEndsWithItsSubscriber() throws Exception {
        BlockingQueue<String> toSend = new LinkedBlockingQueue<>();
        CountDownLatch hold = new CountDownLatch(1);
        try (Callee callee = new Callee(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            for (int i = 0; i < 3; i++) {
                Callee.send(exchange, take(toSend));
            }
            await(hold);
        })) {
            BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
            Disposable subscription = client.get()
                    .uri(callee.url("/"))
                    .retrieve()
                    .bodyToFlux(DataBuffer.class)
                    .map(buffer -> buffer.toString(UTF_8))
                    .subscribe(arrived::add);

            for (String part : List.of("a", "b", "c")) {
                toSend.add(part);
                assertThat(arrived.poll(30, TimeUnit.SECONDS)).isEqualTo(part);
            }
            assertThat(calls.only().isCanceled()).isFalse();
            subscription.dispose();

            calls.awaitAllReturned();
            assertThat(calls.only().isCanceled()).isTrue();
            hold.countDown();
        }
    }

    @Test
    void aResponseThatNobodyReadsIsClosedWhenItsSubscriberLeaves() throws IOException {
        CountDownLatch answered = new CountDownLatch(1);
        try (Callee callee = new Callee(exchange -> Callee.answer(exchange, 200, "x".repeat(100_000)))) {
            Disposable subscription = new MeshConnector(calls, readers, null)
                    .connect(HttpMethod.GET, URI.create(callee.url("/")), request -> request.setComplete())
                    .flatMap(response -> {
                        answered.countDown();
                        return Mono.never();
                    })
                    .subscribe();
            await(answered);

            subscription.dispose();

            calls.awaitAllReturned();
        }
    }

    @Test
    void aBodyIsReadOnce() throws IOException {
        try (Callee callee = new Callee(exchange -> Callee.answer(exchange, 200, "once"))) {
            Mono<Long> twice = new MeshConnector(calls, readers, null)
                    .connect(HttpMethod.GET, URI.create(callee.url("/")), request -> request.setComplete())
                    .flatMap(response ->
                            response.getBody().count().then(response.getBody().count()));

            assertThatThrownBy(twice::block)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("read already");
        }
    }

    @Test
    void silenceBeforeTheResponseEndsTheCall() throws IOException {
        CountDownLatch hold = new CountDownLatch(1);
        try (Callee callee = new Callee(exchange -> await(hold))) {
            Mono<ResponseEntity<Void>> answer = client(Duration.ofMillis(50))
                    .get()
                    .uri(callee.url("/"))
                    .retrieve()
                    .toBodilessEntity();

            assertThatThrownBy(answer::block)
                    .isInstanceOf(WebClientRequestException.class)
                    .hasCauseInstanceOf(SocketTimeoutException.class);

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
        })) {
            Mono<String> answer = client(Duration.ofMillis(200))
                    .get()
                    .uri(callee.url("/"))
                    .retrieve()
                    .bodyToMono(String.class);

            assertThatThrownBy(answer::block).hasCauseInstanceOf(SocketTimeoutException.class);

            calls.awaitAllReturned();
            hold.countDown();
        }
    }

    @Test
    void cookiesOfTheResponseAreRead() throws IOException {
        try (Callee callee = new Callee(exchange -> {
            exchange.getResponseHeaders()
                    .put(
                            "Set-Cookie",
                            List.of("id=7; Path=/shop; Max-Age=60; Secure; HttpOnly; SameSite=lax", "=broken", "b=2"));
            Callee.answer(exchange, 200, "");
        })) {
            ResponseCookie cookie = client.get()
                    .uri(callee.url("/"))
                    .exchangeToMono(response -> Mono.just(response.cookies()))
                    .map(cookies -> {
                        assertThat(cookies.keySet()).containsExactly("id", "b");
                        return requireNonNull(cookies.getFirst("id"));
                    })
                    .block();

            assertThat(cookie)
                    .hasToString("id=7; Path=/shop; Max-Age=60; Expires="
                            + requireNonNull(cookie).toString().replaceAll(".*Expires=([^;]*);.*", "$1")
                            + "; Secure; HttpOnly; SameSite=Lax");
        }
    }

    @Test
    void aFormIsSent() throws IOException {
        try (Callee callee = new Callee(exchange -> Callee.answer(exchange, 200, Callee.text(exchange)))) {
            String echo = client.post()
                    .uri(callee.url("/"))
                    .body(BodyInserters.fromFormData("a", "1").with("b", "2"))
                    .retrieve()
                    .bodyToMono(String.class)
                    .block();

            assertThat(echo).isEqualTo("a=1&b=2");
        }
    }

    @Test
    void aRefusalIsTheCauseOfWhatSpringThrows() {
        MeshCallException refusal = new MeshCallException(Reason.NO_ROUTE, "no route");
        WebClient refused = WebClient.builder()
                .clientConnector(new MeshConnector(request -> {
                    return new RefusedCall(request, refusal);
                }))
                .build();
        Mono<?> answer = refused.get().uri("http://payments.local/").retrieve().toBodilessEntity();

        assertThatThrownBy(answer::block)
                .isInstanceOf(WebClientRequestException.class)
                .hasCause(refusal);
    }

    private WebClient client(@Nullable Duration readTimeout) {
        return WebClient.builder()
                .clientConnector(new MeshConnector(calls, readers, readTimeout))
                .build();
    }

    private static RequestBody body(Call call) {
        return requireNonNull(call.request().body());
    }

    private static org.awaitility.core.ConditionFactory await() {
        return Awaitility.await().atMost(Duration.ofSeconds(30));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String take(BlockingQueue<String> queue) throws IOException {
        try {
            return queue.take();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
