package io.intramesh.model;

/** How much a listener lets through to its application at a time. The callee enforces it, per process. */
public sealed interface ConnectionPool {

    /** Returns the listener protocol that this pool belongs to. */
    Protocol protocol();

    /**
     * Limit of an http listener. HTTP/1.1 carries one request per connection, so busy connections are busy requests.
     *
     * @param maxConnections requests at a time
     * @param maxPendingRequests requests that may wait beyond these
     */
    record Http(int maxConnections, int maxPendingRequests) implements ConnectionPool {
        /** What App Mesh takes when {@code maxPendingRequests} is absent: no bound. */
        public static final int DEFAULT_MAX_PENDING_REQUESTS = Integer.MAX_VALUE;

        public Http {
            Checks.range("maxConnections", maxConnections, 1, Integer.MAX_VALUE);
            Checks.range("maxPendingRequests", maxPendingRequests, 1, Integer.MAX_VALUE);
        }

        @Override
        public Protocol protocol() {
            return Protocol.HTTP;
        }
    }

    /** Limit of an http2 listener: requests at a time, none wait. */
    record Http2(int maxRequests) implements ConnectionPool {
        public Http2 {
            Checks.range("maxRequests", maxRequests, 1, Integer.MAX_VALUE);
        }

        @Override
        public Protocol protocol() {
            return Protocol.HTTP2;
        }
    }

    /** Limit of a grpc listener: requests at a time, none wait. */
    record Grpc(int maxRequests) implements ConnectionPool {
        public Grpc {
            Checks.range("maxRequests", maxRequests, 1, Integer.MAX_VALUE);
        }

        @Override
        public Protocol protocol() {
            return Protocol.GRPC;
        }
    }

    /** Limit of a tcp listener: connections at a time, none wait. */
    record Tcp(int maxConnections) implements ConnectionPool {
        public Tcp {
            Checks.range("maxConnections", maxConnections, 1, Integer.MAX_VALUE);
        }

        @Override
        public Protocol protocol() {
            return Protocol.TCP;
        }
    }
}
