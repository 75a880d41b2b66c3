package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * An inbound port of a virtual node or virtual gateway, and what holds for it.
 *
 * <pre>{@code
 * Listener.builder(new PortMapping(8080, Protocol.HTTP)).timeout(new Timeouts(Duration.ofSeconds(5), null)).build();
 * }</pre>
 *
 * @param connectionPool null means no limit
 * @param healthCheck null means no active check
 * @param outlierDetection null means no ejection; never set on a gateway
 * @param timeout null means the defaults; never set on a gateway
 * @param tls null means plaintext
 */
public record Listener(
        PortMapping portMapping,
        @Nullable ConnectionPool connectionPool,
        @Nullable HealthCheck healthCheck,
        @Nullable OutlierDetection outlierDetection,
        @Nullable Timeouts timeout,
        @Nullable ListenerTls tls) {
    public Listener {
        requireNonNull(portMapping, "portMapping");
        Checks.require(
                connectionPool == null || connectionPool.protocol() == portMapping.protocol(),
                "connectionPool: for another protocol (expected: "
                        + portMapping.protocol().text() + ")");
        Checks.require(
                healthCheck == null || healthCheck.port() == null || healthCheck.port() == portMapping.port(),
                "healthCheck.port: not the listener's (expected: " + portMapping.port() + ")");
    }

    public int port() {
        return portMapping.port();
    }

    public Protocol protocol() {
        return portMapping.protocol();
    }

    /** Returns a builder for a listener on that port. */
    public static Builder builder(PortMapping portMapping) {
        return new Builder(portMapping);
    }

    /** Returns a builder that starts with this listener's values. */
    public Builder toBuilder() {
        return builder(portMapping)
                .connectionPool(connectionPool)
                .healthCheck(healthCheck)
                .outlierDetection(outlierDetection)
                .timeout(timeout)
                .tls(tls);
    }

    /** Builds a {@link Listener}. Not thread-safe. */
    public static final class Builder {
        private final PortMapping portMapping;
        private @Nullable ConnectionPool connectionPool;
        private @Nullable HealthCheck healthCheck;
        private @Nullable OutlierDetection outlierDetection;
        private @Nullable Timeouts timeout;
        private @Nullable ListenerTls tls;

        private Builder(PortMapping portMapping) {
            this.portMapping = portMapping;
        }

        public Builder connectionPool(@Nullable ConnectionPool value) {
            connectionPool = value;
            return this;
        }

        public Builder healthCheck(@Nullable HealthCheck value) {
            healthCheck = value;
            return this;
        }

        public Builder outlierDetection(@Nullable OutlierDetection value) {
            outlierDetection = value;
            return this;
        }

        public Builder timeout(@Nullable Timeouts value) {
            timeout = value;
            return this;
        }

        public Builder tls(@Nullable ListenerTls value) {
            tls = value;
            return this;
        }

        /** Returns the listener, or throws {@link IllegalArgumentException} when parts do not fit together. */
        public Listener build() {
            return new Listener(portMapping, connectionPool, healthCheck, outlierDetection, timeout, tls);
        }
    }
}
