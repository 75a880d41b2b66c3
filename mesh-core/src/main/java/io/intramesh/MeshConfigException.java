package io.intramesh;

import static java.util.Objects.requireNonNull;

import java.util.List;

/** Thrown at set-up when a mesh cannot start with what it was given. Lists every problem, not only the first. */
public final class MeshConfigException extends RuntimeException implements MeshFailure {
    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    public MeshConfigException(String message, List<String> problems) {
        super(problems.isEmpty() ? message : message + "\n  " + String.join("\n  ", problems));
        this.problems = List.copyOf(problems);
    }

    public MeshConfigException(String message, Throwable cause) {
        super(requireNonNull(message, "message"), cause);
        this.problems = List.of();
    }

    /** Returns the single problems, each with its place; empty where the message says it all. */
    public List<String> problems() {
        return problems;
    }
}
