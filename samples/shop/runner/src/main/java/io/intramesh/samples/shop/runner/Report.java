package io.intramesh.samples.shop.runner;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lays figures out as a table, in plain characters. */
final class Report {
    /** Width of a line of text where nobody knows the terminal's. */
    static final int WIDTH = 100;

    private static final int BAR = 20;
    private static final String INDENT = "    ";

    private Report() {}

    /**
     * Returns the lines of the table.
     *
     * @param width at which texts of any length are broken; the table itself needs about 100 columns
     */
    static List<String> lines(Figures figures, int width) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%02d:%02d   visits: %d served, %d refused, %d failed",
                figures.seconds() / 60,
                figures.seconds() % 60,
                figures.served(),
                figures.refusedTotal(),
                figures.failedTotal()));
        lines.add("");
        lines.add(String.format(
                Locale.ROOT, "%-30s  %-12s  %-34s  %s", "CALLS to", "answered by", "last 10 s", "since the start"));
        for (Figures.Row row : figures.rows()) {
            String destination = row.destination();
            for (Figures.Share share : row.shares()) {
                lines.add(String.format(
                        Locale.ROOT,
                        "%-30s  %-12s  %5d %5s  %-20s  %7d %5s",
                        destination,
                        share.virtualNode(),
                        share.recent(),
                        Percent.of(share.recent(), row.recent()),
                        bar(share.recent(), row.recent()),
                        share.total(),
                        Percent.of(share.total(), row.total())));
                destination = "";
            }
        }
        lines.add("");
        lines.add(String.format(Locale.ROOT, "%-30s  %s", "REFUSED by the mesh", "to"));
        for (Figures.Refused refused : figures.refused()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%-30s  %-12s  %5d %27s  %7d",
                    refused.reason(),
                    refused.caller(),
                    refused.recent(),
                    "",
                    refused.total()));
            lines.addAll(wrap(refused.message(), width));
        }
        if (!figures.failed().isEmpty()) {
            lines.add("");
            lines.add("FAILED");
            for (Figures.Failed failed : figures.failed()) {
                lines.add(String.format(
                        Locale.ROOT, "%-44s  %5d %27s  %7d", failed.what(), failed.recent(), "", failed.total()));
            }
        }
        return lines;
    }

    /** Breaks a text at its spaces, each line set in. */
    private static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder(INDENT);
        for (String word : text.strip().split("\\s+", -1)) {
            if (line.length() > INDENT.length()) {
                if (line.length() + 1 + word.length() > width) {
                    lines.add(line.toString());
                    line.setLength(INDENT.length());
                } else {
                    line.append(' ');
                }
            }
            line.append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    private static String bar(long part, long whole) {
        return whole == 0 ? "" : "#".repeat((int) Math.round(1.0 * BAR * part / whole));
    }
}
