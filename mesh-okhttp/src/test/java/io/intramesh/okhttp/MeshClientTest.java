package io.intramesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.MeshContext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullMarked
class MeshClientTest extends MeshFixture {

    @Test
    void aCallGoesToTheEndpointAndKeepsTheNameOfTheVirtualService() throws Exception {
        MockWebServer server = endpoint(ok("paid"));
        Request request = get();

        try (Response response = client().newCall(request).execute()) {
            assertThat(response.body().string()).isEqualTo("paid");
            assertThat(response.request()).isSameAs(request);
        }

        RecordedRequest seen = taken(server);
        assertThat(seen.getHeaders().get("Host")).isEqualTo("payments.shop.local");
        assertThat(seen.getTarget()).isEqualTo("/charges?id=7");
        assertThat(mesh.begun).containsExactly("GET http://payments.shop.local:80 (implied) /charges id=7");
        assertThat(mesh.reports).containsExactly("1 responded 200", "1 ended COMPLETED");
    }

    @Test
    void anEnqueuedCallGoesTheSameWay() throws Exception {
        MockWebServer server = endpoint(ok("paid"));

        Call call = client().newCall(get("http://payments.shop.local:9080/"));
        Outcome outcome = Outcome.of(call);

        assertThat(outcome.answer()).isEqualTo("200 paid");
        assertThat(outcome.call).isSameAs(call);
        assertThat(taken(server).getHeaders().get("Host")).isEqualTo("payments.shop.local:9080");
        assertThat(mesh.begun).containsExactly("GET http://payments.shop.local:9080 / null");
        await().untilAsserted(() -> assertThat(mesh.reports).containsExactly("1 responded 200", "1 ended COMPLETED"));
    }

    @Test
    void http2IsSpokenWithPriorKnowledgeWhereTheListenerIsHttp2() throws Exception {
        MockWebServer server = http2Endpoint(ok("paid"));

        try (Response response = client().newCall(get()).execute()) {
            assertThat(response.protocol()).isEqualTo(okhttp3.Protocol.H2_PRIOR_KNOWLEDGE);
            assertThat(response.body().string()).isEqualTo("paid");
        }

        RecordedRequest seen = taken(server);
        assertThat(seen.getHeaders().get(":authority")).isEqualTo("payments.shop.local");
    }

    @Test
    void aVirtualServiceMayBeNamedByAnAddress() throws Exception {
        MockWebServer server = endpoint(ok("paid"));

        assertThat(answer(client().newCall(get("http://192.0.2.7/")))).isEqualTo("200 paid");

        assertThat(taken(server).getHeaders().get("Host")).isEqualTo("192.0.2.7");
    }

    @Test
    void callsInTurnShareOneConnectionPerEndpoint() throws Exception {
        MockWebServer first = endpoint();
        MockWebServer second = endpoint();
        answerAlways(first, ok("first"));
        answerAlways(second, ok("second"));
        MeshClient client = client();

        for (int i = 0; i < 20; i++) {
            answer(client.newCall(get()));
        }

        assertThat(client.pool().connectionCount()).isEqualTo(2);
        for (int i = 0; i < 10; i++) {
            assertThat(taken(first).getConnectionIndex()).isZero();
            assertThat(taken(second).getConnectionIndex()).isZero();
        }
    }

    @Test
    void callsWithOtherIdleTimeoutsShareTheConnectionAndTheClientsAreBounded() throws Exception {
        MockWebServer server = endpoint();
        answerAlways(server, ok("paid"));
        MeshClient client = client();

        for (int seconds = 1; seconds <= 2 * EndpointClients.LIMIT; seconds++) {
            mesh.idle = Duration.ofSeconds(seconds);
            answer(client.newCall(get()));
        }

        assertThat(client.pool().connectionCount()).isEqualTo(1);
        EndpointClients clients = mesh.endpoints.get(0).attachment(client, endpoint -> {
            throw new AssertionError("attached already");
        });
        assertThat(clients.size()).isEqualTo(EndpointClients.LIMIT);
    }

    @Test
    void silenceIsWatchedOnlyWhereItMayEndAnAttemptBeforeItsLimitDoes() throws Exception {
        MockWebServer server = endpoint();
        answerAlways(server, ok("paid"));
        mesh.idle = Duration.ofSeconds(30);

        mesh.timeout = Duration.ofSeconds(5);
        assertThat(silence(new OkHttpClient.Builder(), get())).isEqualTo("0 0");
        mesh.timeout = Duration.ofSeconds(30);
        assertThat(silence(new OkHttpClient.Builder(), get())).isEqualTo("30000 30000");
        mesh.timeout = Duration.ZERO;
        assertThat(silence(new OkHttpClient.Builder(), get())).isEqualTo("30000 30000");
        mesh.timeout = Duration.ofSeconds(5);
        assertThat(silence(new OkHttpClient.Builder().readTimeout(Duration.ofSeconds(3)), get()))
                .isEqualTo("3000 30000");
        assertThat(silence(new OkHttpClient.Builder().writeTimeout(Duration.ofSeconds(3)), get()))
                .isEqualTo("30000 3000");
        Request upgrade = get().newBuilder().header("Upgrade", "chat").build();
        assertThat(silence(new OkHttpClient.Builder(), upgrade)).isEqualTo("30000 30000");
        mesh.idle = Duration.ZERO;
        assertThat(silence(new OkHttpClient.Builder(), upgrade)).isEqualTo("0 0");
    }

    /** Returns how long reading and writing may take, in milliseconds. */
    private String silence(OkHttpClient.Builder own, Request request) throws Exception {
        AtomicReference<String> seen = new AtomicReference<>();
        MeshClient client = client(own.addNetworkInterceptor(chain -> {
            seen.set(chain.readTimeoutMillis() + " " + chain.writeTimeoutMillis());
            return chain.proceed(chain.request());
        }));
        assertThat(answer(client.newCall(request))).isEqualTo("200 paid");
        return String.valueOf(seen.get());
    }

    @Test
    void twentyEnqueuedCallsToOneServiceRunAtOnce() throws Exception {
        MockWebServer server = endpoint();
        CountDownLatch allThere = new CountDownLatch(20);
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) throws InterruptedException {
                allThere.countDown();
                return allThere.await(10, TimeUnit.SECONDS) ? ok("together") : status(500);
            }
        });
        MeshClient client = client();

        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            outcomes.add(Outcome.of(client.newCall(get())));
        }

        for (Outcome outcome : outcomes) {
            assertThat(outcome.answer()).isEqualTo("200 together");
        }
    }

    @Test
    void theLimitsOfAnApplicationsDispatcherAreRaisedOnlyWhereNobodySetThem() {
        OkHttpClient plain = new OkHttpClient();
        OkHttpClient limited = new OkHttpClient();
        limited.dispatcher().setMaxRequestsPerHost(7);

        client(MeshClient.builder(mesh, null).okHttp(plain));
        client(MeshClient.builder(mesh, null).okHttp(limited));

        assertThat(plain.dispatcher().getMaxRequests()).isEqualTo(MeshClient.MAX_REQUESTS);
        assertThat(plain.dispatcher().getMaxRequestsPerHost()).isEqualTo(MeshClient.MAX_REQUESTS);
        assertThat(limited.dispatcher().getMaxRequestsPerHost()).isEqualTo(7);
    }

    @Test
    void headersAndPathOfTheAttemptGoOutAndTheApplicationsRequestStays() throws Exception {
        MockWebServer server = endpoint(ok("paid"));
        mesh.headers.put("x-request-id", "r-1");
        mesh.headers.put("x-retry", "set by the mesh");
        mesh.path = "/canonical";
        Request request =
                get().newBuilder().header("x-retry", "set by the caller").build();

        try (Response response = client().newCall(request).execute()) {
            assertThat(response.request()).isSameAs(request);
            assertThat(response.request().header("x-request-id")).isNull();
        }

        RecordedRequest seen = taken(server);
        assertThat(seen.getTarget()).isEqualTo("/canonical?id=7");
        assertThat(seen.getHeaders().get("x-request-id")).isEqualTo("r-1");
        assertThat(seen.getHeaders().values("x-retry")).containsExactly("set by the mesh");
    }

    @Test
    void aRefusalIsAnExceptionByDefault() throws Exception {
        mesh.refused.put("payments.shop.local", Reason.EGRESS_DENIED);
        MeshClient client = client();

        assertThatThrownBy(() -> client.newCall(get()).execute())
                .isInstanceOfSatisfying(
                        MeshCallException.class, e -> assertThat(e.reason()).isEqualTo(Reason.EGRESS_DENIED));
        Outcome outcome = Outcome.of(client.newCall(get()));
        assertThat(outcome.failure()).isInstanceOf(MeshCallException.class);
        assertThat(outcome.thread).isNotSameAs(Thread.currentThread());
    }

    @Test
    void aRefusalCanBeAResponseInstead() throws Exception {
        mesh.refused.put("payments.shop.local", Reason.LIMIT_REACHED);
        MeshClient client = client(MeshClient.builder(mesh, null).refusals(RefusalStyle.RESPONSE));

        try (Response response = client.newCall(get()).execute()) {
            assertThat(response.code()).isEqualTo(503);
            assertThat(response.header("x-mesh-refusal")).isEqualTo("LIMIT_REACHED");
            assertThat(response.header("x-envoy-overloaded")).isEqualTo("true");
            assertThat(response.body().contentType()).hasToString("application/problem+json");
            assertThat(response.body().string())
                    .isEqualTo("{\"type\":\"about:blank\",\"title\":\"Limit reached\",\"status\":503,"
                            + "\"reason\":\"LIMIT_REACHED\"}");
        }
        mesh.refused.put("payments.shop.local", Reason.NO_ROUTE);
        try (Response response = Outcome.of(client.newCall(get())).response()) {
            assertThat(response.code()).isEqualTo(404);
            assertThat(response.header("x-mesh-refusal")).isEqualTo("NO_ROUTE");
            assertThat(response.header("x-envoy-overloaded")).isNull();
        }
    }

    @Test
    void aNodeWithoutEndpointsIsRefusedInBothStyles() throws Exception {
        assertThatThrownBy(() -> client().newCall(get()).execute())
                .isInstanceOfSatisfying(
                        MeshCallException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NO_HEALTHY_ENDPOINT));
        MeshClient responding = client(MeshClient.builder(mesh, null).refusals(RefusalStyle.RESPONSE));

        try (Response response = Outcome.of(responding.newCall(get())).response()) {
            assertThat(response.code()).isEqualTo(503);
            assertThat(response.header("x-mesh-refusal")).isEqualTo("NO_HEALTHY_ENDPOINT");
        }
    }

    @Test
    void anOutsideHostIsCalledByTheApplicationsOwnClient() throws Exception {
        MockWebServer outside = server(ok("outside"), ok("outside"));
        mesh.passThrough.add(outside.getHostName());
        MeshClient client = client();
        Request request = get(outside.url("/page").toString());

        assertThat(answer(client.newCall(request))).isEqualTo("200 outside");
        assertThat(Outcome.of(client.newCall(request)).answer()).isEqualTo("200 outside");

        assertThat(client.pool().connectionCount()).isZero();
        assertThat(client.base().connectionPool().connectionCount()).isEqualTo(1);
        assertThat(mesh.reports).isEmpty();
    }

    @Test
    void aCallRunsOnlyOnceAndItsCloneRunsAgain() throws Exception {
        endpoint(ok("one"), ok("two"));
        Call call = client().newCall(get());

        assertThat(call.isExecuted()).isFalse();
        assertThat(answer(call)).isEqualTo("200 one");

        assertThat(call.isExecuted()).isTrue();
        assertThatThrownBy(call::execute)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Already Executed");
        assertThatThrownBy(() -> call.enqueue(new Outcome())).isInstanceOf(IllegalStateException.class);
        Call clone = call.clone();
        assertThat(clone.request()).isSameAs(call.request());
        assertThat(answer(clone)).isEqualTo("200 two");
    }

    @Test
    void tagsAreThoseOfTheRequestAndThoseSetOnTheCall() {
        Request request = get().newBuilder().tag(String.class, "of the request").build();
        Call call = client().newCall(request);

        assertThat(call.tag(String.class)).isEqualTo("of the request");
        assertThat(call.tag(String.class, () -> "ignored")).isEqualTo("of the request");
        assertThat(call.tag(Integer.class)).isNull();
        assertThat(call.tag(Integer.class, () -> 1)).isEqualTo(1);
        assertThat(call.tag(Integer.class, () -> 2)).isEqualTo(1);
        assertThat(call.tag(kotlin.jvm.JvmClassMappingKt.getKotlinClass(Integer.class)))
                .isEqualTo(1);
        assertThat(call.clone().tag(Integer.class)).isNull();
    }

    @Test
    void aCallCarriesTheContextOfTheThreadThatMadeIt() throws Exception {
        endpoint(ok("one"), ok("two"), redirect(302, "/next"), ok("three"));
        FakeContexts contexts = new FakeContexts(mesh);
        MeshClient plain = client(MeshClient.builder(mesh, contexts));
        MeshClient intercepted = client(MeshClient.builder(mesh, contexts)
                .okHttp(new OkHttpClient.Builder().addInterceptor(chain -> chain.proceed(chain.request()))));

        List<Call> calls = new ArrayList<>();
        try (MeshContext.Scope scope = contexts.enter(new MeshContext("r-1"))) {
            assertThat(scope).isNotNull();
            calls.add(plain.newCall(get()));
            calls.add(intercepted.newCall(get()));
            calls.add(plain.newCall(get()));
        }
        for (Call call : calls) {
            Outcome.of(call).answer();
        }

        assertThat(contexts.atBegin).containsExactly("r-1", "r-1", "r-1", "r-1");
        assertThat(contexts.current()).isNull();
    }

    @Test
    void aCrashInTheMeshReachesTheCallerOnce() throws Exception {
        mesh.crash = new IllegalStateException("bug");
        MeshClient client = client();

        assertThatThrownBy(() -> client.newCall(get()).execute()).isSameAs(mesh.crash);
        assertThat(Outcome.of(client.newCall(get())).failure())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("bug");
    }

    @Test
    void closingLeavesNoConnectionAndNoThreadOfItsOwn() throws Exception {
        MockWebServer server = endpoint(ok("one"), ok("two"));
        MeshClient client = client();
        Outcome.of(client.newCall(get())).answer();
        Response open = client.newCall(get()).execute();

        client.close();
        client.close();

        assertThat(open.body().string()).isEqualTo("two");
        assertThat(client.pool().connectionCount()).isZero();
        assertThat(client.base().dispatcher().executorService().isShutdown()).isTrue();
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("mesh-okhttp")));
        assertThatThrownBy(() -> client.newCall(get()).execute()).hasMessage("the mesh client is closed");
        assertThat(Outcome.of(client.newCall(get())).failure()).hasMessage("the mesh client is closed");
        boolean[] attachedAnew = new boolean[1];
        mesh.endpoints.get(0).attachment(client, endpoint -> attachedAnew[0] = true);
        assertThat(attachedAnew[0]).as("nothing stays at the endpoint").isTrue();
        assertThat(server.getRequestCount()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void closingLeavesNoCallInItsPause(boolean async) throws Exception {
        mesh.add(deadPort());
        endpoint(ok("paid"));
        mesh.attempts = 2;
        mesh.pause = Duration.ofMinutes(5);
        MeshClient client = client();
        mesh.onFailed = () -> mesh.schedule(client::close, Duration.ofMillis(50), Runnable::run);
        Call call = client.newCall(get());

        if (async) {
            // The dispatcher ends at the same time: an answer and a rejection are both an end.
            Outcome outcome = Outcome.of(call);
            await().until(outcome::isDone);
            outcome.close();
        } else {
            assertThat(answer(call)).isEqualTo("200 paid");
        }
    }

    @Test
    void closingLeavesTheApplicationsClientAlone() throws Exception {
        MockWebServer server = endpoint(ok("mesh"));
        MockWebServer outside = server(ok("own"), ok("own"));
        OkHttpClient own = new OkHttpClient();
        MeshClient client = client(MeshClient.builder(mesh, null).okHttp(own));
        answer(own.newCall(get(outside.url("/").toString())));
        answer(client.newCall(get()));

        client.close();

        assertThat(own.connectionPool().connectionCount()).isEqualTo(1);
        assertThat(own.dispatcher().executorService().isShutdown()).isFalse();
        assertThat(Outcome.of(own.newCall(get(outside.url("/").toString()))).answer())
                .isEqualTo("200 own");
        assertThat(server.getRequestCount()).isEqualTo(1);
        own.dispatcher().executorService().shutdown();
        own.connectionPool().evictAll();
    }

    static void answerAlways(MockWebServer server, MockResponse response) {
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return response;
            }
        });
    }

    /** Contexts by thread, and the one that was current whenever a call began. */
    private static final class FakeContexts implements Contexts {
        private final List<@Nullable String> atBegin = new java.util.concurrent.CopyOnWriteArrayList<>();
        private final java.util.Map<Thread, Deque<MeshContext>> current =
                new java.util.concurrent.ConcurrentHashMap<>();

        private FakeContexts(FakeOutbound mesh) {
            mesh.onBegin = () -> {
                MeshContext context = current();
                atBegin.add(context == null ? null : context.requestId());
            };
        }

        @Override
        public @Nullable MeshContext current() {
            Deque<MeshContext> stack = current.get(Thread.currentThread());
            return stack == null ? null : stack.peek();
        }

        @Override
        public MeshContext.Scope enter(MeshContext context) {
            Deque<MeshContext> stack = current.computeIfAbsent(Thread.currentThread(), thread -> new ArrayDeque<>());
            stack.push(context);
            return stack::pop;
        }
    }
}
