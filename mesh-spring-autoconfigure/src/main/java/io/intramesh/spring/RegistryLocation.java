package io.intramesh.spring;

import io.intramesh.MeshConfigException;
import io.intramesh.registry.FileRegistry;
import io.intramesh.registry.MeshRegistry;
import java.net.URI;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what {@code intramesh.registry} says. */
final class RegistryLocation {
    // Two letters at least: one is a Windows drive.
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):.*");

    private RegistryLocation() {}

    /**
     * Opens the registry at a location: a path, or a {@code file:} URL.
     *
     * @throws MeshConfigException when it is neither
     */
    static MeshRegistry open(String location) {
        return FileRegistry.of(path(location.strip()));
    }

    static Path path(String location) {
        Matcher matcher = SCHEME.matcher(location);
        if (!matcher.matches()) {
            return path(location, location);
        }
        String scheme = matcher.group(1).toLowerCase(Locale.ROOT);
        if (!scheme.equals("file")) {
            throw new MeshConfigException(
                    "intramesh.registry: '" + location + "': scheme '" + scheme
                            + "' is unknown (expected: a path, or a file: URL); or define a MeshRegistry bean",
                    List.of());
        }
        String rest = location.substring("file:".length());
        // file:mesh and file:./mesh are no URLs by the book, but Spring's own resource properties take them.
        return rest.startsWith("/") ? url(location) : path(rest, location);
    }

    private static Path url(String location) {
        try {
            return Path.of(URI.create(location));
        } catch (IllegalArgumentException | FileSystemNotFoundException e) {
            throw new MeshConfigException(
                    "intramesh.registry: '" + location
                            + "' (expected: a path, or a file: URL such as file:///etc/mesh): " + e.getMessage(),
                    e);
        }
    }

    private static Path path(String text, String location) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new MeshConfigException(
                    "intramesh.registry: '" + location + "' (expected: a path): " + e.getMessage(), e);
        }
    }
}
