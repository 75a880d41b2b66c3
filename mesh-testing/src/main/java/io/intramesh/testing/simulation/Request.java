package io.intramesh.testing.simulation;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * What is sent with an attempt. Work on it takes as long wherever it goes and whoever sends it, so that clients compare.
 *
 * @param call number of the call
 * @param attempt 1 for the first attempt of a call, 2 for the second …
 * @param headers compared without regard to case where the map does so
 */
public record Request(long call, int attempt, Map<String, String> headers) {
    public Request {
        requireNonNull(headers, "headers");
    }

    /** Makes a request without headers. */
    public static Request of(long call, int attempt) {
        return new Request(call, attempt, Map.of());
    }
}
