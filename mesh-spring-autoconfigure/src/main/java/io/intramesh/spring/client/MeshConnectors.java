package io.intramesh.spring.client;

import static java.util.Objects.requireNonNull;

import io.intramesh.Mesh;
import io.intramesh.call.MeshContext;
import java.util.function.Supplier;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Hands out the mesh's transports for {@code WebClient}, and owns the threads that read their response bodies. Safe for use by
 * several threads.
 */
public final class MeshConnectors implements AutoCloseable {
    /**
     * Response bodies that are read at once. Each holds a thread while its peer is silent, such as a stream of server-sent
     * events; Reactor's shared scheduler has ten threads per core, which a few such streams would use up for everybody. As
     * many as the client runs calls.
     */
    static final int READERS = 1024;

    private static final int IDLE_SECONDS = 15;

    private final MeshTransports transports;
    private @Nullable Scheduler readers;
    private boolean isClosed;

    /** Hands out connectors that send as these transports do. */
    public MeshConnectors(MeshTransports transports) {
        this.transports = requireNonNull(transports, "transports");
    }

    /**
     * Returns the transport for {@code WebClient}.
     *
     * @throws IllegalStateException when the application's own client stands in the way of these settings
     */
    public MeshConnector connector(TransportSettings settings) {
        Call.Factory calls = transports.calls(settings);
        return new MeshConnector(inContext(transports.mesh(), calls), readers(), settings.readTimeout());
    }

    private synchronized Scheduler readers() {
        if (isClosed) {
            throw new IllegalStateException("the mesh's connectors are closed");
        }
        if (readers == null) {
            readers = Schedulers.newBoundedElastic(READERS, Integer.MAX_VALUE, "mesh-reader", IDLE_SECONDS, true);
        }
        return readers;
    }

    /** Carries the request context from the thread that subscribes to the one on which the request is complete. */
    private static Supplier<Call.Factory> inContext(Mesh mesh, Call.Factory calls) {
        return () -> {
            MeshContext context = mesh.context();
            if (context == null) {
                return calls;
            }
            return request -> {
                MeshContext.Scope scope = mesh.enter(context);
                try {
                    return calls.newCall(request);
                } finally {
                    scope.close();
                }
            };
        };
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        if (readers != null) {
            readers.dispose();
        }
    }
}
