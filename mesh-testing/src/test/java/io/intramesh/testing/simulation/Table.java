package io.intramesh.testing.simulation;

import java.time.Duration;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;

/** A table of the report: a line for each client or setting. */
@NullMarked
final class Table {
    private static final double NANOS_PER_MILLI = 1e6;

    private final StringBuilder text = new StringBuilder();

    /**
     * @param first what a line stands for
     */
    Table(String first) {
        text.append("| ")
                .append(first)
                .append(" | answered | during | p50 | p99 | attempts | peak | load | well after |\n")
                .append("| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: |\n");
    }

    /** Adds a line. */
    Table line(String name, Incident incident, Figures figures) {
        Figures.Span trouble = figures.trouble();
        boolean isTroubled = incident.relief().compareTo(incident.length()) < 0;
        text.append("| ")
                .append(name)
                .append(" | ")
                .append(percent(figures.whole()))
                .append(" | ")
                .append(percent(trouble))
                .append(" | ")
                .append(millis(trouble.p50Nanos()))
                .append(" | ")
                .append(millis(trouble.p99Nanos()))
                .append(" | ")
                .append(fixed(trouble.attemptsPerCall(), 2))
                .append(" | ")
                .append(fixed(figures.peakAttemptsPerCall(), 2))
                .append(" | ")
                .append(loads(trouble))
                .append(" | ")
                .append(isTroubled ? wellAfter(incident, figures) : "–")
                .append(" |\n");
        return this;
    }

    /** Returns the share of calls that succeeded; 100 only where all did. */
    static String percent(Figures.Span span) {
        long hundredths = span.calls() == 0 ? 10_000 : span.succeeded() * 10_000 / span.calls();
        return hundredths / 100 + "." + (hundredths % 100 < 10 ? "0" : "") + hundredths % 100 + " %";
    }

    /** Returns a number with so many digits after the point, whatever the JDK's formatter would make of it. */
    static String fixed(double value, int digits) {
        long scale = 1;
        for (int i = 0; i < digits; i++) {
            scale *= 10;
        }
        long scaled = Math.round(value * scale);
        if (digits == 0) {
            return Long.toString(scaled);
        }
        String fraction = Long.toString(scaled % scale);
        return scaled / scale + "." + "0".repeat(digits - fraction.length()) + fraction;
    }

    static String millis(long nanos) {
        return fixed(nanos / NANOS_PER_MILLI, nanos < Duration.ofMillis(100).toNanos() ? 1 : 0);
    }

    private static String loads(Figures.Span span) {
        return span.loads().stream()
                        .map(load ->
                                span.attempts() == 0 ? "0" : Long.toString(Math.round(100.0 * load / span.attempts())))
                        .collect(Collectors.joining(" "))
                + " (" + fixed(span.maxOverMean(), 2) + ")";
    }

    private static String wellAfter(Incident incident, Figures figures) {
        long left = incident.length().minus(incident.relief()).toSeconds();
        return figures.secondsToRecover() >= left ? "not in " + left + " s" : figures.secondsToRecover() + " s";
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
