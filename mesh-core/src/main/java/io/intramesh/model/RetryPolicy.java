package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Set;

/**
 * When and how often an attempt is made again.
 *
 * @param maxRetries attempts after the first; 0 means one attempt in all
 * @param perRetryTimeout limit of each attempt, the first included; zero means none
 */
public record RetryPolicy(
        long maxRetries,
        Duration perRetryTimeout,
        Set<HttpEvent> httpRetryEvents,
        Set<TcpEvent> tcpRetryEvents,
        Set<GrpcEvent> grpcRetryEvents) {
    public RetryPolicy {
        Checks.range("maxRetries", maxRetries, 0, Long.MAX_VALUE);
        requireNonNull(perRetryTimeout, "perRetryTimeout");
        Checks.require(!perRetryTimeout.isNegative(), "perRetryTimeout: negative (expected: 0 or more)");
        httpRetryEvents = Set.copyOf(httpRetryEvents);
        tcpRetryEvents = Set.copyOf(tcpRetryEvents);
        grpcRetryEvents = Set.copyOf(grpcRetryEvents);
    }

    /** Events of HTTP. */
    public enum HttpEvent {
        /** 500 to 511 without 509, or no response at all. */
        SERVER_ERROR("server-error"),
        /** 502, 503, 504, or no response at all. */
        GATEWAY_ERROR("gateway-error"),
        /** 409. */
        CLIENT_ERROR("client-error"),
        /** The peer refused the stream. */
        STREAM_ERROR("stream-error");

        private final String text;

        HttpEvent(String text) {
            this.text = text;
        }

        /** Returns the name that documents use. */
        public String text() {
            return text;
        }
    }

    /** Events of TCP. */
    public enum TcpEvent {
        /** No connection came about. */
        CONNECTION_ERROR("connection-error");

        private final String text;

        TcpEvent(String text) {
            this.text = text;
        }

        /** Returns the name that documents use. */
        public String text() {
            return text;
        }
    }

    /** Status codes of gRPC. */
    public enum GrpcEvent {
        CANCELLED("cancelled", 1),
        DEADLINE_EXCEEDED("deadline-exceeded", 4),
        INTERNAL("internal", 13),
        RESOURCE_EXHAUSTED("resource-exhausted", 8),
        UNAVAILABLE("unavailable", 14);

        private final String text;
        private final int status;

        GrpcEvent(String text, int status) {
            this.text = text;
            this.status = status;
        }

        /** Returns the name that documents use. */
        public String text() {
            return text;
        }

        /** Returns the {@code grpc-status} of this event. */
        public int status() {
            return status;
        }
    }
}
