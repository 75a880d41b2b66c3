package io.intramesh.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an http or http2 route, or gateway route, asks of a request. Everything given must hold; nothing given matches all.
 *
 * <pre>{@code
 * HttpMatch.builder().path(new PathMatch.Prefix("/beta")).method(HttpMethod.GET).build();
 * }</pre>
 *
 * @param hostname gateway routes only
 * @param scheme http2 routes only
 * @param port port that the caller dialled
 */
public record HttpMatch(
        @Nullable PathMatch path,
        @Nullable HostnameMatch hostname,
        @Nullable HttpMethod method,
        @Nullable HttpScheme scheme,
        @Nullable Integer port,
        List<HeaderMatch> headers,
        List<QueryParameterMatch> queryParameters) {
    /** Most conditions on headers, and most on query parameters, that App Mesh takes. */
    public static final int MAX_CONDITIONS = 10;

    /** Matches every request. */
    public static final HttpMatch ALL = builder().build();

    public HttpMatch {
        Checks.port("port", port);
        headers = Checks.size("headers", headers, 0, MAX_CONDITIONS);
        queryParameters = Checks.size("queryParameters", queryParameters, 0, MAX_CONDITIONS);
    }

    /** Returns a builder that asks for nothing yet. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns a builder that starts with this match's conditions. */
    public Builder toBuilder() {
        return builder()
                .path(path)
                .hostname(hostname)
                .method(method)
                .scheme(scheme)
                .port(port)
                .headers(headers)
                .queryParameters(queryParameters);
    }

    /** Builds an {@link HttpMatch}. Not thread-safe. */
    public static final class Builder {
        private @Nullable PathMatch path;
        private @Nullable HostnameMatch hostname;
        private @Nullable HttpMethod method;
        private @Nullable HttpScheme scheme;
        private @Nullable Integer port;
        private List<HeaderMatch> headers = List.of();
        private List<QueryParameterMatch> queryParameters = List.of();

        private Builder() {}

        public Builder path(@Nullable PathMatch value) {
            path = value;
            return this;
        }

        public Builder hostname(@Nullable HostnameMatch value) {
            hostname = value;
            return this;
        }

        public Builder method(@Nullable HttpMethod value) {
            method = value;
            return this;
        }

        public Builder scheme(@Nullable HttpScheme value) {
            scheme = value;
            return this;
        }

        public Builder port(@Nullable Integer value) {
            port = value;
            return this;
        }

        public Builder headers(List<HeaderMatch> value) {
            headers = value;
            return this;
        }

        public Builder queryParameters(List<QueryParameterMatch> value) {
            queryParameters = value;
            return this;
        }

        /** Returns the match, or throws {@link IllegalArgumentException} when a bound is broken. */
        public HttpMatch build() {
            return new HttpMatch(path, hostname, method, scheme, port, headers, queryParameters);
        }
    }
}
