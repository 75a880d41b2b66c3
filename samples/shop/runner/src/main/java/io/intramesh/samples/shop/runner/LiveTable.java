package io.intramesh.samples.shop.runner;

import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Repaints one screen of a terminal, and leaves what was on it before as it was. */
final class LiveTable implements Display {
    // ECMA-48, and the private modes of xterm that every terminal has taken over.
    private static final String OPEN = "\u001b[?1049h\u001b[?25l\u001b[?7l";
    private static final String CLOSE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final String CLEAR_LINE_END = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";

    private static final int MAX_EVENTS = 10;
    private static final int MIN_EVENTS = 2;

    /** Asking for the terminal's size starts a process: not each time. */
    private static final int PAINTS_PER_SIZE = 8;

    private final PrintStream out;
    private final String headline;
    private final String hint;
    private final Supplier<Terminal.Size> size;

    // All guarded by this.
    private final ArrayDeque<String> events = new ArrayDeque<>();
    private Terminal.Size space = Terminal.Size.UNKNOWN;
    private long painted;
    private boolean isOpen;
    private boolean isClosed;

    LiveTable(PrintStream out, String headline, String hint, Supplier<Terminal.Size> size) {
        this.out = out;
        this.headline = headline;
        this.hint = hint;
        this.size = size;
    }

    @Override
    public synchronized void event(String text) {
        events.addLast(text);
        if (events.size() > MAX_EVENTS) {
            events.removeFirst();
        }
    }

    @Override
    public synchronized void figures(Figures figures) {
        if (isClosed) {
            return;
        }
        StringBuilder screen = new StringBuilder();
        if (!isOpen) {
            isOpen = true;
            screen.append(OPEN);
        }
        screen.append(HOME);
        lines(figures)
                .forEach(text -> screen.append(text).append(CLEAR_LINE_END).append('\n'));
        screen.append(CLEAR_BELOW);
        out.print(screen);
        out.flush();
    }

    /** Composes a screen. Where it is small, reasons are cut at its edge, and fewer events are shown. */
    private List<String> lines(Figures figures) {
        if (painted++ % PAINTS_PER_SIZE == 0) {
            space = size.get();
        }
        // Headline, titles, hint and blank lines, and the line that the cursor stands in.
        int around = 6;
        int most = Math.max(2, space.rows() - around - MIN_EVENTS);
        // Not to the last column: clearing the rest of such a line would take its last character.
        List<String> table = Report.lines(figures, space.columns() - 1);
        if (table.size() > most) {
            table = Report.lines(figures, Integer.MAX_VALUE);
        }
        if (table.size() > most) {
            table = new ArrayList<>(table.subList(0, most - 1));
            table.add("... a taller window shows more");
        }
        List<String> lines = new ArrayList<>();
        lines.add(headline);
        lines.addAll(table);
        lines.add("");
        lines.add("EVENTS");
        List<String> told = events.stream().flatMap(String::lines).toList();
        int shown = Math.max(MIN_EVENTS, space.rows() - table.size() - around);
        lines.addAll(told.subList(Math.max(0, told.size() - shown), told.size()));
        lines.add("");
        lines.add(hint);
        return lines;
    }

    @Override
    public synchronized void close() {
        if (isOpen && !isClosed) {
            out.print(CLOSE);
            out.flush();
        }
        isClosed = true;
    }
}
