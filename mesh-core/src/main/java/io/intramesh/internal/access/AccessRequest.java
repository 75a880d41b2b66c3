package io.intramesh.internal.access;

import static java.util.Objects.requireNonNull;

import io.intramesh.call.MeshRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
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

    // What a 401 asks for (RFC 6750, section 3; RFC 9110, section 11.6.1).
    private static final String CHALLENGE = "Bearer";
    private static final String CHALLENGE_AFTER_A_BAD_ONE = "Bearer error=\"invalid_token\"";

    private static final String SCOPE = "scope";

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

    /** What the token of a request that is asked about says; null where that is open. */
    private final @Nullable GivenClaims given;

    // The rules of one policy follow one another, so one memory is enough.
    private @Nullable TokenVerifier askedLast;
    private @Nullable TokenClaims claims;
    private boolean lacksToken;
    private @Nullable Instant now;

    private AccessRequest(
            MeshRequest request,
            Principal principal,
            @Nullable String path,
            int port,
            @Nullable InstantSource time,
            Duration clockMargin,
            boolean isArrived,
            boolean mayGetHeaders,
            @Nullable GivenClaims given) {
        this.request = request;
        this.principal = principal;
        this.path = path;
        this.port = port;
        this.time = time;
        this.clockMargin = clockMargin;
        this.isArrived = isArrived;
        this.mayGetHeaders = mayGetHeaders;
        this.given = given;
    }

    /**
     * Returns a request that arrived.
     *
     * @param path decoded; null where no rule asks for it
     * @param port of the listener that took it
     */
    public static AccessRequest arrived(
            MeshRequest request, Principal principal, @Nullable String path, int port, InstantSource time) {
        return new AccessRequest(request, principal, path, port, time, Duration.ZERO, true, false, null);
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
        return new AccessRequest(request, principal, path, port, time, clockMargin, false, true, null);
    }

    /**
     * Returns a request that is only asked about.
     *
     * @param time null leaves it open when it is made
     * @param claims of its token, which is taken for good; empty where it has none, null leaves that open
     */
    public static AccessRequest asked(
            MeshRequest request,
            Principal principal,
            @Nullable String path,
            int port,
            @Nullable InstantSource time,
            @Nullable Map<String, List<String>> claims) {
        return new AccessRequest(
                request,
                principal,
                path,
                port,
                time,
                Duration.ZERO,
                false,
                false,
                claims == null ? null : new GivenClaims(claims));
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

    /** Tells whether it is sure that no token comes with it. */
    boolean isWithoutToken() {
        return given != null && given.claims.isEmpty();
    }

    /** Returns what the request's token proves to a policy, or null for nothing. */
    @Nullable
    TokenClaims claims(TokenVerifier verifier) {
        if (!isArrived) {
            return isWithoutToken() ? null : given;
        }
        if (!verifier.equals(askedLast)) {
            String token = token();
            claims = token == null ? null : verifier.verify(token, requireNonNull(now(), "time"));
            askedLast = verifier;
            lacksToken |= claims == null;
        }
        return claims;
    }

    /**
     * Returns what to ask the caller for, as {@code WWW-Authenticate} says it, where a rule wanted a token that proves something
     * and none came, or one that is no good; null where none did. Says no more: what is wrong with a token is nobody else's
     * business.
     */
    public @Nullable String challenge() {
        if (!lacksToken) {
            return null;
        }
        return isBearer(request.header(AUTHORIZATION)) ? CHALLENGE_AFTER_A_BAD_ONE : CHALLENGE;
    }

    private @Nullable String token() {
        String header = request.header(AUTHORIZATION);
        return header == null || header.length() > MAX_TOKEN_LENGTH || !isBearer(header)
                ? null
                : header.substring(BEARER.length()).strip();
    }

    /** Case does not count in the scheme's name (RFC 9110, section 11.1). */
    private static boolean isBearer(@Nullable String header) {
        return header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length());
    }

    /** Claims that somebody wrote down. */
    private record GivenClaims(Map<String, List<String>> claims) implements TokenClaims {
        @Override
        public boolean has(String claim, String value) {
            List<String> values = claims.getOrDefault(claim, List.of());
            return values.contains(value)
                    || (claim.equals(SCOPE)
                            && values.stream()
                                    .anyMatch(words ->
                                            List.of(words.split(" ", -1)).contains(value)));
        }
    }
}
