package io.intramesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.Cache;
import okhttp3.Call;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the application gave its own client goes on working. */
@NullMarked
class InterceptorTest extends MeshFixture {
    private final List<String> log = new CopyOnWriteArrayList<>();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void applicationInterceptorsRunInOrderAndOncePerCall(boolean async) throws Exception {
        mesh.add(deadPort());
        MockWebServer server = endpoint(redirect(302, "/next"), ok("there"), ok("there"));
        mesh.attempts = 3;
        MeshClient client = client(
                new OkHttpClient.Builder().addInterceptor(logging("outer")).addInterceptor(logging("inner")));
        Call call = client.newCall(get());

        String answer = async ? Outcome.of(call).answer() : answer(call);

        assertThat(answer).isEqualTo("200 there");
        assertThat(log)
                .containsExactly(
                        "outer > payments.shop.local/charges",
                        "inner > payments.shop.local/charges",
                        "inner < 200",
                        "outer < 200");
        assertThat(mesh.begun).hasSize(2);
        assertThat(taken(server).getHeaders().get("X-Of-inner")).isEqualTo("set");
    }

    @Test
    void anApplicationInterceptorMayAnswerChangeAndRepeat() throws Exception {
        MockWebServer server = endpoint(status(500), ok("second"));
        MeshClient client = client(new OkHttpClient.Builder().addInterceptor(chain -> {
            Request changed = chain.request()
                    .newBuilder()
                    .url("http://changed.shop.local/")
                    .build();
            Response first = chain.proceed(changed);
            if (first.code() != 500) {
                return first;
            }
            first.close();
            return chain.proceed(changed);
        }));

        try (Response response = client.newCall(get()).execute()) {
            assertThat(response.body().string()).isEqualTo("second");
            assertThat(response.request().url().host()).isEqualTo("changed.shop.local");
        }

        assertThat(taken(server).getHeaders().get("Host")).isEqualTo("changed.shop.local");
    }

    @Test
    void applicationInterceptorsSeeRefusals() throws Exception {
        mesh.refused.put("payments.shop.local", Reason.NO_ROUTE);
        MeshClient client = client(new OkHttpClient.Builder().addInterceptor(chain -> {
            try {
                return chain.proceed(chain.request());
            } catch (MeshCallException e) {
                log.add(e.reason().name());
                throw e;
            }
        }));

        assertThatThrownBy(() -> client.newCall(get()).execute()).isInstanceOf(MeshCallException.class);
        assertThat(Outcome.of(client.newCall(get())).failure()).isInstanceOf(MeshCallException.class);

        assertThat(log).containsExactly("NO_ROUTE", "NO_ROUTE");
    }

    @Test
    void cancellingReachesThroughInterceptorsToTheAttemptAndToTheBody() throws Exception {
        MockWebServer server = endpoint(stalling(), halfBody());
        MeshClient client = client(new OkHttpClient.Builder().addInterceptor(logging("outer")));
        Call waiting = client.newCall(get());
        Outcome outcome = Outcome.of(waiting);
        taken(server);
        waiting.cancel();
        assertThat(outcome.failure()).isInstanceOf(IOException.class);

        Call reading = client.newCall(get());
        Response response = reading.execute();
        reading.cancel();
        assertThatThrownBy(() -> response.body().string()).isInstanceOf(IOException.class);
        response.close();

        assertThat(mesh.reports)
                .containsExactly("1 ended CANCELLED", "call cancelled", "1 responded 200", "1 ended CANCELLED");
    }

    @Test
    void theCallTimeoutReachesThroughInterceptorsToTheBody() throws Exception {
        endpoint().setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return request.getTarget().equals("/stalls") ? stalling() : halfBody();
            }
        });
        // Time enough for the headers of the second answer, however the machine stalls.
        MeshClient client = client(
                new OkHttpClient.Builder().addInterceptor(logging("outer")).callTimeout(Duration.ofSeconds(3)));
        Call stalled = client.newCall(get("http://payments.shop.local/stalls"));
        stalled.timeout().timeout(300, TimeUnit.MILLISECONDS);

        assertThatThrownBy(stalled::execute)
                .isInstanceOf(InterruptedIOException.class)
                .hasMessage("timeout");
        try (Response response = client.newCall(get()).execute()) {
            assertThatThrownBy(() -> response.body().string()).isInstanceOf(InterruptedIOException.class);
        }
    }

    @Test
    void networkInterceptorsRunOncePerAttemptAndSeeWhatGoesOut() throws Exception {
        endpoint(status(500), ok("there"));
        mesh.attempts = 2;
        mesh.headers.put("x-request-id", "r-1");
        MeshClient client = client(new OkHttpClient.Builder().addNetworkInterceptor(chain -> {
            log.add(chain.request().url().host() + " " + chain.request().header("x-request-id") + " "
                    + (chain.connection() != null));
            return chain.proceed(chain.request());
        }));

        assertThat(answer(client.newCall(get()))).isEqualTo("200 there");

        assertThat(log).containsExactly("payments.shop.local r-1 true", "payments.shop.local r-1 true");
    }

    @Test
    void aNetworkInterceptorSeesRetryAfterAsThePeerSentIt() throws Exception {
        endpoint(status(503).newBuilder().addHeader("Retry-After", "0").build());
        MeshClient client = client(new OkHttpClient.Builder().addNetworkInterceptor(chain -> {
            Response response = chain.proceed(chain.request());
            log.add(response.header("Retry-After"));
            return response;
        }));

        client.newCall(get()).execute().close();

        assertThat(log).containsExactly("0");
    }

    @Test
    void eventListenersOfTheClientAndOfTheCallHearEveryAttempt() throws Exception {
        mesh.add(deadPort());
        MockWebServer server = endpoint(ok("there"));
        mesh.attempts = 2;
        mesh.headers.put("x-request-id", "r-1");
        MeshClient client = client(new OkHttpClient.Builder().eventListenerFactory(call -> listener("client")));
        Call call = client.newCall(get());
        call.addEventListener(listener("call"));

        answer(call);

        assertThat(log)
                .containsExactly(
                        "client start payments.shop.local",
                        "call start payments.shop.local",
                        "client failed",
                        "call failed",
                        "client start payments.shop.local",
                        "call start payments.shop.local",
                        "client end",
                        "call end");
        assertThat(taken(server).getHeaders().get("x-request-id")).isEqualTo("r-1");
        assertThat(mesh.reports).containsExactly("1 failed not reached", "2 responded 200", "2 ended COMPLETED");
    }

    @Test
    void aListenerOfTheCallAloneTakesNothingFromTheAttempt() throws Exception {
        MockWebServer server = endpoint(ok("there"));
        mesh.headers.put("x-request-id", "r-1");
        Call call = client().newCall(get());
        call.addEventListener(listener("call"));

        answer(call);

        assertThat(log).containsExactly("call start payments.shop.local", "call end");
        assertThat(taken(server).getHeaders().get("x-request-id")).isEqualTo("r-1");
    }

    @Test
    void cookiesBelongToTheVirtualService() throws Exception {
        MockWebServer server = endpoint(
                new MockResponse.Builder().addHeader("Set-Cookie", "session=1").build(), ok("there"), ok("other"));
        Map<String, List<Cookie>> jar = new ConcurrentHashMap<>();
        MeshClient client = client(new OkHttpClient.Builder().cookieJar(new CookieJar() {
            @Override
            public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {
                jar.put(url.host(), cookies);
            }

            @Override
            public List<Cookie> loadForRequest(HttpUrl url) {
                return jar.getOrDefault(url.host(), List.of());
            }
        }));

        answer(client.newCall(get()));
        answer(client.newCall(get()));
        answer(client.newCall(get("http://orders.shop.local/")));

        taken(server);
        assertThat(taken(server).getHeaders().get("Cookie")).isEqualTo("session=1");
        assertThat(taken(server).getHeaders().get("Cookie")).isNull();
        assertThat(jar).containsOnlyKeys("payments.shop.local");
    }

    @Test
    void theCacheAnswersTheSecondGet(@TempDir Path folder) throws Exception {
        MockWebServer server = endpoint();
        MockWebServer second = endpoint();
        MockResponse cacheable = ok("there")
                .newBuilder()
                .addHeader("Cache-Control", "max-age=600")
                .build();
        MeshClientTest.answerAlways(server, cacheable);
        MeshClientTest.answerAlways(second, cacheable);
        mesh.headers.put("x-request-id", "r-1");
        try (Cache cache = new Cache(folder.toFile(), 1_000_000)) {
            MeshClient client = client(new OkHttpClient.Builder().cache(cache));

            assertThat(answer(client.newCall(get()))).isEqualTo("200 there");
            try (Response response = client.newCall(get()).execute()) {
                assertThat(response.body().string()).isEqualTo("there");
                assertThat(response.cacheResponse()).isNotNull();
                assertThat(response.networkResponse()).isNull();
            }

            assertThat(server.getRequestCount() + second.getRequestCount()).isEqualTo(1);
        }
    }

    @Test
    void theAuthenticatorAnswersAChallengeAtTheSameEndpoint() throws Exception {
        MockWebServer server = endpoint(
                status(401)
                        .newBuilder()
                        .addHeader("WWW-Authenticate", "Basic realm=\"x\"")
                        .body("who are you?")
                        .build(),
                ok("welcome"));
        MockWebServer other = endpoint(ok("wrong"));
        mesh.headers.put("x-request-id", "r-1");
        MeshClient client = client(new OkHttpClient.Builder()
                .authenticator((route, response) -> response.request()
                        .newBuilder()
                        .header("Authorization", "Basic abc")
                        .build()));

        try (Response response = client.newCall(get()).execute()) {
            assertThat(response.body().string()).isEqualTo("welcome");
            assertThat(response.priorResponse().code()).isEqualTo(401);
        }

        assertThat(taken(server).getHeaders().get("Authorization")).isNull();
        RecordedRequest authenticated = taken(server);
        assertThat(authenticated.getHeaders().get("Authorization")).isEqualTo("Basic abc");
        assertThat(authenticated.getHeaders().get("x-request-id")).isEqualTo("r-1");
        assertThat(other.getRequestCount()).isZero();
        assertThat(mesh.reports).containsExactly("1 responded 200", "1 ended COMPLETED");
    }

    @Test
    void aCallLeftHalfReadIsOverWhenItIsClosed() throws Exception {
        endpoint(halfBody());

        Response response = client().newCall(get()).execute();
        assertThat(mesh.inFlight()).isEqualTo(1);
        assertThat(response.body().byteStream().read()).isEqualTo('b');
        response.close();

        await().untilAsserted(() -> assertThat(mesh.inFlight()).isZero());
    }

    @Test
    void timeoutsThatTheApplicationSetHoldWhereTheyAreShorter() {
        OkHttpClient defaults = new OkHttpClient();
        OkHttpClient own = new OkHttpClient.Builder()
                .connectTimeout(Duration.ofSeconds(1))
                .readTimeout(Duration.ofSeconds(2))
                .writeTimeout(Duration.ZERO)
                .build();
        List<ClientTimeouts> timeouts = List.of(ClientTimeouts.of(defaults), ClientTimeouts.of(own));
        long minute = Duration.ofMinutes(1).toNanos();

        assertThat(timeouts).extracting(ClientTimeouts::connectMillis).containsExactly(5_000, 1_000);
        assertThat(timeouts).extracting(t -> t.readMillis(minute)).containsExactly(60_000L, 2_000L);
        assertThat(timeouts).extracting(t -> t.readMillis(0)).containsExactly(0L, 2_000L);
        assertThat(timeouts).extracting(t -> t.writeMillis(minute)).containsExactly(60_000L, 60_000L);
        assertThat(timeouts).extracting(t -> t.readMillis(1)).containsExactly(1L, 1L);
    }

    private Interceptor logging(String name) {
        return chain -> {
            HttpUrl url = chain.request().url();
            log.add(name + " > " + url.host() + url.encodedPath());
            Response response = chain.proceed(
                    chain.request().newBuilder().header("X-Of-" + name, "set").build());
            log.add(name + " < " + response.code());
            return response;
        };
    }

    private EventListener listener(String name) {
        return new EventListener() {
            @Override
            public void callStart(Call call) {
                log.add(name + " start " + call.request().url().host());
            }

            @Override
            public void callEnd(Call call) {
                log.add(name + " end");
            }

            @Override
            public void callFailed(Call call, IOException ioe) {
                log.add(name + " failed");
            }
        };
    }

    static MockResponse stalling() {
        return new MockResponse.Builder()
                .onResponseStart(SocketEffect.Stall.INSTANCE)
                .build();
    }

    static MockResponse halfBody() {
        return new MockResponse.Builder()
                .body("begin")
                .setHeader("Content-Length", "100")
                .onResponseEnd(SocketEffect.Stall.INSTANCE)
                .build();
    }
}
