package io.intramesh;

/**
 * Why the mesh refused a call or request. The names are stable: metrics, logs, the {@code x-mesh-refusal} header and
 * {@code mesh explain} use them. The statuses are those that App Mesh's Envoy answered with.
 */
public enum Reason {
    /** Nothing in the mesh takes this request: no route matches, or the virtual service has no provider. */
    NO_ROUTE(404),
    /** The destination is no declared backend, and the mesh's egress filter drops what is undeclared. */
    EGRESS_DENIED(404),
    /** The virtual node has no endpoint that may be used. */
    NO_HEALTHY_ENDPOINT(503),
    /** No connection to the endpoint came about, or it was lost before an answer. */
    CONNECTION_FAILED(503),
    /** A circuit breaker is open. */
    CIRCUIT_OPEN(503),
    /** A bound on concurrent or waiting requests is reached. */
    LIMIT_REACHED(503),
    /** The peer did not prove that it is who it should be, or the call would have to go out unencrypted. */
    PEER_UNTRUSTED(503),
    /** The time for the request is up. */
    DEADLINE_EXCEEDED(504),
    /** The caller showed no identity where one is demanded. */
    NO_TRUSTED_IDENTITY(401),
    /** An access policy does not allow it. */
    POLICY(403),
    /** The path can be read in more than one way, so that no access policy could be held against it. */
    AMBIGUOUS_PATH(400),
    /** The caller sends more than its rate limit. */
    RATE_LIMITED(429),
    /** A traffic policy makes the call fail, to try what happens. */
    FAULT_INJECTED(503),
    /** This process is shutting down and takes no new requests. */
    DRAINING(503);

    private final int status;

    Reason(int status) {
        this.status = status;
    }

    /** Returns the HTTP status of a response that stands for this refusal. */
    public int status() {
        return status;
    }
}
