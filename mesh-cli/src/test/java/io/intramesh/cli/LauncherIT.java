package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code ./mesh}: whatever becomes of its archive of classes, the command does what it should and says nothing else. */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LauncherIT {
    private static final Path LAUNCHER = Path.of("..", "mesh");
    private static final Path JAVAS = Path.of("/usr/lib/jvm");

    @TempDir
    private Path folder;

    private Path cache;
    private final List<Process> processes = new ArrayList<>();

    @BeforeEach
    void nameTheCache() {
        assumeTrue(Files.isExecutable(LAUNCHER) && Files.isExecutable(Path.of("/bin/sh")), "no POSIX shell here");
        cache = folder.resolve("cache");
    }

    @AfterEach
    void endProcesses() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void firstRunsBesideEachOtherMakeOneArchiveThatLaterRunsUse() throws Exception {
        List<Process> together = List.of(start(), start(), start(), start());
        for (Process each : together) {
            assertRan(each);
        }

        runUntilArchivesAre(1);

        Path archive = archives().get(0);
        assertThat(Files.size(archive)).isGreaterThan(1 << 20);
        assertRan(start());
        assertThat(archives()).containsExactly(archive);
    }

    @Test
    void anArchiveThatIsDamagedCostsNothingButTime() throws Exception {
        runUntilArchivesAre(1);
        Path archive = archives().get(0);
        byte[] whole = Files.readAllBytes(archive);

        for (byte[] damaged : List.of(new byte[0], "no archive".getBytes(StandardCharsets.UTF_8), half(whole))) {
            Files.delete(archive);
            Files.write(archive, damaged);

            assertRan(start());
        }
    }

    private static byte[] half(byte[] whole) {
        byte[] half = new byte[whole.length / 2];
        System.arraycopy(whole, 0, half, 0, half.length);
        return half;
    }

    @Test
    void anotherJavaHasAnArchiveOfItsOwn() throws Exception {
        Path other = otherJava();
        assumeTrue(other != null, "no second JDK in " + JAVAS);
        runUntilArchivesAre(1);

        do {
            assertRan(start(environment -> environment.put("JAVA_HOME", String.valueOf(other))));
        } while (archives().size() < 2 || isBeingMade());

        assertRan(start());
        assertThat(archives()).hasSize(2);
    }

    /** Returns the home of a JDK that these tests do not run on, or null where there is none. */
    private static @Nullable Path otherJava() throws IOException {
        Path own = Path.of(System.getProperty("java.home")).toRealPath();
        if (!Files.isDirectory(JAVAS)) {
            return null;
        }
        try (Stream<Path> homes = Files.list(JAVAS)) {
            return homes.filter(home -> Files.isExecutable(home.resolve("bin/java")) && !isSame(home, own))
                    .sorted()
                    .findFirst()
                    .orElse(null);
        }
    }

    private static boolean isSame(Path home, Path own) {
        try {
            return home.toRealPath().equals(own);
        } catch (IOException e) {
            return true; // A link that leads nowhere is no other JDK.
        }
    }

    @Test
    void aCacheThatCannotBeWrittenIsDoneWithout() throws Exception {
        Files.writeString(cache, "a file where the folder should be");
        assertRan(start());
    }

    @Test
    void aFolderWithoutTheRightToWriteIsDoneWithout() throws Exception {
        Path readOnly = Files.createDirectory(folder.resolve("read-only"));
        assumeTrue(readOnly.toFile().setWritable(false) && !Files.isWritable(readOnly), "root may write everywhere");
        cache = readOnly;
        assertRan(start());

        assertThat(readOnly.toFile().setWritable(true)).isTrue();
    }

    @Test
    void withoutHomeAndWithoutCacheItRunsAllTheSame() throws Exception {
        assertRan(
                start(environment -> environment.keySet().removeAll(List.of("MESH_CACHE", "HOME", "XDG_CACHE_HOME"))));
        assertRan(start(environment -> environment.put("MESH_CACHE", "off")));
        assertThat(cache).doesNotExist();
    }

    /** Each run sees what is there by then; one of them is the first to find the archive whole. */
    private void runUntilArchivesAre(int count) throws Exception {
        do {
            assertRan(start());
        } while (archives().size() < count || isBeingMade());
    }

    private boolean isBeingMade() throws IOException {
        return files().stream().anyMatch(file -> !file.toString().endsWith(".jsa"));
    }

    private List<Path> archives() throws IOException {
        return files().stream().filter(file -> file.toString().endsWith(".jsa")).toList();
    }

    private List<Path> files() throws IOException {
        if (!Files.isDirectory(cache)) {
            return List.of();
        }
        try (Stream<Path> inside = Files.list(cache)) {
            return inside.sorted().toList();
        }
    }

    private static void assertRan(Process mesh) throws Exception {
        String out = new String(mesh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(mesh.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(out).matches("mesh \\S+\nJava .*\n");
        assertThat(err).isEmpty();
        assertThat(mesh.waitFor()).isZero();
    }

    private Process start() throws IOException {
        return start(environment -> {});
    }

    /**
     * @param change of the environment
     */
    private Process start(Consumer<Map<String, String>> change) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(LAUNCHER.toString(), "--version");
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("MESH_CACHE", cache.toString());
        change.accept(builder.environment());
        Process process = builder.start();
        processes.add(process);
        return process;
    }
}
