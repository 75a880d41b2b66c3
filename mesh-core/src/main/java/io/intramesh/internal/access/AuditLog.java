package io.intramesh.internal.access;

import io.intramesh.internal.time.NanoClock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down who called what and what became of it, one line for each decision, on a logger of its own. What comes from
 * outside stands in quotes and cannot end them, break the line or fill the disk; queries, header values and bodies are never
 * written. Safe for use by several threads.
 */
public final class AuditLog {
    /** Name of the logger. */
    public static final String LOGGER = "io.intramesh.audit";

    /** Longest text of one field; a longer one ends in an ellipsis. Longer than nearly every path and every SPIFFE ID in use. */
    static final int MAX_TEXT = 512;

    /**
     * Lines a second, beyond which they are counted only. Some 300 kB a second: what an attacker can make a process write must
     * be bounded, and a second of it shows all that there is to see.
     */
    static final int MAX_LINES_PER_SECOND = 1000;

    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Logger log = LoggerFactory.getLogger(LOGGER);
    private final NanoClock clock;
    private final AtomicLong windowStart;
    private final AtomicInteger written = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();

    public AuditLog(NanoClock clock) {
        this.clock = clock;
        this.windowStart = new AtomicLong(clock.nanoTime());
    }

    /** Returns whether anybody reads it. */
    public boolean isRead() {
        return log.isInfoEnabled();
    }

    /**
     * Writes a line.
     *
     * @param event {@code access denied} and the like
     * @param reason that the caller is told; null where the request is let in
     */
    public void write(String event, Entry entry, Ruling ruling, String mode, @Nullable String reason) {
        if (!log.isInfoEnabled() || !mayWrite()) {
            return;
        }
        Principal principal = entry.principal;
        log.info(
                "{} caller={} callerNode={} callee={} port={} method={} path={} policy={} rule={} mode={} reason={}"
                        + " revision={} requestId={}",
                event,
                quoted(principal.name()),
                quoted(principal.virtualNode()),
                quoted(entry.callee),
                entry.port,
                quoted(entry.method),
                quoted(withoutParameters(entry.path)),
                quoted(ruling.policy()),
                quoted(ruling.rule()),
                mode,
                reason == null ? "-" : reason,
                entry.revision,
                quoted(entry.requestId));
    }

    private boolean mayWrite() {
        long now = clock.nanoTime();
        long start = windowStart.get();
        if (now - start >= WINDOW_NANOS && windowStart.compareAndSet(start, now)) {
            written.set(0);
            long lost = dropped.getAndSet(0);
            if (lost > 0) {
                log.warn("audit lines dropped count={} maxPerSecond={}", lost, MAX_LINES_PER_SECOND);
            }
        }
        if (written.incrementAndGet() <= MAX_LINES_PER_SECOND) {
            return true;
        }
        // Else it would come round to negative numbers under a long attack.
        written.decrementAndGet();
        dropped.incrementAndGet();
        return false;
    }

    /** Returns the path without what stands behind a semicolon in its segments, where sessions are named. */
    static @Nullable String withoutParameters(@Nullable String path) {
        if (path == null || path.indexOf(';') < 0) {
            return path;
        }
        StringBuilder kept = new StringBuilder(path.length());
        boolean isParameter = false;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            isParameter = c == ';' || (isParameter && c != '/');
            if (c == ';' || !isParameter) {
                kept.append(c);
            }
        }
        return kept.toString();
    }

    /** Returns the text in quotes, with all escaped that is not plain ASCII; {@code -} for null. */
    static String quoted(@Nullable String text) {
        if (text == null) {
            return "-";
        }
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        int length = Math.min(text.length(), MAX_TEXT);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                quoted.append("\\u").append(HEX.charAt(c >> 12)).append(HEX.charAt((c >> 8) & 0xf));
                quoted.append(HEX.charAt((c >> 4) & 0xf)).append(HEX.charAt(c & 0xf));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append(length < text.length() ? "...\"" : "\"").toString();
    }

    private static final String HEX = "0123456789abcdef";

    /**
     * What a line says about the request.
     *
     * @param path as sent, without the query
     * @param revision of the configuration that decided
     */
    public record Entry(
            Principal principal,
            String callee,
            int port,
            @Nullable String method,
            @Nullable String path,
            long revision,
            String requestId) {}
}
