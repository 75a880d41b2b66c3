package io.intramesh.testing.simulation;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/** An answer of an endpoint. */
public record Response(int status, Map<String, String> headers) {
    private static final int FIRST_SERVER_ERROR = 500;

    public Response {
        requireNonNull(headers, "headers");
    }

    /** Makes an answer without headers. */
    public static Response of(int status) {
        return new Response(status, Map.of());
    }

    /** Tells whether the endpoint says that it failed. */
    public boolean isServerError() {
        return status >= FIRST_SERVER_ERROR;
    }
}
