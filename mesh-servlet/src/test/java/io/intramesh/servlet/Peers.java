package io.intramesh.servlet;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs that we did not write, as the machine has them. */
final class Peers implements AutoCloseable {
    private static final int LIMIT_SECONDS = 20;

    private final Path folder;
    private final List<Process> running = new ArrayList<>();

    /**
     * @param folder for what they print
     */
    Peers(Path folder) {
        this.folder = folder;
    }

    /** Ends the test, with the reason for its reader, where the machine lacks the program. */
    static void require(String program) {
        boolean isThere = Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
        // Where root alone runs servers, they are not on everybody's path.
        assumeTrue(
                isThere || Files.isExecutable(Path.of("/usr/sbin", program)),
                program
                        + " is not on this machine; install it by its distribution's package of that name to run this test");
    }

    /** Runs a program to its end and returns what it printed, its exit status in the last line. */
    String run(String input, String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "out", ".txt");
        Process process = start(output, command);
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException ended) {
            // It did not wait for its input; what it printed says why.
        }
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            return Files.readString(output) + "\nstill running";
        }
        return Files.readString(output, StandardCharsets.ISO_8859_1) + "\nexit " + process.exitValue();
    }

    /** Starts a server and waits until it listens. */
    void serve(int port, String... command) throws IOException {
        Path output = Files.createTempFile(folder, "server", ".txt");
        Process process = start(output, command);
        await(String.join(" ", command)).atMost(LIMIT_SECONDS, TimeUnit.SECONDS).until(() -> {
            if (!process.isAlive()) {
                throw new IOException(Files.readString(output));
            }
            try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return probe.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        });
    }

    /** Returns a port that was free a moment ago. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Process start(Path output, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().merge("PATH", "/usr/sbin", (path, more) -> path + File.pathSeparator + more);
        Process process = builder.start();
        running.add(process);
        return process;
    }

    @Override
    public void close() {
        for (Process process : running) {
            process.destroyForcibly().onExit().join();
        }
    }
}
