package io.intramesh.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A line of the audit log, of the logger {@code io.intramesh.audit}, whatever stands before it in the layout.
 *
 * @param caller name that the caller's certificate proves; null for none
 * @param callerNode virtual node that it is; null for none
 * @param callee virtual node that took the request
 * @param method null where it could not be read
 * @param path as it was sent, without query; null where it could not be read
 * @param policy that decided; null for none
 * @param rule of the policy; null for its default
 * @param reason that the caller was told, or would have been; null where it was let in
 */
record AuditLine(
        Event event,
        @Nullable String caller,
        @Nullable String callerNode,
        String callee,
        @Nullable String method,
        @Nullable String path,
        @Nullable String policy,
        @Nullable String rule,
        @Nullable String reason) {
    /** What became of the request. */
    enum Event {
        ALLOWED,
        DENIED,
        WOULD_BE_DENIED
    }

    private static final String MARK = "access ";

    /** A text in quotes with escapes, or nothing. Possessive: what does not fit fails at once, however long it is. */
    private static final String TEXT = "(-|\"(?:[^\"\\\\]++|\\\\.)*+\")";

    private static final Pattern FORM = Pattern.compile("access (allowed|denied|would be denied) caller=" + TEXT
            + " callerNode=" + TEXT + " callee=" + TEXT + " port=-?[0-9]+ method=" + TEXT + " path=" + TEXT + " policy="
            + TEXT + " rule=" + TEXT + " mode=[A-Z]+ reason=([A-Z_]+|-)(?: .*)?");

    /** The audit log cuts longer texts and marks them so. */
    private static final int MAX_TEXT = 512;

    private static final String CUT = "...";

    /** Returns what a line of a log says, or null where it is none of the audit log. */
    static @Nullable AuditLine parse(String line) {
        int mark = line.indexOf(MARK);
        Matcher matcher = mark < 0 ? null : FORM.matcher(line);
        if (matcher == null || !matcher.find(mark)) {
            return null;
        }
        String callee = text(matcher.group(4));
        if (callee == null || isCut(callee)) {
            return null;
        }
        return new AuditLine(
                event(matcher.group(1)),
                text(matcher.group(2)),
                text(matcher.group(3)),
                callee,
                text(matcher.group(5)),
                text(matcher.group(6)),
                text(matcher.group(7)),
                text(matcher.group(8)),
                matcher.group(9).equals("-") ? null : matcher.group(9));
    }

    private static Event event(String words) {
        return switch (words) {
            case "allowed" -> Event.ALLOWED;
            case "denied" -> Event.DENIED;
            default -> Event.WOULD_BE_DENIED;
        };
    }

    /** Tells whether a text was too long for the log, so that nobody knows how it went on. */
    static boolean isCut(String text) {
        return text.length() >= MAX_TEXT && text.endsWith(CUT);
    }

    private static @Nullable String text(String written) {
        if (written.equals("-")) {
            return null;
        }
        StringBuilder text = new StringBuilder(written.length());
        int at = 1;
        while (at < written.length() - 1) {
            char c = written.charAt(at++);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char escaped = written.charAt(at++);
            if (escaped == 'u' && at + 4 < written.length()) {
                text.append((char) Integer.parseInt(written.substring(at, at + 4), 16));
                at += 4;
            } else {
                text.append(escaped);
            }
        }
        return text.toString();
    }
}
