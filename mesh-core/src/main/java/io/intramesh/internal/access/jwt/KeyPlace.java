package io.intramesh.internal.access.jwt;

import io.intramesh.model.JwtIssuer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Where a set of keys is read from. */
sealed interface KeyPlace {
    /** Largest set that is read; some hundred keys. */
    int MAX_BYTES = 512 * 1024;

    /** Reads it. The stage fails where that cannot be done. */
    CompletableFuture<byte[]> read();

    /** Returns how long after a good reading the next one is due. */
    Duration interval();

    static KeyPlace of(JwtIssuer.Jwks place) {
        return place instanceof JwtIssuer.Jwks.File file
                ? new InFile(Path.of(file.path()))
                : new Remote(URI.create(((JwtIssuer.Jwks.Url) place).url()));
    }

    /** A file. Read where it is asked for: it is small and near. */
    record InFile(Path path) implements KeyPlace {
        @Override
        public CompletableFuture<byte[]> read() {
            try {
                long size = Files.size(path);
                if (size > MAX_BYTES) {
                    throw new IOException(size + " bytes (expected: at most " + MAX_BYTES + ")");
                }
                return CompletableFuture.completedFuture(Files.readAllBytes(path));
            } catch (IOException e) {
                return CompletableFuture.failedFuture(e);
            }
        }

        /** A few bytes to compare; as long as it takes to notice a change. */
        @Override
        public Duration interval() {
            return Duration.ofSeconds(5);
        }

        @Override
        public String toString() {
            return "file " + path;
        }
    }

    /** An address. Redirects are not followed: they could lead off https. */
    final class Remote implements KeyPlace {
        private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
        private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);
        private static final int OK = 200;

        private final URI uri;

        /** Its threads are daemons and end when nobody refers to it. */
        private final HttpClient client = HttpClient.newBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();

        Remote(URI uri) {
            this.uri = uri;
        }

        @Override
        public CompletableFuture<byte[]> read() {
            HttpRequest request = HttpRequest.newBuilder(uri)
                    .timeout(READ_TIMEOUT)
                    .header("Accept", "application/jwk-set+json, application/json")
                    .build();
            return client.sendAsync(request, answer -> new BoundedBody(MAX_BYTES))
                    .thenCompose(Remote::body);
        }

        private static CompletableFuture<byte[]> body(HttpResponse<byte[]> response) {
            return response.statusCode() == OK
                    ? CompletableFuture.completedFuture(response.body())
                    : CompletableFuture.failedFuture(new IOException("status " + response.statusCode()));
        }

        /** As Nimbus's JWKSourceBuilder has it (DEFAULT_CACHE_TIME_TO_LIVE). */
        @Override
        public Duration interval() {
            return Duration.ofMinutes(5);
        }

        @Override
        public String toString() {
            return uri.toString();
        }
    }
}
