package io.intramesh.samples.shop.runner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** A service that runs: its process, its log, and the leash that ends it with this process. */
final class ServiceProcess {
    private static final int TAIL = 15;

    // Small machines run six of these: little heap, and the quick compiler only, which halves the time to start.
    private static final List<String> JVM_OPTIONS =
            List.of("-Xms32m", "-Xmx160m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8");

    private final Service service;
    private final int port;
    private final Process process;
    private final Path log;
    private final Thread reader;

    private volatile boolean isEndExpected;

    /** The last lines of output. Guarded by itself. */
    private final ArrayDeque<String> tail = new ArrayDeque<>();

    private ServiceProcess(Service service, int port, Process process, Path log, BiConsumer<Service, String> lines) {
        this.service = service;
        this.port = port;
        this.process = process;
        this.log = log;
        this.reader = new Thread(() -> read(lines), "log-" + service.name());
    }

    /**
     * Starts a service.
     *
     * @param agent jar that holds {@link Leash}
     * @param isRestart whether its log goes on with that of the one before
     * @param lines receives each line that the service prints, on a thread of its own
     */
    static ServiceProcess start(
            Service service,
            int port,
            Options options,
            Path agent,
            boolean isRestart,
            BiConsumer<Service, String> lines)
            throws IOException {
        Path jar = options.home().resolve(service.jar());
        if (!Files.isRegularFile(jar)) {
            throw new IOException(
                    jar + " is missing; build first: mvn -DskipTests -pl samples/shop/runner -am package");
        }
        Files.createDirectories(options.logs());
        Path log = options.logs().resolve(service.name() + ".log");
        if (!isRestart) {
            Files.deleteIfExists(log);
        }

        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM_OPTIONS);
        command.add("-javaagent:" + agent);
        command.add("-jar");
        command.add(jar.toString());
        command.addAll(service.arguments());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("SERVER_PORT", Integer.toString(port));
        // Nobody has to be told that the shop closes.
        builder.environment().put("INTRAMESH_SHUTDOWN_GRACE", "500ms");
        builder.environment()
                .put("INTRAMESH_REGISTRY", options.mesh().toAbsolutePath().toString());
        // The resources name the files below it.
        builder.environment()
                .put(
                        "SHOP_CERTIFICATES",
                        options.certificates().toAbsolutePath().toString());

        ServiceProcess started = new ServiceProcess(service, port, builder.start(), log, lines);
        started.reader.setDaemon(true);
        started.reader.start();
        return started;
    }

    Service service() {
        return service;
    }

    int port() {
        return port;
    }

    Path log() {
        return log;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Returns how it ended; for a service that has. */
    String end() {
        return service.name() + " ended with code " + process.exitValue() + "; its log: " + log;
    }

    /** Returns what it printed last. */
    List<String> lastLines() {
        try {
            reader.join(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (tail) {
            return List.copyOf(tail);
        }
    }

    /** Asks the service to stop as a scheduler does, by SIGTERM, and expects its end. */
    void terminate() {
        isEndExpected = true;
        // Process.destroy would close the pipe of its output too, and with it the end of its log.
        process.toHandle().destroy();
    }

    /** Tells whether it ended without having been asked to. */
    boolean isLost() {
        return !isEndExpected && !process.isAlive();
    }

    /** Asks the service to stop: lets go of the leash. */
    void release() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            process.destroy();
        }
    }

    /** Waits for the end, and brings it about where it does not come in time. Returns whether it came by itself. */
    boolean awaitEnd(Duration limit) throws InterruptedException {
        if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            return true;
        }
        process.destroyForcibly().waitFor();
        return false;
    }

    private void read(BiConsumer<Service, String> lines) {
        try (BufferedReader output = process.inputReader(UTF_8);
                PrintWriter file = new PrintWriter(Files.newBufferedWriter(log, UTF_8, CREATE, APPEND), true)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                file.println(line);
                synchronized (tail) {
                    tail.addLast(line);
                    if (tail.size() > TAIL) {
                        tail.removeFirst();
                    }
                }
                lines.accept(service, line);
            }
        } catch (IOException e) {
            // The pipe breaks when the process is killed; otherwise the log cannot be written, which its reader must
            // know.
            if (process.isAlive()) {
                throw new UncheckedIOException(log + ": cannot be written", e);
            }
        }
    }
}
