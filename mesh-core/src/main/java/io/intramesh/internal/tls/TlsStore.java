package io.intramesh.internal.tls;

import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsValidation;
import io.intramesh.tls.TlsSettings;
import io.intramesh.tls.TlsState;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All TLS material of one mesh. */
public final class TlsStore implements AutoCloseable {

    /**
     * Makes a store and decides which library does TLS.
     *
     * @throws io.intramesh.MeshConfigException when the settings demand a library that is not at hand
     */
    public TlsStore(
            TlsSettings settings, MeshScheduler scheduler, InstantSource clock, Consumer<TlsEvent> events) {}

    /**
     * Returns the live security of connections to a kind of endpoint; the same handle for equal arguments. On the mesh thread.
     *
     * @param certificate shown to servers that ask; null shows none
     * @param validation of the server's certificate; null encrypts without checking who answers, as App Mesh does towards a
     *     listener with a certificate from a file where no client policy is in force
     * @param expectedNames of which the server's certificate must carry one where the validation lists no names
     */
    public ClientHandle client(
            @Nullable TlsCertificate certificate, @Nullable TlsValidation validation, List<String> expectedNames) {
        throw new UnsupportedOperationException();
    }

    /** Returns the live security of the listener on a port; the same handle each time. DISABLED until it is configured. */
    public ServerHandle server(int port) {
        throw new UnsupportedOperationException();
    }

    /** Forgets client handles, and material that only they used. On the mesh thread, after each configuration. */
    public void retain(Collection<?> handlesInUse) {}

    /** Describes everything in use. Safe for use by several threads. */
    public List<TlsState> describe() {
        return List.of();
    }

    @Override
    public void close() {}
}
