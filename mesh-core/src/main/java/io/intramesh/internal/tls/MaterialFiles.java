package io.intramesh.internal.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Reads small files whole, and tells whether they changed by what is in them: times and links say too little. */
final class MaterialFiles {
    /** The largest bundle in use, Mozilla's, has a quarter of a megabyte; revocation lists may be longer. */
    private static final int MAX_BYTES = 16 * 1024 * 1024;

    private MaterialFiles() {}

    static byte[] read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAX_BYTES + 1);
            if (content.length > MAX_BYTES) {
                throw new IOException(file + ": longer than 16 MiB; name a file of certificates");
            }
            return content;
        } catch (NoSuchFileException e) {
            throw new IOException(file + ": not there; write it, or mend its path", e);
        } catch (FileSystemException e) {
            String reason = e.getReason();
            throw new IOException(
                    file + ": cannot be read (" + (reason == null ? e.getClass().getSimpleName() : reason)
                            + "); let this process's user read it",
                    e);
        }
    }

    static String fingerprint(List<byte[]> contents) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no SHA-256", e);
        }
        for (byte[] content : contents) {
            // The length first, or moving a byte from one file to the next would not show.
            digest.update(Integer.toString(content.length).getBytes(StandardCharsets.US_ASCII));
            digest.update((byte) 0);
            digest.update(content);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
