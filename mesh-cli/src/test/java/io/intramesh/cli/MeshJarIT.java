package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs the packaged program as people do: in a process of its own. */
@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class MeshJarIT {
    private static final Path JAR = Path.of("target", "mesh.jar");

    @TempDir
    private Path folder;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void endProcesses() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void theJarRunsByItselfAndKnowsItsVersion() throws Exception {
        Process mesh = start("--version");

        assertThat(text(mesh.getInputStream())).startsWith("mesh ").doesNotContain("not packaged");
        assertThat(text(mesh.getErrorStream())).isEmpty();
        assertThat(mesh.waitFor()).isZero();
    }

    @Test
    void outputIsUtf8WhateverTheLocale() throws Exception {
        Files.writeString(folder.resolve("größe.yaml"), "apiVersion: intramesh.io/v1\nkind: Mäsh\n");

        Process mesh = start("validate", "--json", folder.toString());

        assertThat(text(mesh.getInputStream())).contains("Mäsh").doesNotContain("\u001B");
        assertThat(text(mesh.getErrorStream())).isEmpty();
        assertThat(mesh.waitFor()).isEqualTo(1);
    }

    @Test
    void whoAsksThroughAPipeGetsEachAnswerAtOnce() throws Exception {
        Process mesh = start("explain", "--registry", Shop.in(folder), "--requests", "-");
        Writer questions = new OutputStreamWriter(mesh.getOutputStream(), StandardCharsets.UTF_8);
        BufferedReader answers = mesh.inputReader(StandardCharsets.UTF_8);

        for (int i = 0; i < 3; i++) {
            questions.write("{\"host\":\"payments.local\",\"path\":\"/beta/" + i + "\"}\n");
            questions.flush();

            assertThat(answers.readLine()).contains("\"route\":\"beta\"", "\"forwardedPath\":\"/beta/" + i + "\"");
        }
        questions.close();
        assertThat(answers.readLine()).isNull();
        assertThat(text(mesh.getErrorStream())).isEmpty();
        assertThat(mesh.waitFor()).isZero();
    }

    @Test
    void whatOneRunConvertsTheNextOnesConvertBack() throws Exception {
        Path source = Files.createDirectory(folder.resolve("source"));
        String first = text(
                start("convert", "--to", "native", "-o", "-", Shop.in(source)).getInputStream());
        Path kubernetes = folder.resolve("kubernetes");
        Path json = folder.resolve("json");

        Process there = start("convert", "--to", "kubernetes", "-o", kubernetes.toString(), source.toString());
        assertThat(text(there.getErrorStream())).isEmpty();
        assertThat(there.waitFor()).isZero();
        Process on = start("convert", "--to", "json", "-o", json.toString(), kubernetes.toString());
        assertThat(text(on.getErrorStream())).isEmpty();
        assertThat(on.waitFor()).isZero();
        String last = text(
                start("convert", "--to", "native", "-o", "-", json.toString()).getInputStream());

        assertThat(first).contains("kind: GatewayRoute");
        assertThat(documents(last)).isEqualTo(documents(first));
    }

    private static List<String> documents(String text) {
        return Stream.of(text.split("(?m)^---$", -1))
                .map(document -> document.replaceAll("(?m)^#.*\\R", "").strip())
                .sorted()
                .toList();
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", JAR.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        // The JDK writes a line about these to standard error.
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS"));
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    private static String text(InputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
}
