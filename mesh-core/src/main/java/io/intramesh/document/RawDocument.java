package io.intramesh.document;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.Objects;

/**
 * A file as a registry delivers it: its name and its bytes, which this type owns and nobody changes.
 *
 * @param name what messages call it, usually a path relative to the registry; its ending tells JSON from YAML
 */
public record RawDocument(String name, byte[] content) {
    public RawDocument {
        requireNonNull(name, "name");
        requireNonNull(content, "content");
    }

    @Override
    public boolean equals(Object other) {
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
