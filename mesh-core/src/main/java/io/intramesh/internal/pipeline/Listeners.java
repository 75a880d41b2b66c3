package io.intramesh.internal.pipeline;

import io.intramesh.AccessEvent;
import io.intramesh.EndpointEvent;
import io.intramesh.MeshCallException;
import io.intramesh.MeshListener;
import io.intramesh.MeshState;
import io.intramesh.tls.TlsEvent;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells those who listen; one that throws is logged and harms nobody. */
final class Listeners {
    private static final Logger log = LoggerFactory.getLogger(Listeners.class);

    private final List<MeshListener> listeners = new CopyOnWriteArrayList<>();

    AutoCloseable add(MeshListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    void configurationChanged(MeshState state) {
        tell(listener -> listener.configurationChanged(state));
    }

    void registryFailed(String message) {
        tell(listener -> listener.registryFailed(message));
    }

    void callRefused(String destination, MeshCallException refusal) {
        if (!listeners.isEmpty()) {
            tell(listener -> listener.callRefused(destination, refusal));
        }
    }

    void endpointChanged(EndpointEvent event) {
        tell(listener -> listener.endpointChanged(event));
    }

    void accessDenied(AccessEvent event) {
        if (!listeners.isEmpty()) {
            tell(listener -> listener.accessDenied(event));
        }
    }

    void tlsChanged(TlsEvent event) {
        tell(listener -> listener.tlsChanged(event));
    }

    private void tell(Consumer<MeshListener> event) {
        for (MeshListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (RuntimeException e) {
                log.warn("listener failed listener={}", listener.getClass().getName(), e);
            }
        }
    }
}
