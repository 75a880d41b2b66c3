package io.intramesh.cli;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Writes the files of an authority and of nodes. Each appears as a whole or not at all, and a secret is never readable by
 * others, not even while it is written.
 */
final class AuthorityFiles {
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<?> OWNERS_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private AuthorityFiles() {}

    /** Tells whether this machine can keep a file to its owner. */
    static boolean canKeepSecrets() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }

    /** Makes a folder that others cannot look into, and what is missing above it. */
    static void createSecretFolder(Path folder) throws IOException {
        Path above = folder.toAbsolutePath().getParent();
        if (above != null) {
            Files.createDirectories(above);
        }
        if (Files.isDirectory(folder)) {
            return;
        }
        if (canKeepSecrets()) {
            Files.createDirectory(folder, OWNERS_FOLDER);
        } else {
            Files.createDirectory(folder);
        }
    }

    /** Writes a file that only its owner reads. */
    static void writeSecret(Path file, String text) throws IOException {
        Path beside = beside(file);
        Files.deleteIfExists(beside);
        if (canKeepSecrets()) {
            Files.createFile(beside, OWNER_ONLY);
        }
        put(file, beside, text);
    }

    /** Writes a file that everyone may read. */
    static void write(Path file, String text) throws IOException {
        Path beside = beside(file);
        Files.deleteIfExists(beside);
        put(file, beside, text);
    }

    /** Of this process alone, so that two that write the same file never meet in it. */
    private static Path beside(Path file) {
        return file.resolveSibling(
                "." + file.getFileName() + "." + ProcessHandle.current().pid());
    }

    private static void put(Path file, Path beside, String text) throws IOException {
        try {
            Files.writeString(beside, text);
            try {
                Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException unsupported) {
                Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            Files.deleteIfExists(beside);
        }
    }
}
