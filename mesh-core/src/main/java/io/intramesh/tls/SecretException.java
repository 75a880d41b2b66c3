package io.intramesh.tls;

import static java.util.Objects.requireNonNull;

/** Says why a supplier has no secret to give, and whether the last one may still be used. */
public final class SecretException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean withdrawn;

    private SecretException(String message, boolean withdrawn) {
        super(requireNonNull(message, "message"));
        this.withdrawn = withdrawn;
    }

    /** Where the secret cannot be had for now: the last good one stays in force until it ends. */
    public static SecretException unavailable(String message) {
        return new SecretException(message, false);
    }

    /** Where whoever gave the secret has taken it back: the last good one is dropped at once. */
    public static SecretException withdrawn(String message) {
        return new SecretException(message, true);
    }

    /** Tells whether the last good secret must not be used any more. */
    public boolean isWithdrawn() {
        return withdrawn;
    }
}
