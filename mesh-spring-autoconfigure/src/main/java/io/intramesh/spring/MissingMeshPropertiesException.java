package io.intramesh.spring;

import java.util.List;

/** Thrown at the start when properties that the mesh needs are not set. */
final class MissingMeshPropertiesException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final List<String> missing;

    MissingMeshPropertiesException(List<String> missing) {
        super("the mesh cannot start without " + String.join(" and ", missing));
        this.missing = List.copyOf(missing);
    }

    List<String> missing() {
        return missing;
    }
}
