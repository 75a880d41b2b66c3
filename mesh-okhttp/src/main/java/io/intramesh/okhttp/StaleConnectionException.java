package io.intramesh.okhttp;

import io.intramesh.call.Endpoint;
import java.io.IOException;

/** A kept connection was found closed by its peer before anything of a request was sent over it. */
final class StaleConnectionException extends IOException {
    private static final long serialVersionUID = 1L;

    StaleConnectionException(Endpoint endpoint) {
        super("the kept connection to " + endpoint + " was closed by its peer");
    }
}
