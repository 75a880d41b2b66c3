package io.intramesh.internal.tls;

import io.intramesh.tls.SecretException;
import java.util.List;

/** Thrown when certificates, keys or trust are not fit for use. Lists every problem that was found, each with its mend. */
final class MaterialException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean withdrawn;

    MaterialException(String problem) {
        this(List.of(problem));
    }

    MaterialException(List<String> problems) {
        super(String.join("; ", problems));
        withdrawn = false;
    }

    MaterialException(String problem, Throwable cause) {
        super(problem, cause);
        withdrawn = cause instanceof SecretException secret && secret.isWithdrawn();
    }

    /** Tells whether what was in force may not stay so. */
    boolean isWithdrawn() {
        return withdrawn;
    }

    /** The whole text; there is always one. */
    String text() {
        String message = getMessage();
        return message == null ? "not fit for use" : message;
    }
}
