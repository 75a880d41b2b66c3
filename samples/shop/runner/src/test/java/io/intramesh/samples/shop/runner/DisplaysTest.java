package io.intramesh.samples.shop.runner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DisplaysTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, UTF_8);

    @Test
    void theReportShowsSharesAndReasons() {
        assertThat(Report.lines(figures(10, 90, 10), Report.WIDTH))
                .containsExactly(
                        "00:10   visits: 100 served, 7 refused, 0 failed",
                        "",
                        "CALLS to                        answered by   last 10 s                           since the start",
                        "payments.local/beta             payments-v1      90  90 %  ##################         90  90 %",
                        "                                payments-v2      10  10 %  ##                         10  10 %",
                        "",
                        "REFUSED by the mesh             to",
                        "NO_ROUTE                        orders            7                                    7",
                        "    no route matches");
    }

    @Test
    void plainLinesCountFromOneTimeToTheNext() {
        PlainLines lines = new PlainLines(out);

        lines.figures(figures(2, 90, 10));
        lines.figures(figures(3, 95, 15));
        lines.figures(figures(4, 140, 60));

        assertThat(text().lines())
                .containsExactly(
                        "refused orders NO_ROUTE: no route matches",
                        "   2 s  payments.local/beta             payments-v1 90 (90 %)  payments-v2 10 (10 %)",
                        "   2 s  served 100  refused 7  failed 0",
                        "   4 s  payments.local/beta             payments-v1 50 (50 %)  payments-v2 50 (50 %)",
                        "   4 s  served 0  refused 0  failed 0");
    }

    @Test
    void theTableLeavesTheTerminalAsItWas() {
        LiveTable table = new LiveTable(out, "headline", "hint", () -> new Terminal.Size(24, 80));

        table.event("12:00:00.000 you edited payments.yaml");
        table.figures(figures(2, 90, 10));
        table.close();
        table.figures(figures(3, 95, 15));

        assertThat(text())
                .startsWith("\u001b[?1049h")
                .contains("headline", "you edited payments.yaml", "hint")
                .endsWith("\u001b[?1049l")
                .containsOnlyOnce("headline");
    }

    @Test
    void reasonsAreBrokenAtTheWidth() {
        assertThat(Report.lines(figures(10, 90, 10), 13)).endsWith("    no route", "    matches");
    }

    @Test
    void aSmallTerminalShowsTheCallsAndTheNewestEvents() {
        LiveTable table = new LiveTable(out, "headline", "hint", () -> new Terminal.Size(14, 80));

        table.event("first");
        table.event("second");
        table.event("third");
        table.figures(figures(2, 90, 10));

        assertThat(text().lines()).hasSizeLessThanOrEqualTo(14);
        assertThat(text())
                .contains("headline", "payments-v2", "a taller window", "second", "third", "hint")
                .doesNotContain("first", "NO_ROUTE");
    }

    @Test
    void theSizeOfATerminalIsReadFromStty() {
        assertThat(Terminal.Size.parse("50 132")).isEqualTo(new Terminal.Size(50, 132));
        assertThat(Terminal.Size.parse("0 0")).isEqualTo(Terminal.Size.UNKNOWN);
        assertThat(Terminal.Size.parse(null)).isEqualTo(Terminal.Size.UNKNOWN);
    }

    private static Figures figures(long seconds, long first, long second) {
        return new Figures(
                seconds,
                100,
                List.of(new Figures.Row(
                        "payments.local/beta",
                        List.of(
                                new Figures.Share("payments-v1", first, first),
                                new Figures.Share("payments-v2", second, second)))),
                List.of(new Figures.Refused("orders", "NO_ROUTE", "no route matches", 7, 7)),
                List.of());
    }

    private String text() {
        return bytes.toString(UTF_8);
    }
}
