package io.intramesh.samples.shop.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The {@code mesh} command, as people run it: {@code java -jar mesh.jar …}. */
final class MeshTool {
    // Short runs: the quick compiler only.
    private static final List<String> JVM_OPTIONS =
            List.of("-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8");

    private final Path jar;
    private final Path agent;

    /**
     * Names the program.
     *
     * @param home the shop's folder
     * @param agent jar that holds {@link Leash}
     */
    MeshTool(Path home, Path agent) {
        this.jar = home.resolve("../../mesh-cli/target/mesh.jar").normalize();
        this.agent = agent;
    }

    /**
     * Runs a command to its end and returns what it printed, errors too.
     *
     * @throws IOException where it could not do what it was asked
     */
    List<String> run(List<String> words) throws IOException, InterruptedException {
        Process process = builder(words, false).start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), UTF_8)
                .lines()
                .toList();
        int code = process.waitFor();
        // 1: done, although something in the resources was refused; the services say so themselves.
        if (code > 1) {
            throw new IOException("mesh " + String.join(" ", words) + " ended with code " + code + ":\n  "
                    + String.join("\n  ", lines));
        }
        return lines;
    }

    /**
     * Starts a command that goes on until its leash is let go: its standard input closed, by us or by our end.
     *
     * @param log receives what it prints
     */
    Process startOnLeash(List<String> words, Path log) throws IOException {
        return builder(words, true).redirectOutput(log.toFile()).start();
    }

    private ProcessBuilder builder(List<String> words, boolean isOnLeash) throws IOException {
        if (!Files.isRegularFile(jar)) {
            throw new IOException(
                    jar + " is missing; build first: mvn -DskipTests -pl samples/shop/runner -am package");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM_OPTIONS);
        if (isOnLeash) {
            command.add("-javaagent:" + agent);
        }
        command.add("-jar");
        command.add(jar.toString());
        command.addAll(words);
        return new ProcessBuilder(command).redirectErrorStream(true);
    }
}
