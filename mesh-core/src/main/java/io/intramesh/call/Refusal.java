package io.intramesh.call;

import static java.util.Objects.requireNonNull;

import io.intramesh.Reason;
import org.jspecify.annotations.Nullable;

/**
 * A refusal as a response shows it. Says nothing that a stranger should not know.
 *
 * @param status HTTP status
 * @param title short text for people
 * @param retryAfterSeconds when to come back, for {@link #RETRY_AFTER_HEADER}; 0 says nothing about it
 * @param challenge what to bring, for {@link #CHALLENGE_HEADER}; null says nothing about it
 */
public record Refusal(
        Reason reason,
        int status,
        String title,
        long retryAfterSeconds,
        @Nullable String challenge) {
    /** Response header that names the reason. */
    public static final String HEADER = "x-mesh-refusal";

    /** Response header by which Envoy marked an overflow; sent with {@link Reason#LIMIT_REACHED}. */
    public static final String OVERLOADED_HEADER = "x-envoy-overloaded";

    /** Response header that says when to come back; sent where {@link #retryAfterSeconds} is not 0. */
    public static final String RETRY_AFTER_HEADER = "Retry-After";

    /** Response header that says by what a caller may prove who it is; sent where {@link #challenge} is not null. */
    public static final String CHALLENGE_HEADER = "WWW-Authenticate";

    /** Response header by which Envoy marked a rate limit, and asked not to repeat; sent with {@link Reason#RATE_LIMITED}. */
    public static final String RATE_LIMITED_HEADER = "x-envoy-ratelimited";

    /** Media type of {@link #problemJson()}. */
    public static final String MEDIA_TYPE = "application/problem+json";

    public Refusal {
        requireNonNull(reason, "reason");
        requireNonNull(title, "title");
    }

    /** Makes a refusal that does not say when to come back. */
    public Refusal(Reason reason, int status, String title) {
        this(reason, status, title, 0);
    }

    /** Makes a refusal that asks for nothing. */
    public Refusal(Reason reason, int status, String title, long retryAfterSeconds) {
        this(reason, status, title, retryAfterSeconds, null);
    }

    /** Returns the refusal for that reason, with the reason's own status. */
    public static Refusal of(Reason reason, String title) {
        return new Refusal(reason, reason.status(), title);
    }

    /** Returns this refusal with that {@link #challenge}. */
    public Refusal challenging(String value) {
        return new Refusal(reason, status, title, retryAfterSeconds, requireNonNull(value, "value"));
    }

    /** Returns the body of the response (RFC 9457). */
    public String problemJson() {
        return "{\"type\":\"about:blank\",\"title\":\"" + escape(title) + "\",\"status\":" + status + ",\"reason\":\""
                + reason + "\"}";
    }

    private static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                escaped.append('\\').append(c);
            } else if (c < ' ') {
                escaped.append(String.format("\\u%04x", (int) c));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
