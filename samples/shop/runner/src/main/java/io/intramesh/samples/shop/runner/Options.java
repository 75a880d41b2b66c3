package io.intramesh.samples.shop.runner;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/**
 * What the command line asks for.
 *
 * @param home the shop's folder, with the services below it
 * @param mesh folder of mesh resources
 * @param logs folder for the services' output
 * @param certificates folder for keys and certificates, which each run makes anew
 * @param seconds of traffic before the shop closes by itself; 0 means until Ctrl-C
 * @param visitsPerSecond of customers
 * @param ownPorts whether the services take their own ports where these are free
 * @param rollingRestart whether to restart every service that others call, one after the other, and then to close
 */
record Options(
        Path home,
        Path mesh,
        Path logs,
        Path certificates,
        int seconds,
        int visitsPerSecond,
        Display display,
        boolean ownPorts,
        boolean rollingRestart) {
    static final String USAGE = """
            usage: shop [options]

              --seconds N      close by itself after N seconds of traffic; default 0, until Ctrl-C
              --rate N         customers a second, 1 to 1000; default 30
              --display KIND   table (repainted), lines (plain), or auto: table on a terminal; default auto
              --mesh FOLDER    mesh resources to run from; default samples/shop/mesh
              --logs FOLDER    where the services' output goes; default samples/shop/target/logs
              --certificates FOLDER  where keys and certificates go; default samples/shop/target/certificates
              --ports WHICH    own: each service's own where it is free, else another; any: leave those alone, for
                               a machine where several shops start at once; default own
              --rolling-restart  run two instances of each service that others call, restart them all, one after the
                               other, while customers come, and close; the exit status is 0 if no visit failed
              --help           show this
            """;

    /** How the shop shows what happens. */
    enum Display {
        AUTO,
        TABLE,
        LINES
    }

    /**
     * Parses the arguments.
     *
     * @throws IllegalArgumentException when one is unknown or out of range
     */
    static Options parse(Path home, List<String> arguments) {
        Options options = new Options(
                home,
                home.resolve("mesh"),
                home.resolve("target/logs"),
                home.resolve("target/certificates"),
                0,
                30,
                Display.AUTO,
                true,
                false);
        for (Iterator<String> rest = arguments.iterator(); rest.hasNext(); ) {
            options = options.with(rest.next(), rest);
        }
        return options;
    }

    private Options with(String name, Iterator<String> rest) {
        if (name.equals("--rolling-restart")) {
            return new Options(home, mesh, logs, certificates, seconds, visitsPerSecond, display, ownPorts, true);
        }
        if (!List.of("--seconds", "--rate", "--display", "--mesh", "--logs", "--certificates", "--ports")
                .contains(name)) {
            throw new IllegalArgumentException("unknown option: " + name);
        }
        if (!rest.hasNext()) {
            throw new IllegalArgumentException(name + ": value missing");
        }
        String value = rest.next();
        return switch (name) {
            case "--seconds" ->
                new Options(
                        home,
                        mesh,
                        logs,
                        certificates,
                        number(name, value, 0, 86_400),
                        visitsPerSecond,
                        display,
                        ownPorts,
                        rollingRestart);
            case "--rate" ->
                new Options(
                        home,
                        mesh,
                        logs,
                        certificates,
                        seconds,
                        number(name, value, 1, 1000),
                        display,
                        ownPorts,
                        rollingRestart);
            case "--display" ->
                new Options(
                        home,
                        mesh,
                        logs,
                        certificates,
                        seconds,
                        visitsPerSecond,
                        display(value),
                        ownPorts,
                        rollingRestart);
            case "--mesh" ->
                new Options(
                        home,
                        Path.of(value),
                        logs,
                        certificates,
                        seconds,
                        visitsPerSecond,
                        display,
                        ownPorts,
                        rollingRestart);
            case "--logs" ->
                new Options(
                        home,
                        mesh,
                        Path.of(value),
                        certificates,
                        seconds,
                        visitsPerSecond,
                        display,
                        ownPorts,
                        rollingRestart);
            case "--certificates" ->
                new Options(
                        home, mesh, logs, Path.of(value), seconds, visitsPerSecond, display, ownPorts, rollingRestart);
            default ->
                new Options(
                        home,
                        mesh,
                        logs,
                        certificates,
                        seconds,
                        visitsPerSecond,
                        display,
                        ownPorts(value),
                        rollingRestart);
        };
    }

    private static boolean ownPorts(String value) {
        return switch (value) {
            case "own" -> true;
            case "any" -> false;
            default -> throw new IllegalArgumentException("--ports: " + value + " (expected: own or any)");
        };
    }

    private static Display display(String value) {
        return switch (value) {
            case "auto" -> Display.AUTO;
            case "table" -> Display.TABLE;
            case "lines" -> Display.LINES;
            default -> throw new IllegalArgumentException("--display: " + value + " (expected: table, lines or auto)");
        };
    }

    private static int number(String name, String value, int least, int most) {
        String expected = name + ": " + value + " (expected: " + least + " to " + most + ")";
        try {
            int number = Integer.parseInt(value);
            if (number < least || number > most) {
                throw new IllegalArgumentException(expected);
            }
            return number;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(expected, e);
        }
    }
}
