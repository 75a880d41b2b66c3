package io.intramesh.spring.client;

import static java.util.Objects.requireNonNull;

import io.intramesh.Mesh;
import io.intramesh.okhttp.MeshClient;
import io.intramesh.okhttp.RefusalStyle;
import java.util.HashMap;
import java.util.Map;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * Hands out the mesh's transports for the settings that Spring Boot was given for its HTTP clients. Clients with the same
 * settings share connections. Safe for use by several threads; closing it closes what it made, not what it was given.
 */
public final class MeshTransports implements AutoCloseable {
    /** Settings are written down, so an application has few; a leak of them must not go unseen. */
    static final int LIMIT = 64;

    private final Mesh mesh;
    private final MeshClient client;
    private final RefusalStyle refusals;
    private final @Nullable OkHttpClient okHttp;
    private final Map<TransportSettings, MeshClient> derived = new HashMap<>();
    private boolean isClosed;

    /**
     * Hands out transports that send by a client.
     *
     * @param okHttp what the client was made from, so that others can be made for other settings; null where only the
     *     application knows
     */
    public MeshTransports(Mesh mesh, MeshClient client, RefusalStyle refusals, @Nullable OkHttpClient okHttp) {
        this.mesh = requireNonNull(mesh, "mesh");
        this.client = requireNonNull(client, "client");
        this.refusals = requireNonNull(refusals, "refusals");
        this.okHttp = okHttp;
    }

    /**
     * Returns the transport for {@code RestClient} and {@code RestTemplate}.
     *
     * @throws IllegalStateException when the application's own client stands in the way of these settings
     */
    public MeshRequestFactory requestFactory(TransportSettings settings) {
        return new MeshRequestFactory(calls(settings), settings.readTimeout());
    }

    Mesh mesh() {
        return mesh;
    }

    Call.Factory calls(TransportSettings settings) {
        TransportSettings needed = settings.ofOkHttp();
        return needed.equals(TransportSettings.DEFAULT) ? client : derive(needed);
    }

    private synchronized MeshClient derive(TransportSettings settings) {
        if (okHttp == null) {
            throw new IllegalStateException(
                    "MeshClient: a bean of the application, which Spring Boot's connect timeout,"
                            + " redirects and SSL bundle for HTTP clients cannot change; set them where it is built");
        }
        if (isClosed) {
            throw new IllegalStateException("the mesh's transports are closed");
        }
        MeshClient known = derived.get(settings);
        if (known != null) {
            return known;
        }
        if (derived.size() == LIMIT) {
            throw new IllegalStateException(
                    "HTTP clients with " + LIMIT
                            + " different connect timeouts, redirects or SSL bundles; share their settings, or build a MeshClient");
        }
        MeshClient made = MeshClient.builder(mesh)
                .okHttp(OkHttpSettings.apply(settings, okHttp.newBuilder()).build())
                .refusals(refusals)
                .build();
        derived.put(settings, made);
        return made;
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        derived.values().forEach(MeshClient::close);
        derived.clear();
    }
}
