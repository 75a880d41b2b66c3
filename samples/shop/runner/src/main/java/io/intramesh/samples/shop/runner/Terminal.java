package io.intramesh.samples.shop.runner;

import java.io.BufferedReader;
import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Tells whether a person looks on, and how much fits on the screen. */
final class Terminal {
    private Terminal() {}

    @SuppressWarnings("SystemConsoleNull") // null is only half of the answer here
    static boolean isInteractive() {
        Console console = System.console();
        if (console == null || "dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        // Since JDK 22 there is always a console; there it tells by itself whether it is a terminal.
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    /** Returns the size of the terminal; where none can be found out, that of the oldest ones. */
    static Size size() {
        try {
            // Java does not know it. stty does, and tells it of its standard input.
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (BufferedReader answer = stty.inputReader(StandardCharsets.US_ASCII)) {
                return Size.parse(answer.readLine());
            }
        } catch (IOException e) {
            return Size.UNKNOWN;
        }
    }

    /** Rows and columns of a terminal. */
    record Size(int rows, int columns) {
        static final Size UNKNOWN = new Size(24, 80);

        private static final Pattern ANSWER = Pattern.compile("([1-9][0-9]{0,3}) ([1-9][0-9]{0,3})");

        /** Parses {@code 24 80}. */
        static Size parse(@Nullable String text) {
            Matcher matcher = ANSWER.matcher(text == null ? "" : text);
            return matcher.matches()
                    ? new Size(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)))
                    : UNKNOWN;
        }
    }
}
