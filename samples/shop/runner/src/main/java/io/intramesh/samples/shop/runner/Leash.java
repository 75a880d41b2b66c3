package io.intramesh.samples.shop.runner;

import java.io.IOException;

/**
 * Ends a service when the runner ends, however that happens: an agent in the service's process that reads standard input.
 * The other end of that pipe is the runner; the operating system closes it even if the runner is killed.
 */
final class Leash {
    /** A service that does not stop by itself in this time is stopped the hard way. */
    private static final long LIMIT_MILLIS = 10_000;

    private Leash() {}

    /** Called by the JVM before the service's own main method. */
    public static void premain(String arguments) {
        Thread leash = new Thread(Leash::hold, "leash");
        leash.setDaemon(true);
        leash.start();
    }

    private static void hold() {
        try {
            while (System.in.read() >= 0) {
                // The runner never writes; whatever comes is no reason to stop.
            }
        } catch (IOException e) {
            // As good as the end of the stream.
        }
        Thread last = new Thread(
                () -> {
                    try {
                        Thread.sleep(LIMIT_MILLIS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    Runtime.getRuntime().halt(1);
                },
                "leash-limit");
        last.setDaemon(true);
        last.start();
        System.exit(0);
    }
}
