package io.intramesh.tls;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Tells the password of an encrypted key or key store. Asked each time the material is read, on the mesh thread, so that a
 * password may change together with it. Never logged.
 *
 * <pre>{@code
 * Password.ofFile(Path.of("/run/secrets/keystore-password"))
 * }</pre>
 */
@FunctionalInterface
public interface Password {

    /** Returns the password in a new array, which the reader wipes. */
    char[] read() throws IOException;

    /** Returns the password that stands in a file, in UTF-8; line ends after it do not count. */
    static Password ofFile(Path file) {
        requireNonNull(file, "file");
        return () ->
                Files.readString(file, StandardCharsets.UTF_8).stripTrailing().toCharArray();
    }

    /** Returns the password that an environment variable holds. */
    static Password ofEnvironment(String variable) {
        requireNonNull(variable, "variable");
        return () -> {
            String value = System.getenv(variable);
            if (value == null) {
                throw new IOException("environment variable " + variable + ": not set; set it to the password");
            }
            return value.toCharArray();
        };
    }
}
