package io.intramesh.internal.access;

import static java.util.Objects.requireNonNull;

import io.intramesh.call.MeshRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * A request as rules judge it: what is certain about it, and how to take what is not. Used by one thread.
 *
 * <p>Where it arrived, doubt is refused: a rule that denies holds unless it surely does not, and one that allows holds only
 * if it surely does. Where it is only asked about, by its own caller or by an explanation, doubt is let on, since the process
 * that takes the request decides anyway.
 */
public final class AccessRequest {
    /** For a port that is not known. */
    public static final int UNKNOWN_PORT = -1;

    private static final String AUTHORIZATION = "authorization";
    private static final String BEARER = "Bearer ";

    /** Longest token that is looked at: twice what most servers take as a header. */
    private static final int MAX_TOKEN_LENGTH = 16 * 1024;

    private final MeshRequest request;
    private final Principal principal;
    private final @Nullable String path;
    private final int port;
    private final @Nullable InstantSource time;
    private final Duration clockMargin;
    private final boolean isArrived;
    private final boolean mayGetHeaders;

    // The rules of one policy follow one another, so one memory is enough.
    private @Nullable TokenVerifier askedLast;
    private @Nullable TokenClaims claims;
    private @Nullable Instant now;

    private AccessRequest(
            MeshRequest request,
            Principal principal,
            @Nullable String path,
            int port,
            @Nullable InstantSource time,
            Duration clockMargin,
            boolean isArrived,
            boolean mayGetHeaders) {
        this.request = request;
        this.principal = principal;
        this.path = path;
        this.port = port;
        this.time = time;
        this.clockMargin = clockMargin;
        this.isArrived = isArrived;
        this.mayGetHeaders = mayGetHeaders;
    }

    /**
     * Returns a request that arrived.
     *
     * @param path decoded; null where no rule asks for it
     * @param port of the listener that took it
     */
    public static AccessRequest arrived(
            MeshRequest request, Principal principal, @Nullable String path, int port, InstantSource time) {
        return new AccessRequest(request, principal, path, port, time, Duration.ZERO, true, false);
    }

    /**
     * Returns a call before it leaves. Its headers are not complete, its token is the callee's to check, and the callee's
     * clock may be another.
     */
    public static AccessRequest leaving(
            MeshRequest request,
            Principal principal,
            @Nullable String path,
            int port,
            InstantSource time,
            Duration clockMargin) {
        return new AccessRequest(request, principal, path, port, time, clockMargin, false, true);
    }

    /**
     * Returns a request that is only asked about.
     *
     * @param time null leaves it open when it is made
     */
    public static AccessRequest asked(
            MeshRequest request, Principal principal, @Nullable String path, int port, @Nullable InstantSource time) {
        return new AccessRequest(request, principal, path, port, time, Duration.ZERO, false, false);
    }

    MeshRequest request() {
        return request;
    }

    Principal principal() {
        return principal;
    }

    @Nullable
    String path() {
        return path;
    }

    int port() {
        return port;
    }

    /** Returns the time of the request, the same each time, or null where it is open. Read when it is first asked for. */
    @Nullable
    Instant now() {
        if (now == null && time != null) {
            now = time.instant();
        }
        return now;
    }

    Duration clockMargin() {
        return clockMargin;
    }

    /** Tells whether doubt is refused. */
    boolean isArrived() {
        return isArrived;
    }

    /** Tells whether a header that is absent may still be added. */
    boolean mayGetHeaders() {
        return mayGetHeaders;
    }

    /** Returns what the request's token proves to a policy, or null for nothing. */
    @Nullable
    TokenClaims claims(TokenVerifier verifier) {
        if (!isArrived) {
            return null;
        }
        if (!verifier.equals(askedLast)) {
            String token = token();
            claims = token == null ? null : verifier.verify(token, requireNonNull(now(), "time"));
            askedLast = verifier;
        }
        return claims;
    }

    private @Nullable String token() {
        String header = request.header(AUTHORIZATION);
        // Case does not count in the scheme's name (RFC 9110, section 11.1).
        if (header == null
                || header.length() > MAX_TOKEN_LENGTH
                || !header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return null;
        }
        return header.substring(BEARER.length()).strip();
    }
}
