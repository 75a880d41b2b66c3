package io.intramesh.cli;

import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;

/** What a command left behind. Runs in this process, without a terminal. */
record Run(int exitCode, String out, String err) {

    static Run mesh(String... arguments) {
        return meshReading("", arguments);
    }

    static Run meshReading(String in, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine mesh = MeshCommand.commandLine(
                new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
                new PrintWriter(out),
                new PrintWriter(err),
                arguments);
        // Whoever runs the tests may sit at a terminal.
        mesh.setColorScheme(Help.defaultColorScheme(Ansi.OFF));
        int exitCode = mesh.execute(arguments);
        return new Run(exitCode, out.toString(), err.toString());
    }

    List<String> lines() {
        return out.lines().toList();
    }
}
