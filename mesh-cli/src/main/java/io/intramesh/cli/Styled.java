package io.intramesh.cli;

import picocli.CommandLine.Help.Ansi;

/** Text with a colour, on terminals that show one. Unlike picocli's markup it leaves the text alone, whatever stands in it. */
final class Styled {
    private Styled() {}

    static String text(Ansi ansi, String style, String text) {
        // Ended by a reset: the code that should end bold alone starts a double underline on many terminals.
        return ansi.enabled() ? Ansi.Style.on(Ansi.Style.parse(style)) + text + Ansi.Style.reset.on() : text;
    }
}
