package io.intramesh.samples.shop.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The document in the folder of mesh resources that says where the services listen this time. A lock beside it keeps a
 * second shop off the same folder. Both files go with {@link #close}.
 */
final class EndpointsFile implements AutoCloseable {
    static final String NAME = "endpoints.generated.yaml";
    static final String LOCK_NAME = "endpoints.generated.lock";

    private final Path file;
    private final Path lockFile;
    private final FileChannel lock;

    private EndpointsFile(Path file, Path lockFile, FileChannel lock) {
        this.file = file;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /** Writes the document for these ports. */
    static EndpointsFile write(Path folder, Map<Service, Integer> ports) throws IOException {
        Path lockFile = folder.resolve(LOCK_NAME);
        FileChannel lock = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        EndpointsFile endpoints = new EndpointsFile(folder.resolve(NAME), lockFile, lock);
        if (!isLocked(lock)) {
            lock.close();
            throw new IOException(
                    "another shop runs from " + folder + "; stop it, or run this one from a copy with --mesh <folder>");
        }
        // Under another name first: nobody shall read half a document.
        Path draft = folder.resolve(NAME + ".draft");
        Files.writeString(draft, text(ports), UTF_8);
        Files.move(draft, endpoints.file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        return endpoints;
    }

    static String text(Map<Service, Integer> ports) {
        StringBuilder text = new StringBuilder("# Written by the shop's runner; gone when it stops.\n");
        ports.forEach((service, port) -> text.append("""
                ---
                apiVersion: intramesh.io/v1
                kind: Endpoints
                metadata: { mesh: shop, name: %1$s }
                spec:
                  virtualNode: %2$s
                  endpoints:
                    - { address: 127.0.0.1, port: %3$d }
                """.formatted(service.name(), service.virtualNode(), port)));
        return text.toString();
    }

    // The lock lives as long as the channel.
    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            @Nullable FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
        lock.close();
        Files.deleteIfExists(lockFile);
    }
}
