package io.intramesh.samples.shop.runner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Notices which files of the mesh folder somebody edits, to show it beside what the services make of it. */
final class FolderChanges {
    private final Path folder;
    private Map<Path, Instant> known;

    FolderChanges(Path folder) throws IOException {
        this.folder = folder;
        this.known = look();
    }

    /** Returns a line for each file that was written, added or removed since the last look. */
    List<String> lines() {
        Map<Path, Instant> now;
        try {
            now = look();
        } catch (IOException e) {
            // An editor swaps files under us; the next look sees the result.
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        TreeSet<Path> names = new TreeSet<>(known.keySet());
        names.addAll(now.keySet());
        for (Path name : names) {
            Instant written = now.get(name);
            if (written == null) {
                lines.add(Events.time(Instant.now()) + " you removed " + name);
            } else if (!written.equals(known.get(name))) {
                lines.add(Events.time(written) + " you " + (known.containsKey(name) ? "edited " : "added ") + name);
            }
        }
        known = now;
        return lines;
    }

    private Map<Path, Instant> look() throws IOException {
        Map<Path, Instant> found = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(FolderChanges::isDocument).toList()) {
                found.put(file.getFileName(), Files.getLastModifiedTime(file).toInstant());
            }
        }
        return found;
    }

    private static boolean isDocument(Path file) {
        String name = file.getFileName().toString();
        return (name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json")) && !name.startsWith(".");
    }
}
