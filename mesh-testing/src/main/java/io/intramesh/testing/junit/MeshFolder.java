package io.intramesh.testing.junit;

import io.intramesh.OfflineMesh;
import io.intramesh.document.DocumentReader;
import io.intramesh.document.Problem;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import io.intramesh.registry.FileRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a file or folder on disk holds.
 *
 * @param path where it is
 */
record MeshFolder(Path path, ReadResult result) {
    private static final String CLASSPATH = "classpath:";

    /** Reads what a location names, with nothing from the environment. */
    static MeshFolder read(String location, Map<String, String> values, ClassLoader loader) {
        return read(path(location, loader), values);
    }

    static MeshFolder read(Path path, Map<String, String> values) {
        List<RawDocument> documents;
        try {
            documents = FileRegistry.documents(path);
        } catch (IOException e) {
            throw new UncheckedIOException(String.valueOf(e.getMessage()), e);
        }
        ReadResult result = DocumentReader.builder()
                .values(values)
                .environment(Map.of())
                .build()
                .read(documents);
        return new MeshFolder(path, result);
    }

    private static Path path(String location, ClassLoader loader) {
        if (!location.startsWith(CLASSPATH)) {
            return Path.of(location);
        }
        String name = location.substring(CLASSPATH.length());
        @Nullable URL found = loader.getResource(name.startsWith("/") ? name.substring(1) : name);
        if (found == null) {
            throw new IllegalArgumentException("'" + location
                    + "': no such resource (expected: a file or folder under src/test/resources, for example)");
        }
        try {
            URI place = found.toURI();
            if ("file".equals(place.getScheme())) {
                return Path.of(place);
            }
            throw new IllegalArgumentException(
                    "'" + location + "': lies in " + place + " (expected: a file or folder on disk, not in a jar)");
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("'" + location + "': lies in " + found + ", which is no file", e);
        }
    }

    /** Reads {@code NAME=value} pairs. */
    static Map<String, String> values(String... pairs) {
        Map<String, String> values = new HashMap<>();
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("values: '" + pair + "' (expected: NAME=value)");
            }
            values.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return values;
    }

    /**
     * Returns the mesh.
     *
     * @throws AssertionError when resources are refused, and that is not allowed
     */
    OfflineMesh mesh(boolean allowRefused) {
        if (result.hasErrors() && !allowRefused) {
            throw new AssertionError("the mesh in " + path + " has resources that are refused:\n"
                    + result.problems().stream()
                            .filter(Problem::isError)
                            .map(Problem::toString)
                            .collect(Collectors.joining("\n")));
        }
        return OfflineMesh.of(result.resources());
    }

    /** Returns the place of a document's line, for tools that jump there. */
    URI source(String file, int line, int column) {
        Path place = Files.isDirectory(path) ? path.resolve(file) : path;
        return URI.create(place.toAbsolutePath().normalize().toUri() + "?line=" + line + "&column=" + column);
    }
}
