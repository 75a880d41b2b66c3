package io.intramesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import java.net.ProtocolException;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@NullMarked
class RedirectTest extends MeshFixture {

    /** The expectations are what bare OkHttp does, which {@link #bareOkHttpDoesTheSame} holds. */
    @ParameterizedTest
    @CsvSource({
        "GET, 300, GET, ''",
        "GET, 301, GET, ''",
        "GET, 302, GET, ''",
        "GET, 303, GET, ''",
        "GET, 307, GET, ''",
        "GET, 308, GET, ''",
        "HEAD, 302, HEAD, ''",
        "HEAD, 303, HEAD, ''",
        "POST, 300, GET, ''",
        "POST, 301, GET, ''",
        "POST, 302, GET, ''",
        "POST, 303, GET, ''",
        "POST, 307, POST, seven",
        "POST, 308, POST, seven",
        "PUT, 302, GET, ''",
        "PUT, 307, PUT, seven",
        "DELETE, 303, GET, ''",
        "PROPFIND, 302, PROPFIND, seven",
        "PROPFIND, 303, PROPFIND, seven",
        "QUERY, 302, QUERY, seven",
        "QUERY, 303, GET, ''",
    })
    void aRedirectIsFollowedByTheMeshAnew(String method, int status, String nextMethod, String nextBody)
            throws Exception {
        MockWebServer server = endpoint(redirect(status, "/next?x=1"), ok("there"));

        try (Response response = client().newCall(request(URL, method)).execute()) {
            assertThat(response.code()).isEqualTo(200);
            assertThat(response.request().url()).hasToString("http://payments.shop.local/next?x=1");
            assertThat(response.priorResponse().code()).isEqualTo(status);
        }

        assertFollowed(server, nextMethod, nextBody);
        assertThat(mesh.begun).hasSize(2);
        assertThat(mesh.begun.get(1)).isEqualTo(nextMethod + " http://payments.shop.local:80 (implied) /next x=1");
    }

    @ParameterizedTest
    @CsvSource({
        "HEAD, 303, HEAD, ''",
        "POST, 300, GET, ''",
        "POST, 302, GET, ''",
        "POST, 303, GET, ''",
        "POST, 307, POST, seven",
        "DELETE, 303, GET, ''",
        "PROPFIND, 302, PROPFIND, seven",
        "QUERY, 302, QUERY, seven",
        "QUERY, 303, GET, ''",
    })
    void bareOkHttpDoesTheSame(String method, int status, String nextMethod, String nextBody) throws Exception {
        MockWebServer server = server(redirect(status, "/next?x=1"), ok("there"));

        new OkHttpClient()
                .newCall(request(server.url("/charges").toString(), method))
                .execute()
                .close();

        assertFollowed(server, nextMethod, nextBody);
    }

    @Test
    void anEnqueuedCallFollowsToo() throws Exception {
        endpoint(redirect(302, "/a"), redirect(302, "/b"), ok("there"));

        try (Response response = Outcome.of(client().newCall(get())).response()) {
            assertThat(response.request().url().encodedPath()).isEqualTo("/b");
            assertThat(response.priorResponse().request().url().encodedPath()).isEqualTo("/a");
            assertThat(response.priorResponse().priorResponse().request().url().encodedPath())
                    .isEqualTo("/charges");
            assertThat(response.body().string()).isEqualTo("there");
        }
    }

    @Test
    void theNextHostIsTheMeshsToDecide() throws Exception {
        endpoint(redirect(302, "http://elsewhere.example/"), redirect(302, "http://elsewhere.example/"));
        mesh.refused.put("elsewhere.example", Reason.EGRESS_DENIED);

        assertThatThrownBy(() -> client().newCall(get()).execute())
                .isInstanceOfSatisfying(
                        MeshCallException.class, e -> assertThat(e.reason()).isEqualTo(Reason.EGRESS_DENIED));
        MeshClient responding = client(MeshClient.builder(mesh, null).refusals(RefusalStyle.RESPONSE));
        try (Response response = responding.newCall(get()).execute()) {
            assertThat(response.code()).isEqualTo(404);
            assertThat(response.request().url().host()).isEqualTo("elsewhere.example");
            assertThat(response.priorResponse().code()).isEqualTo(302);
        }
    }

    @Test
    void aRedirectLeadsOutOfTheMeshAndBackIn() throws Exception {
        MockWebServer outside = server();
        outside.enqueue(redirect(302, "http://payments.shop.local/back"));
        MockWebServer inside = endpoint(redirect(302, outside.url("/out").toString()), ok("back"), ok("unused"));
        mesh.passThrough.add(outside.getHostName());

        assertThat(answer(client().newCall(get()))).isEqualTo("200 back");

        assertThat(outside.getRequestCount()).isEqualTo(1);
        assertThat(inside.getRequestCount()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "http://payments.shop.local/next, true",
        "http://payments.shop.local:80/next, true",
        "/next, true",
        "http://orders.shop.local/next, false",
        "http://payments.shop.local:8080/next, false",
    })
    void authorizationStaysWithTheHost(String location, boolean kept) throws Exception {
        MockWebServer server = endpoint(redirect(307, location), ok("there"));
        Request request = get().newBuilder()
                .header("Authorization", "Bearer x")
                .header("X-Other", "y")
                .build();

        answer(client().newCall(request));

        assertThat(taken(server).getHeaders().get("Authorization")).isEqualTo("Bearer x");
        RecordedRequest next = taken(server);
        assertThat(next.getHeaders().get("Authorization")).isEqualTo(kept ? "Bearer x" : null);
        assertThat(next.getHeaders().get("X-Other")).isEqualTo("y");
    }

    @Test
    void twentyRedirectsAreFollowedAndTheNextIsTooMany() throws Exception {
        MockWebServer server = endpoint();
        for (int i = 0; i < Redirects.LIMIT; i++) {
            server.enqueue(redirect(302, "/" + i));
        }
        server.enqueue(ok("there"));
        MeshClient client = client();
        assertThat(answer(client.newCall(get()))).isEqualTo("200 there");

        MeshClientTest.answerAlways(server, redirect(302, "/again"));

        assertThatThrownBy(() -> client.newCall(get()).execute())
                .isInstanceOf(ProtocolException.class)
                .hasMessage("Too many follow-up requests: 21");
        assertThat(Outcome.of(client.newCall(get())).failure()).isInstanceOf(ProtocolException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"redirects", "ssl", "location", "scheme", "status"})
    void whatIsNotToBeFollowedIsTheAnswer(String why) throws Exception {
        OkHttpClient.Builder okHttp = new OkHttpClient.Builder();
        String location = "/next";
        int status = 302;
        switch (why) {
            case "redirects" -> okHttp.followRedirects(false);
            case "ssl" -> {
                okHttp.followSslRedirects(false);
                location = "https://payments.shop.local/next";
            }
            case "location" -> location = "";
            case "scheme" -> location = "ftp://payments.shop.local/next";
            default -> status = 304;
        }
        MockWebServer server = endpoint(location.isEmpty() ? status(status) : redirect(status, location), ok("never"));

        try (Response response = client(okHttp).newCall(get()).execute()) {
            assertThat(response.code()).isEqualTo(status);
        }

        assertThat(server.getRequestCount()).isEqualTo(1);
    }

    @Test
    void aBodyThatCanBeSentOnceIsNotRedirected() throws Exception {
        MockWebServer server = endpoint(redirect(307, "/next"), ok("never"));
        RequestBody once = new RequestBody() {
            @Override
            public okhttp3.@Nullable MediaType contentType() {
                return null;
            }

            @Override
            public boolean isOneShot() {
                return true;
            }

            @Override
            public void writeTo(BufferedSink sink) throws java.io.IOException {
                sink.writeUtf8("seven");
            }
        };

        try (Response response = client().newCall(
                        new Request.Builder().url(URL).post(once).build())
                .execute()) {
            assertThat(response.code()).isEqualTo(307);
        }

        assertThat(server.getRequestCount()).isEqualTo(1);
    }

    @Test
    void everyHopEndsBeforeTheNextBegins() throws Exception {
        endpoint(redirect(302, "/a").newBuilder().body("moved").build(), ok("there"));

        answer(client().newCall(get()));

        assertThat(mesh.reports)
                .containsExactly("1 responded 302", "1 ended COMPLETED", "1 responded 200", "1 ended COMPLETED");
    }

    private static Request request(String url, String method) {
        boolean bodiless = method.equals("GET") || method.equals("HEAD");
        return new Request.Builder()
                .url(url)
                .method(method, bodiless ? null : RequestBody.create("seven", okhttp3.MediaType.get("text/plain")))
                .build();
    }

    private static void assertFollowed(MockWebServer server, String method, String body) throws Exception {
        taken(server);
        RecordedRequest next = taken(server);
        assertThat(next.getMethod()).isEqualTo(method);
        assertThat(body(next)).isEqualTo(body);
        assertThat(next.getHeaders().get("Content-Type") != null).isEqualTo(!body.isEmpty());
    }
}
