package io.intramesh.document;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A file as a registry delivers it: its name and its bytes. Immutable; nobody changes the bytes. */
public final class RawDocument {
    private final String name;
    private final byte[] content;

    private RawDocument(String name, byte[] content) {
        this.name = requireNonNull(name, "name");
        this.content = requireNonNull(content, "content");
    }

    /**
     * Returns a document of these bytes, which the caller hands over.
     *
     * @param name what messages call it, usually a path relative to the registry; its ending tells JSON from YAML
     */
    public static RawDocument of(String name, byte[] content) {
        return new RawDocument(name, content);
    }

    /** Returns a document of that text. */
    public static RawDocument of(String name, String content) {
        return new RawDocument(name, content.getBytes(StandardCharsets.UTF_8));
    }

    public String name() {
        return name;
    }

    /** Returns the bytes themselves, not a copy; do not change them. */
    public byte[] content() {
        return content;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RawDocument that && name.equals(that.name) && Arrays.equals(content, that.content);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, Arrays.hashCode(content));
    }

    @Override
    public String toString() {
        return name + " (" + content.length + " bytes)";
    }
}
