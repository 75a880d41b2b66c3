package io.intramesh.samples.shop.runner;

import java.io.PrintStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Prints lines, for logs and pipes: every two seconds how the calls since then spread, and each refusal and failure with
 * its reason when it comes for the first time.
 */
final class PlainLines implements Display {
    private static final int INTERVAL_SECONDS = 2;

    private final PrintStream out;

    // All guarded by this.
    private final Map<String, Long> printed = new HashMap<>();
    private final Set<String> known = new HashSet<>();
    private long printedAt;

    PlainLines(PrintStream out) {
        this.out = out;
    }

    @Override
    public synchronized void event(String text) {
        out.println(text);
    }

    @Override
    public synchronized void figures(Figures figures) {
        for (Figures.Refused refused : figures.refused()) {
            tell("refused " + refused.caller() + " " + refused.reason() + ": " + refused.message());
        }
        for (Figures.Failed failed : figures.failed()) {
            tell("failed " + failed.what());
        }
        if (figures.seconds() - printedAt >= INTERVAL_SECONDS) {
            printedAt = figures.seconds();
            print(figures);
        }
    }

    private void tell(String text) {
        if (known.add(text)) {
            out.println(text);
        }
    }

    private void print(Figures figures) {
        for (Figures.Row row : figures.rows()) {
            Map<String, Long> counts = new HashMap<>();
            long sum = 0;
            for (Figures.Share share : row.shares()) {
                long count = since(row.destination() + " " + share.virtualNode(), share.total());
                counts.put(share.virtualNode(), count);
                sum += count;
            }
            StringBuilder line = new StringBuilder(String.format("%4d s  %-30s", figures.seconds(), row.destination()));
            for (Figures.Share share : row.shares()) {
                long count = counts.getOrDefault(share.virtualNode(), 0L);
                line.append(String.format("  %s %d (%s)", share.virtualNode(), count, Percent.of(count, sum)));
            }
            out.println(line);
        }
        out.println(String.format(
                "%4d s  served %d  refused %d  failed %d",
                figures.seconds(),
                since("served", figures.served()),
                since("refused", figures.refusedTotal()),
                since("failed", figures.failedTotal())));
    }

    /** Returns how much a count has grown since it was printed last. */
    private long since(String name, long total) {
        Long before = printed.put(name, total);
        return before == null ? total : total - before;
    }

    @Override
    public void close() {}
}
