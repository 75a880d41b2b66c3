package io.intramesh.explain;

import static java.util.Objects.requireNonNull;

import io.intramesh.call.MeshRequest;
import io.intramesh.model.Protocol;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
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
 * @param claims of the caller's token, each with its values, as if somebody that the policy trusts had signed it; empty means
 *     that it has none, null leaves it open. Only access policies ask for them
 * @param at when the request is made; null means now, and open where no mesh runs. Only access policies ask for it
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
        @Nullable String spiffeId,
        @Nullable Map<String, List<String>> claims,
        @Nullable Instant at)
        implements MeshRequest {
    public ExplainRequest {
        requireNonNull(host, "host");
        headers = Map.copyOf(headers);
        if (claims != null) {
            Map<String, List<String>> copy = new LinkedHashMap<>();
            claims.forEach((claim, values) -> copy.put(claim, List.copyOf(values)));
            claims = Map.copyOf(copy);
        }
    }

    @Override
    public @Nullable String header(String name) {
        return headers.get(name.toLowerCase(Locale.ROOT));
    }

    /** Returns a builder for a request to that host. */
    public static Builder builder(String host) {
        return new Builder(host);
    }

    /** Returns a builder that begins with all of this. */
    public Builder toBuilder() {
        Builder builder = new Builder(host);
        builder.mesh = mesh;
        builder.virtualGateway = virtualGateway;
        builder.virtualNode = virtualNode;
        builder.protocol = protocol;
        builder.method = method;
        builder.scheme = scheme;
        builder.port = port;
        builder.portImplied = isPortImplied;
        builder.path = path;
        builder.query = query;
        builder.headers.putAll(headers);
        builder.spiffeId = spiffeId;
        if (claims != null) {
            builder.claims = new LinkedHashMap<>();
            claims.forEach(builder.claims::put);
        }
        builder.at = at;
        return builder;
    }

    /** Builds an {@link ExplainRequest}. Not thread-safe. */
    public static final class Builder {
        private String host;
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
        private @Nullable Map<String, List<String>> claims;
        private @Nullable Instant at;

        private Builder(String host) {
            this.host = requireNonNull(host, "host");
        }

        public Builder host(String value) {
            host = requireNonNull(value, "host");
            return this;
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

        /** Adds a value of a claim of the caller's token, which is then taken to be checked and good. */
        public Builder claim(String name, String value) {
            Map<String, List<String>> known = claims == null ? new LinkedHashMap<>() : claims;
            known.merge(
                    requireNonNull(name, "name"),
                    List.of(value),
                    (first, second) ->
                            Stream.concat(first.stream(), second.stream()).toList());
            claims = known;
            return this;
        }

        /** Says that the caller has no token. */
        public Builder noToken() {
            claims = new LinkedHashMap<>();
            return this;
        }

        /** Sets when the request is made; null means now. */
        public Builder at(@Nullable Instant value) {
            at = value;
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
                    spiffeId,
                    claims,
                    at);
        }
    }
}
