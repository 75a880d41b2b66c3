package io.intramesh.internal.route;

import io.intramesh.model.PortMapping;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The ports on which a router, gateway or node is dialled, in order of declaration. Immutable. */
final class Listening {
    /** Nothing listens there. */
    static final int NOWHERE = -1;

    private final PortMapping[] listeners;
    private final int[] ports;

    Listening(List<PortMapping> listeners) {
        this.listeners = listeners.toArray(new PortMapping[0]);
        this.ports = listeners.stream().mapToInt(PortMapping::port).toArray();
    }

    boolean isAnywhere() {
        return listeners.length == 0;
    }

    int size() {
        return listeners.length;
    }

    PortMapping get(int index) {
        return listeners[index];
    }

    /**
     * Returns the place of the listener on that port. A port that was not written down, and that nothing listens on, means the
     * only or first listener.
     *
     * @param port -1 for none
     * @return {@link #NOWHERE} when nothing listens there
     */
    int find(int port, boolean implied) {
        for (int i = 0; i < ports.length; i++) {
            if (ports[i] == port) {
                return i;
            }
        }
        return implied && ports.length > 0 ? 0 : NOWHERE;
    }

    /** Returns the ports in words: {@code 8080, 9090}. */
    String ports() {
        return Arrays.stream(ports).mapToObj(Integer::toString).collect(Collectors.joining(", "));
    }

    /** Returns the listener at that place, or null for {@link #NOWHERE}. */
    @Nullable
    PortMapping at(int index) {
        return index == NOWHERE ? null : listeners[index];
    }
}
