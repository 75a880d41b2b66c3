package io.intramesh.registry;

import static java.util.Objects.requireNonNull;

import io.intramesh.document.RawDocument;
import io.intramesh.internal.registry.DocumentFiles;
import io.intramesh.internal.registry.FileWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A registry in files: a folder and the folders below it, or a single file. It is the default, needs no service, and works
 * with a mounted Kubernetes ConfigMap, a Git checkout, a network file system or an editor.
 *
 * <pre>{@code
 * Mesh.builder().registry(FileRegistry.of(Path.of("/etc/mesh")))…
 * }</pre>
 *
 * <ul>
 *   <li>In a folder, files that end in {@code .yaml}, {@code .yml}, {@code .json}, {@code .template} or {@code .tfstate} count;
 *       hidden files and folders (their names begin with a dot) do not. Terraform's own files ({@code .tf}, {@code .tfplan})
 *       are delivered only for a note about them. Documents are delivered in the order of their names, which are relative to
 *       the folder
 *       and use {@code /}. Symbolic links are followed.
 *   <li>A change is delivered when the files have come to rest, which takes 100 ms, or half a second after it was seen where
 *       they do not; with the default interval within a second of the change. However many files change together, it is one
 *       delivery, and a ConfigMap is never seen half old and half new.
 *   <li>Where the path does not exist, cannot be read, or holds no documents, the observer learns it once, what was delivered
 *       stays in force, and the registry goes on trying. The delivery after such a failure comes even if nothing changed.
 *   <li>At most 50,000 documents and 256 MiB.
 * </ul>
 *
 * <p>Safe for use by several threads. Owns one daemon thread, {@code intramesh-registry}, from {@link #start} to
 * {@link #close}. Cannot be started again.
 */
public final class FileRegistry implements MeshRegistry {
    /** How often the files are looked at when nothing else is said. A change is live well within a second of it. */
    public static final Duration DEFAULT_INTERVAL = Duration.ofMillis(250);

    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(10);

    private final DocumentFiles files;
    private final Path path;
    private final Duration interval;

    // Guarded by this.
    private @Nullable FileWatch watch;
    private boolean closed;

    private FileRegistry(Path path, Duration interval) {
        this.path = path;
        this.files = new DocumentFiles(path);
        this.interval = interval;
    }

    /** Returns a registry over a file or a folder, which need not exist yet. */
    public static FileRegistry of(Path fileOrFolder) {
        return new FileRegistry(requireNonNull(fileOrFolder, "fileOrFolder"), DEFAULT_INTERVAL);
    }

    /**
     * Returns a registry over the same files that looks at them that often; the default is {@link #DEFAULT_INTERVAL}. A look
     * reads the attributes of every file; where that takes long, the pause after it grows to at most half a second.
     *
     * @throws IllegalArgumentException below 10 ms
     */
    public FileRegistry withInterval(Duration newInterval) {
        if (newInterval.compareTo(SHORTEST_INTERVAL) < 0) {
            throw new IllegalArgumentException("interval: " + newInterval + " (expected: at least 10 ms)");
        }
        return new FileRegistry(path, newInterval);
    }

    /**
     * Reads a file or folder once, without a watch.
     *
     * @return the documents in the order of their names; empty for a folder without any
     * @throws IOException when something cannot be read; the message says what, why, and how to mend it
     */
    public static List<RawDocument> documents(Path fileOrFolder) throws IOException {
        return new DocumentFiles(requireNonNull(fileOrFolder, "fileOrFolder")).readOnce();
    }

    @Override
    public String describe() {
        return files.describe();
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException when it was started or closed before
     */
    @Override
    public synchronized void start(Observer observer) {
        requireNonNull(observer, "observer");
        if (watch != null || closed) {
            throw new IllegalStateException(
                    describe() + ": started or closed before; make a new FileRegistry for each mesh");
        }
        watch = new FileWatch(files, interval, observer);
        watch.start();
    }

    @Override
    public void close() {
        FileWatch running;
        synchronized (this) {
            closed = true;
            running = watch;
        }
        if (running != null) {
            running.close();
        }
    }

    @Override
    public String toString() {
        return describe();
    }
}
