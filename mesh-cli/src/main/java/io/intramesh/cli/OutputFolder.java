package io.intramesh.cli;

import io.intramesh.document.RawDocument;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a folder of files. Everything is written beside its place first, under a hidden name that no mesh reads, and then
 * moved: a new folder as a whole, an old one's files one by one. What fails before that leaves nothing behind.
 */
final class OutputFolder {
    private final Path folder;

    OutputFolder(Path folder) {
        this.folder = folder;
    }

    /** Refuses to write where the resources are read from: the folder would then hold each of them twice. */
    void refuseIfInOrAround(Path source) throws BadInputException {
        Path from = real(source);
        Path to = real(folder);
        boolean isFile = Files.isRegularFile(from);
        if (to.startsWith(from) || (!isFile && from.startsWith(to)) || to.equals(from.getParent())) {
            throw new BadInputException(folder + ": lies in " + source
                    + " or around it, so that one of the two would be read with the other; name a folder apart");
        }
    }

    /** Returns the place without links, also where its end does not exist yet. */
    private static Path real(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        for (Path at = absolute; at != null; at = at.getParent()) {
            try {
                return at.toRealPath().resolve(at.relativize(absolute)).normalize();
            } catch (IOException failure) {
                // Not there, or not for us: then what is above it.
            }
        }
        return absolute;
    }

    /**
     * Writes these files.
     *
     * @param force whether the folder may hold something; files of the same names are then replaced
     * @return files of other names that were there before and that a mesh would read
     */
    List<String> write(List<RawDocument> files, boolean force) throws BadInputException {
        for (RawDocument file : files) {
            Path inside = folder.resolve(file.name()).normalize();
            if (!inside.startsWith(folder.normalize()) || inside.equals(folder.normalize())) {
                throw new IllegalStateException(file.name() + " leads out of the folder");
            }
        }
        try {
            boolean isNew = !Files.exists(folder);
            if (!isNew && !Files.isDirectory(folder)) {
                throw new BadInputException(folder + ": is a file (expected: a folder, or a name that is free)");
            }
            if (!isNew && !force && !isEmpty()) {
                throw new BadInputException(
                        folder + ": not empty (expected: a new or empty folder); name another, or add --force");
            }
            Path holder = isNew ? folder.toAbsolutePath().normalize().getParent() : folder;
            if (holder == null) {
                throw new BadInputException(folder + ": cannot be written; name a folder");
            }
            Files.createDirectories(holder);
            Path prepared = prepare(holder, files);
            try {
                if (isNew) {
                    Files.move(prepared, folder);
                } else {
                    moveEach(prepared, files);
                }
            } finally {
                delete(prepared);
            }
            return isNew ? List.of() : others(files);
        } catch (IOException failure) {
            throw new BadInputException(folder + ": cannot be written: " + failure, failure);
        }
    }

    private boolean isEmpty() throws IOException {
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.findAny().isEmpty();
        }
    }

    private static Path prepare(Path holder, List<RawDocument> files) throws IOException {
        Path prepared = freshFolder(holder);
        try {
            for (RawDocument file : files) {
                Path target = prepared.resolve(file.name());
                Files.createDirectories(parent(target));
                Files.write(target, file.content());
            }
            return prepared;
        } catch (IOException failure) {
            delete(prepared);
            throw failure;
        }
    }

    /** Not a temporary folder of the JDK's: it would keep the rights of one, and nobody else could read the result. */
    private static Path freshFolder(Path holder) throws IOException {
        for (int i = 0; ; i++) {
            try {
                return Files.createDirectory(holder.resolve(
                        ".mesh-convert-" + ProcessHandle.current().pid() + "-" + i));
            } catch (FileAlreadyExistsException taken) {
                if (i == 100) {
                    throw taken;
                }
            }
        }
    }

    private void moveEach(Path prepared, List<RawDocument> files) throws IOException {
        for (RawDocument file : files) {
            Path target = folder.resolve(file.name());
            Files.createDirectories(parent(target));
        }
        for (RawDocument file : files) {
            Path source = prepared.resolve(file.name());
            Path target = folder.resolve(file.name());
            try {
                Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException unsupported) {
                Files.move(source, target, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private List<String> others(List<RawDocument> files) throws IOException {
        Set<Path> written = new HashSet<>();
        files.forEach(file -> written.add(folder.resolve(file.name()).normalize()));
        try (Stream<Path> inside = Files.walk(folder)) {
            return inside.filter(Files::isRegularFile)
                    .filter(file -> !written.contains(file.normalize()))
                    .filter(file -> isReadByAMesh(folder.relativize(file)))
                    .map(Path::toString)
                    .sorted()
                    .toList();
        }
    }

    private static boolean isReadByAMesh(Path file) {
        for (Path part : file) {
            if (part.toString().startsWith(".")) {
                return false;
            }
        }
        String name = file.toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
    }

    private static Path parent(Path file) {
        @Nullable Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalStateException(file + " has no folder");
        }
        return parent;
    }

    private static void delete(Path prepared) throws IOException {
        if (!Files.exists(prepared)) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> inside = Files.walk(prepared)) {
            deepestFirst = inside.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : deepestFirst) {
            Files.deleteIfExists(each);
        }
    }
}
