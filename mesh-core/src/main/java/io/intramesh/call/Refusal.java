package io.intramesh.call;

import static java.util.Objects.requireNonNull;

import io.intramesh.Reason;

/**
 * A refusal as a response shows it. Says nothing that a stranger should not know.
 *
 * @param status HTTP status
 * @param title short text for people
 */
public record Refusal(Reason reason, int status, String title) {
    /** Response header that names the reason. */
    public static final String HEADER = "x-mesh-refusal";

    /** Response header by which Envoy marked an overflow; sent with {@link Reason#LIMIT_REACHED}. */
    public static final String OVERLOADED_HEADER = "x-envoy-overloaded";

    /** Media type of {@link #problemJson()}. */
    public static final String MEDIA_TYPE = "application/problem+json";

    public Refusal {
        requireNonNull(reason, "reason");
        requireNonNull(title, "title");
    }

    /** Returns the refusal for that reason, with the reason's own status. */
    public static Refusal of(Reason reason, String title) {
        return new Refusal(reason, reason.status(), title);
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
