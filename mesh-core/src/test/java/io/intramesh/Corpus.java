package io.intramesh;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Configurations that others wrote for App Mesh. They are not ours to ship: they lie beside the repository, if at all. */
public final class Corpus {
    private Corpus() {}

    /** Returns its folder; the test that asks is skipped where there is none. */
    public static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("mesh-bom"))) {
            folder = folder.getParent();
        }
        Path corpus = folder == null
                ? Path.of("corpus")
                : folder.resolveSibling("shared").resolve("corpus");
        assumeTrue(Files.isDirectory(corpus), () -> "no corpus at " + corpus + ": not tested here");
        return corpus;
    }

    /** Returns what to call a file of it: its path from the root. */
    public static String name(Path file) {
        return root().relativize(file).toString();
    }

    /** Returns the YAML and JSON files in a folder of it, however deep, by name. */
    public static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> inside = Files.walk(folder)) {
            return inside.filter(Files::isRegularFile)
                    .filter(file -> file.toString().matches(".*\\.(ya?ml|json)"))
                    .sorted()
                    .toList();
        }
    }
}
