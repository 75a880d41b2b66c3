package io.intramesh.explain;

import static java.util.Objects.requireNonNull;

import io.intramesh.call.MeshRequest;
import io.intramesh.model.Protocol;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request to ask about, as somebody writes it down. What is absent is left open: no method, scheme or path means that
 * conditions on these hold; no port means the only or first listener; no caller means any.
 *
 * <pre>{@code
 * ExplainRequest.builder("payments.local").method("GET").path("/beta/x?id=1").virtualNode("orders").build();
 * }</pre>
 *
 * @param mesh null means the only mesh
 * @param virtualGateway gateway that the request arrives at; null for a call inside the mesh
 * @param virtualNode caller; null means any
 * @param port -1 means none
 * @param headers by lower-case name, joined with a comma where there are several
 * @param spiffeId that the caller's certificate proves; null leaves it open. Only access policies ask for it
 */
public record ExplainRequest(
        @Nullable String mesh,
        @Nullable String virtualGateway,
        @Nullable String virtualNode,
        @Nullable Protocol protocol,
        @Nullable String method,
        @Nullable String scheme,
        String host,
        int port,
        boolean isPortImplied,
        @Nullable String path,
        @Nullable String query,
        Map<String, String> headers,
        @Nullable String spiffeId)
        implements MeshRequest {
    public ExplainRequest {
        requireNonNull(host, "host");
        headers = Map.copyOf(headers);
    }

    @Override
    public @Nullable String header(String name) {
        return headers.get(name.toLowerCase(Locale.ROOT));
    }

    /** Returns a builder for a request to that host. */
    public static Builder builder(String host) {
        return new Builder(host);
    }

    /** Builds an {@link ExplainRequest}. Not thread-safe. */
    public static final class Builder {
        private final String host;
        private @Nullable String mesh;
        private @Nullable String virtualGateway;
        private @Nullable String virtualNode;
        private @Nullable Protocol protocol;
        private @Nullable String method;
        private @Nullable String scheme;
        private int port = -1;
        private boolean portImplied = true;
        private @Nullable String path;
        private @Nullable String query;
        private final Map<String, String> headers = new LinkedHashMap<>();
        private @Nullable String spiffeId;

        private Builder(String host) {
            this.host = requireNonNull(host, "host");
        }

        public Builder mesh(@Nullable String value) {
            mesh = value;
            return this;
        }

        public Builder virtualGateway(@Nullable String value) {
            virtualGateway = value;
            return this;
        }

        public Builder virtualNode(@Nullable String value) {
            virtualNode = value;
            return this;
        }

        public Builder protocol(@Nullable Protocol value) {
            protocol = value;
            return this;
        }

        public Builder method(@Nullable String value) {
            method = value;
            return this;
        }

        public Builder scheme(@Nullable String value) {
            scheme = value;
            return this;
        }

        /** Sets the port that is dialled. */
        public Builder port(int value) {
            port = value;
            portImplied = false;
            return this;
        }

        /** Sets the port that follows from the scheme, because none was written down. */
        public Builder impliedPort(int value) {
            port = value;
            portImplied = true;
            return this;
        }

        /** Sets the path, and the query where it has one. */
        public Builder path(String value) {
            int mark = value.indexOf('?');
            path = mark < 0 ? value : value.substring(0, mark);
            query = mark < 0 ? null : value.substring(mark + 1);
            return this;
        }

        /** Adds a header line. */
        public Builder header(String name, String value) {
            headers.merge(name.toLowerCase(Locale.ROOT), value, (first, second) -> first + "," + second);
            return this;
        }

        /** Sets the SPIFFE ID that the caller's certificate proves, such as {@code spiffe://shop.example/shop/orders}. */
        public Builder spiffeId(@Nullable String value) {
            spiffeId = value;
            return this;
        }

        public ExplainRequest build() {
            return new ExplainRequest(
                    mesh,
                    virtualGateway,
                    virtualNode,
                    protocol,
                    method,
                    scheme,
                    host,
                    port,
                    portImplied,
                    path,
                    query,
                    headers,
                    spiffeId);
        }
    }
}
