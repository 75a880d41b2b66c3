package io.intramesh.okhttp;

import io.intramesh.call.Endpoint;
import io.intramesh.call.HealthProber;
import io.intramesh.call.HealthProber.Outcome.Kind;
import io.intramesh.model.HealthCheck;
import io.intramesh.model.Protocol;
import io.intramesh.tls.ClientTls;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * Sends health checks by the clients of the endpoints, on connections that are kept between checks but not shared with calls:
 * OkHttp tells connections apart by the host that is called, and these name the endpoint. Nothing of the application's client
 * is on the way, no interceptor, cookie, cache or listener. Safe for use by several threads.
 */
final class OkHttpProber implements HealthProber {
    private static final int OK = 200;

    /** Names the sender in the callee's access log, as Envoy does. */
    private static final String USER_AGENT = "intramesh/health-check";

    private static final MediaType GRPC = MediaType.get("application/grpc");

    /** Path of {@code grpc.health.v1.Health/Check}, the gRPC health checking protocol. */
    private static final String GRPC_PATH = "/grpc.health.v1.Health/Check";

    /** An empty message, asking about the server as a whole: no compression, length 0. */
    private static final byte[] GRPC_REQUEST = new byte[5];

    private static final int GRPC_PREFIX = 5;

    /** Field 1, a varint. */
    private static final int STATUS_FIELD = 8;

    private static final int SERVING = 1;

    private final Function<Endpoint, EndpointClients> clients;
    private final Executor threads;

    OkHttpProber(Function<Endpoint, EndpointClients> clients, Executor threads) {
        this.clients = clients;
        this.threads = threads;
    }

    @Override
    public void probe(Endpoint endpoint, HealthCheck check, Consumer<Outcome> done) {
        probe(endpoint, check, null, done);
    }

    @Override
    public void probe(Endpoint endpoint, HealthCheck check, @Nullable ClientTls tls, Consumer<Outcome> done) {
        if (check.protocol() == Protocol.TCP) {
            EndpointConnections connections = clients.apply(endpoint).connections(tls);
            try {
                threads.execute(() -> done.accept(connect(endpoint, connections, check)));
            } catch (RejectedExecutionException closed) {
                done.accept(new Outcome(Kind.NO_ANSWER, "the client is closed"));
            }
            return;
        }
        boolean grpc = check.protocol() == Protocol.GRPC;
        boolean http2 = check.protocol().isHttp2OnTheWire();
        OkHttpClient client = clients.apply(endpoint).prober(tls, http2);
        HttpUrl url = url(endpoint, tls);
        Call call = client.newCall(grpc ? grpcRequest(url) : request(url, check));
        call.timeout().timeout(check.timeout().toNanos(), TimeUnit.NANOSECONDS);
        call.enqueue(new Callback() {
            @Override
            public void onResponse(Call answered, Response response) {
                Outcome outcome;
                try (response) {
                    outcome = http2 && response.protocol() == okhttp3.Protocol.HTTP_1_1
                            ? new Outcome(Kind.FAILED, "speaks no HTTP/2")
                            : grpc ? grpcOutcome(response) : outcome(response);
                } catch (IOException e) {
                    outcome = noAnswer(e);
                }
                done.accept(outcome);
            }

            @Override
            public void onFailure(Call unanswered, IOException failure) {
                done.accept(noAnswer(failure));
            }
        });
    }

    private static Request request(HttpUrl endpoint, HealthCheck check) {
        String path = check.path();
        HttpUrl url = endpoint.resolve(path == null || path.isEmpty() ? "/" : path);
        return new Request.Builder()
                .url(url == null ? endpoint : url)
                .header("User-Agent", USER_AGENT)
                .build();
    }

    private static Request grpcRequest(HttpUrl endpoint) {
        return new Request.Builder()
                .url(endpoint.newBuilder().encodedPath(GRPC_PATH).build())
                .header("User-Agent", USER_AGENT)
                .header("te", "trailers")
                .post(RequestBody.create(GRPC_REQUEST, GRPC))
                .build();
    }

    /** The endpoint's own address: what is asked about is this one, not the virtual service. */
    private static HttpUrl url(Endpoint endpoint, @Nullable ClientTls tls) {
        return new HttpUrl.Builder()
                .scheme(tls == null ? "http" : "https")
                .host(endpoint.name())
                .port(endpoint.port())
                .build();
    }

    private static Outcome outcome(Response response) {
        return response.code() == OK
                ? new Outcome(Kind.PASSED, "status 200")
                : new Outcome(Kind.FAILED, "status " + response.code());
    }

    private static Outcome grpcOutcome(Response response) throws IOException {
        if (response.code() != OK) {
            return new Outcome(Kind.FAILED, "status " + response.code());
        }
        BufferedSource source = response.body().source();
        boolean serving = isServing(source);
        source.skip(source.getBuffer().size());
        String status = response.header("grpc-status");
        if (status == null && source.exhausted()) {
            Headers trailers = response.trailers();
            status = trailers.get("grpc-status");
        }
        if (status != null && !status.equals("0")) {
            return new Outcome(Kind.FAILED, "grpc-status " + status);
        }
        return serving ? new Outcome(Kind.PASSED, "SERVING") : new Outcome(Kind.FAILED, "not SERVING");
    }

    /** Reads one message, whose field 1 is the status. */
    private static boolean isServing(BufferedSource source) throws IOException {
        if (!source.request(GRPC_PREFIX + 2)) {
            return false;
        }
        source.skip(1);
        int length = source.readInt();
        return length >= 2 && source.readByte() == STATUS_FIELD && source.readByte() == SERVING;
    }

    private static Outcome connect(Endpoint endpoint, EndpointConnections connections, HealthCheck check) {
        List<InetAddress> addresses = endpoint.addresses();
        if (addresses.isEmpty()) {
            return new Outcome(Kind.NO_ANSWER, "no address");
        }
        try (Socket socket = connections.sockets(false).createSocket()) {
            socket.connect(
                    new InetSocketAddress(addresses.get(0), endpoint.port()),
                    Math.toIntExact(check.timeout().toMillis()));
            return new Outcome(Kind.PASSED, connections.tls() == null ? "connected" : "connected by TLS");
        } catch (IOException e) {
            return noAnswer(e);
        }
    }

    private static Outcome noAnswer(IOException failure) {
        return new Outcome(
                Kind.NO_ANSWER,
                failure instanceof InterruptedIOException ? "no answer in time" : TlsFailures.words(failure));
    }
}
