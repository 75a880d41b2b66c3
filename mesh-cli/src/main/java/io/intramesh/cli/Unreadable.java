package io.intramesh.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Says in words why a file cannot be read; the JDK's own messages are often nothing but the path. */
final class Unreadable {
    private Unreadable() {}

    /** Returns path and reason. */
    static String describe(Path path, IOException failure) {
        return path + ": " + why(path, failure);
    }

    /** Returns the reason alone. */
    static String why(Path path, IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (failure instanceof AccessDeniedException) {
            return "access denied";
        }
        if (failure instanceof FileSystemException named && named.getReason() != null) {
            return "cannot be read: " + named.getReason(); // Its message begins with the path.
        }
        String message = String.valueOf(failure.getMessage());
        for (String prefix : new String[] {"file " + path + ": ", "folder " + path + ": "}) {
            // The registry's messages begin so; ours name the path themselves.
            if (message.startsWith(prefix)) {
                return message.substring(prefix.length());
            }
        }
        return "cannot be read: " + message;
    }
}
