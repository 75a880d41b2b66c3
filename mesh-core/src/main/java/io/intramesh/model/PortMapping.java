package io.intramesh.model;

import static java.util.Objects.requireNonNull;

/** A port and the protocol spoken there. */
public record PortMapping(int port, Protocol protocol) {
    /** Greatest port number. */
    public static final int MAX_PORT = 65_535;

    public PortMapping {
        Checks.range("port", port, 1, MAX_PORT);
        requireNonNull(protocol, "protocol");
    }
}
