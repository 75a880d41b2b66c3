package io.intramesh.internal.registry;

import static java.util.Objects.requireNonNull;

import io.intramesh.document.RawDocument;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The documents in a folder and the folders below it, or in a single file. Symbolic links are followed; hidden files and
 * folders are left out; each folder counts once, however many links lead there, so that a loop of links ends.
 *
 * <p>A Kubernetes volume (ConfigMap, Secret, projected) keeps its files in a folder that the hidden link {@code ..data} points
 * to, and changes all of them by turning that one link [1]. The visible entries are links through it; reading them one by one
 * could mix old and new. So the link is resolved once, and the files are read where it points.
 *
 * <p>[1] Kubernetes, pkg/volume/util/atomic_writer.go.
 */
public final class DocumentFiles {
    /** Ten thousand services with five resources each, one per file. */
    static final int MAX_DOCUMENTS = 50_000;

    /** Far above any real mesh, far below the heap of a service. */
    static final long MAX_BYTES = 256L << 20;

    /** Stops a registry that was pointed at {@code /} by mistake. */
    static final int MAX_ENTRIES = 200_000;

    private static final String TOO_MANY_BYTES =
            "more than " + (MAX_BYTES >> 20) + " MiB of documents; point the registry to the folder of this mesh alone";

    private static final int MAX_DEPTH = 32;
    private static final int MAX_TEARS = 10;
    private static final String VOLUME_LINK = "..data";
    private static final List<String> ENDINGS = List.of(".yaml", ".yml", ".json", ".template", ".tfstate");

    /** Terraform's own files: their names matter, for they are told from a folder without anything. */
    private static final String SOURCE_ENDING = ".tf";

    /** A plan in Terraform's binary form: delivered without its content, which nobody reads. */
    private static final String PLAN_ENDING = ".tfplan";

    private final Path root;

    public DocumentFiles(Path root) {
        this.root = requireNonNull(root, "root").toAbsolutePath().normalize();
    }

    /** Returns {@code folder /etc/mesh} or {@code file /etc/mesh.yaml}. */
    public String describe() {
        boolean isFile = Files.isRegularFile(root) || (!Files.exists(root) && isDocument(root));
        return (isFile ? "file " : "folder ") + root;
    }

    /**
     * Reads every document once, in the order of their names, in a moment when none of them changes.
     *
     * @throws IOException with a message that says what cannot be read, why, and how to mend it
     */
    public List<RawDocument> readOnce() throws IOException {
        try {
            Content before = read(null);
            for (int tears = 0; tears < MAX_TEARS; tears++) {
                Content after = read(before);
                if (after.files.equals(before.files)) {
                    return after.documents();
                }
                before = after;
            }
            return before.documents();
        } catch (IOException e) {
            throw new IOException(explain(e), e);
        }
    }

    /** Says what cannot be read, why, and how to mend it. */
    String explain(IOException e) {
        if (e instanceof RefusedException) {
            return describe() + ": " + e.getMessage();
        }
        String file = e instanceof FileSystemException failure && failure.getFile() != null
                ? failure.getFile()
                : root.toString();
        String where = file.equals(root.toString()) ? "" : file + ": ";
        if (e instanceof NoSuchFileException) {
            return describe() + ": " + where + "no such file or folder; create it, or correct the registry's path";
        }
        if (e instanceof AccessDeniedException) {
            return describe() + ": " + where + "access denied; let the user of this process read it";
        }
        return describe() + ": " + where + "cannot be read (" + e + "); see whether the file system is well";
    }

    /** Returns what the files look like from outside, by name. */
    Map<String, Stamp> list() throws IOException {
        Walk walk = new Walk();
        Path real = root.toRealPath();
        BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
        if (attributes.isDirectory()) {
            walk.folder(real, "", 0);
        } else if (!attributes.isRegularFile()) {
            throw new RefusedException("neither a folder nor a regular file; correct the registry's path");
        } else {
            walk.add(requireNonNull(root.getFileName()).toString(), real, attributes);
        }
        return Collections.unmodifiableMap(walk.found);
    }

    /** Returns what {@link #explain} says of a folder without documents. */
    String explainEmpty() {
        return describe() + ": holds no documents (expected: files that end in " + String.join(", ", ENDINGS)
                + "; of Terraform, the output of 'terraform show -json'); put the mesh's resources there, or correct the registry's path";
    }

    /**
     * Reads the documents.
     *
     * @param known where a file looks as it did then, its content is taken from there; null reads everything
     */
    Content read(@Nullable Content known) throws IOException {
        Map<String, Stamp> files = list();
        Map<String, RawDocument> documents = new TreeMap<>();
        long total = 0;
        for (Map.Entry<String, Stamp> file : files.entrySet()) {
            String name = file.getKey();
            Stamp stamp = file.getValue();
            RawDocument document = known != null && stamp.equals(known.files.get(name))
                    ? requireNonNull(known.byName.get(name))
                    : read(name, stamp.real, MAX_BYTES - total);
            total += document.content().length;
            documents.put(name, document);
        }
        return new Content(files, documents);
    }

    /** Reads one file. */
    RawDocument read(String name, Path real, long limit) throws IOException {
        if (isPlan(name)) {
            return RawDocument.of(name, new byte[0]);
        }
        try (InputStream in = Files.newInputStream(real)) {
            byte[] bytes = in.readNBytes((int) Math.min(limit + 1, Integer.MAX_VALUE));
            if (bytes.length > limit) {
                throw new RefusedException(TOO_MANY_BYTES);
            }
            return RawDocument.of(name, bytes);
        }
    }

    private static boolean isPlan(String name) {
        return name.toLowerCase(Locale.ROOT).endsWith(PLAN_ENDING);
    }

    private static boolean isDocument(Path path) {
        String name = requireNonNull(path.getFileName()).toString().toLowerCase(Locale.ROOT);
        return ENDINGS.stream().anyMatch(name::endsWith);
    }

    /** Tells whether a file only earns a note. */
    private static boolean isTold(String name) {
        return isPlan(name) || name.toLowerCase(Locale.ROOT).endsWith(SOURCE_ENDING);
    }

    /**
     * What a file looks like from outside.
     *
     * @param real where it is read, with no link on the way
     * @param fileKey changes when another file takes its place; null where the file system has no such thing
     */
    record Stamp(Path real, @Nullable Object fileKey, long size, FileTime modified) {}

    /** Documents and what their files looked like before they were read. */
    record Content(Map<String, Stamp> files, Map<String, RawDocument> byName) {
        /** Tells whether no file could hold a resource. */
        boolean isEmpty() {
            return files.keySet().stream().allMatch(DocumentFiles::isTold);
        }

        List<RawDocument> documents() {
            return List.copyOf(byName.values());
        }
    }

    private static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        /** @param message without the name of the registry */
        RefusedException(String message) {
            super(message);
        }
    }

    private static final class Walk {
        private final Map<String, Stamp> found = new TreeMap<>();
        private final Set<Path> folders = new HashSet<>();
        private int entries;
        private long bytes;

        void folder(Path real, String prefix, int depth) throws IOException {
            if (depth > MAX_DEPTH) {
                throw new RefusedException(
                        prefix + " lies more than " + MAX_DEPTH + " folders deep; lay it out flatter");
            }
            if (!folders.add(real)) {
                return;
            }
            Path volumeLink = real.resolve(VOLUME_LINK);
            boolean isVolume = Files.isSymbolicLink(volumeLink);
            if (isVolume) {
                folder(volumeLink.toRealPath(), prefix, depth + 1);
            }
            for (Path child : children(real)) {
                if (++entries > MAX_ENTRIES) {
                    throw new RefusedException("more than " + MAX_ENTRIES
                            + " files and folders; point the registry to the folder of this mesh alone");
                }
                String fileName = requireNonNull(child.getFileName()).toString();
                if (!fileName.startsWith(".") && !(isVolume && leadsThroughVolumeLink(child))) {
                    entry(child, prefix + fileName, depth);
                }
            }
        }

        private void entry(Path child, String name, int depth) throws IOException {
            Path real = child;
            BasicFileAttributes attributes =
                    Files.readAttributes(child, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (attributes.isSymbolicLink()) {
                real = child.toRealPath();
                attributes = Files.readAttributes(real, BasicFileAttributes.class);
            }
            if (attributes.isDirectory()) {
                folder(real, name + "/", depth + 1);
            } else if (attributes.isRegularFile() && (isDocument(child) || isTold(name))) {
                add(name, real, attributes);
            }
        }

        void add(String name, Path real, BasicFileAttributes attributes) throws IOException {
            found.put(name, new Stamp(real, attributes.fileKey(), attributes.size(), attributes.lastModifiedTime()));
            bytes += isPlan(name) ? 0 : attributes.size();
            if (bytes > MAX_BYTES) {
                throw new RefusedException(TOO_MANY_BYTES);
            }
            if (found.size() > MAX_DOCUMENTS) {
                throw new RefusedException("more than " + MAX_DOCUMENTS
                        + " documents; put several resources into one file, or name the folder of this mesh alone");
            }
        }

        private static List<Path> children(Path folder) throws IOException {
            List<Path> children = new ArrayList<>();
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
                stream.forEach(children::add);
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
            Collections.sort(children);
            return children;
        }

        private static boolean leadsThroughVolumeLink(Path child) throws IOException {
            return Files.isSymbolicLink(child) && Files.readSymbolicLink(child).startsWith(VOLUME_LINK);
        }
    }
}
