package io.intramesh.benchmarks.incident;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** One instance of the callee, which can be told to misbehave, killed, and started again on its port. */
final class InstanceProcess implements AutoCloseable {
    private final Path work;
    private Process process;
    private BufferedReader out;
    private final int port;

    private InstanceProcess(Path work, Process process) throws IOException {
        this.work = work;
        this.process = process;
        this.out = reader(process);
        this.port = Integer.parseInt(readLine().substring("port ".length()));
    }

    static InstanceProcess start(Path work) throws IOException {
        Files.createDirectories(work);
        return new InstanceProcess(work, launch(0, work));
    }

    int port() {
        return port;
    }

    /** Sets how it answers from now on. */
    void become(String mode) throws IOException {
        process.getOutputStream().write((mode + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        readLine();
    }

    /** Ends it as a crash would: the kernel resets its connections. */
    void kill() {
        process.destroyForcibly();
    }

    void restart() throws IOException {
        process = launch(port, work);
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

    private static Process launch(int port, Path work) throws IOException {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        // One that starts again in the middle should not take the callers' processors for long.
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Instance.class.getName(),
                        Integer.toString(port),
                        work.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static BufferedReader reader(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }
}
