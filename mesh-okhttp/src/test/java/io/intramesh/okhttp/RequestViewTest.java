package io.intramesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.call.MeshRequest;
import io.intramesh.model.Protocol;
import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the mesh sees of a request. */
@NullMarked
class RequestViewTest extends MeshFixture {

    @ParameterizedTest
    @CsvSource({
        "http://a.local, 80, true",
        "http://a.local:80, 80, true",
        "http://a.local:8080, 8080, false",
        "http://a.local:443, 443, false",
        "https://a.local, 443, true",
        "https://a.local:80, 80, false",
    })
    void thePortIsImpliedWhereItIsTheSchemesOwn(String url, int port, boolean implied) {
        MeshRequest view = view(get(url));

        assertThat(view.port()).isEqualTo(port);
        assertThat(view.isPortImplied()).isEqualTo(implied);
    }

    @Test
    void pathAndQueryAreThoseThatGoOut() {
        MeshRequest view = view(get("http://a.local/one%2Ftwo/./three?x=a%20b&y"));

        assertThat(view.path()).isEqualTo("/one%2Ftwo/three");
        assertThat(view.query()).isEqualTo("x=a%20b&y");
        assertThat(view(get("http://a.local")).path()).isEqualTo("/");
        assertThat(view(get("http://a.local")).query()).isNull();
    }

    @Test
    void aHostMayBeAnIpv6Address() {
        assertThat(view(get("http://[2001:db8::1]:8080/")).host()).isEqualTo("2001:db8::1");
    }

    @Test
    void linesOfOneHeaderAreJoined() {
        MeshRequest view = view(get().newBuilder()
                .addHeader("X-Tag", "a")
                .addHeader("Other", "-")
                .addHeader("x-tag", "b")
                .addHeader("X-TAG", "c")
                .build());

        assertThat(view.header("x-Tag")).isEqualTo("a,b,c");
        assertThat(view.header("other")).isEqualTo("-");
        assertThat(view.header("absent")).isNull();
        assertThat(view.header("content-type")).isNull();
    }

    @Test
    void theContentTypeIsTheBodysWhereNoHeaderNamesIt() {
        Request request = new Request.Builder()
                .url(URL)
                .post(RequestBody.create("{}", MediaType.get("application/json")))
                .build();

        assertThat(view(request).header("Content-type")).startsWith("application/json");
        assertThat(view(request.newBuilder().header("Content-Type", "text/x").build())
                        .header("content-type"))
                .isEqualTo("text/x");
    }

    @ParameterizedTest
    @CsvSource({
        "application/grpc, true",
        "application/grpc+proto, true",
        "Application/GRPC, true",
        "application/json, false",
        "text/grpc, false",
    })
    void grpcIsKnownByItsContentType(String type, boolean grpc) {
        Request byHeader = get().newBuilder().header("Content-Type", type).build();
        Request byBody = new Request.Builder()
                .url(URL)
                .post(RequestBody.create(new byte[0], MediaType.get(type)))
                .build();
        Protocol expected = grpc ? Protocol.GRPC : null;

        assertThat(view(byHeader).protocol()).isEqualTo(expected);
        assertThat(view(byBody).protocol()).isEqualTo(expected);
        assertThat(view(get()).protocol()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"false, false, true", "true, false, false", "false, true, false"})
    void aBodyIsRepeatableUnlessItIsOneShotOrDuplex(boolean oneShot, boolean duplex, boolean repeatable) {
        RequestBody body = new RequestBody() {
            @Override
            public @Nullable MediaType contentType() {
                return null;
            }

            @Override
            public boolean isOneShot() {
                return oneShot;
            }

            @Override
            public boolean isDuplex() {
                return duplex;
            }

            @Override
            public void writeTo(BufferedSink sink) throws IOException {
                sink.writeUtf8("x");
            }
        };

        assertThat(view(new Request.Builder().url(URL).post(body).build()).isRepeatable())
                .isEqualTo(repeatable);
        assertThat(view(get()).isRepeatable()).isTrue();
    }

    private MeshRequest view(Request request) {
        return new MeshCall(client(), request);
    }
}
