package io.intramesh.benchmarks.incident;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One instance of the callee, which can be told to misbehave, killed, and started again on its port. */
final class InstanceProcess implements AutoCloseable {
    private final Path work;
    private final Class<?> program;
    private final List<String> arguments;
    private Process process;
    private BufferedReader out;
    private final int port;

    private InstanceProcess(Path work, Class<?> program, List<String> arguments) throws IOException {
        this.work = work;
        this.program = program;
        this.arguments = arguments;
        this.process = launch(0, List.of());
        this.out = reader(process);
        this.port = Integer.parseInt(readLine().substring("port ".length()));
    }

    static InstanceProcess start(Path work) throws IOException {
        return start(work, Instance.class);
    }

    /** Starts a program that takes a port, a folder and the arguments, and prints {@code port N} when it listens. */
    static InstanceProcess start(Path work, Class<?> program, String... arguments) throws IOException {
        Files.createDirectories(work);
        return new InstanceProcess(work, program, List.of(arguments));
    }

    int port() {
        return port;
    }

    /** Sets how it answers from now on. */
    void become(String mode) throws IOException {
        String unused = ask(mode);
    }

    /** Sends it a line and returns the one that it answers. */
    String ask(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        return readLine();
    }

    /** Ends it as a crash would: the kernel resets its connections. */
    void kill() {
        process.destroyForcibly();
    }

    /**
     * Starts it again, behind everything else on this machine: elsewhere an instance has processors of its own to start on, and what is
     * measured is what its callers make of it.
     */
    void restart() throws IOException {
        process = launch(port, List.of("nice", "-n", "19"));
        out = reader(process);
        readLine();
    }

    @Override
    public void close() {
        kill();
    }

    private String readLine() throws IOException {
        String line = out.readLine();
        if (line == null) {
            throw new IOException("an instance ended");
        }
        return line;
    }

    private Process launch(int ownPort, List<String> by) throws IOException {
        List<String> command = new ArrayList<>(by);
        command.addAll(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                // One that starts again in the middle should not take the callers' processors for long.
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName(),
                Integer.toString(ownPort),
                work.toString()));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static BufferedReader reader(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }
}
