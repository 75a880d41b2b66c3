package io.intramesh.internal.tls;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A block of a PEM text (RFC 7468). What stands between blocks is a comment. */
final class PemBlock {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";

    private final String label;
    private final boolean headers;
    private final byte[] content;

    private PemBlock(String label, boolean headers, byte[] content) {
        this.label = label;
        this.headers = headers;
        this.content = content;
    }

    /**
     * Reads all blocks.
     *
     * @throws MaterialException where a block has no end, as in a file that is being written, or is not Base64
     */
    static List<PemBlock> read(byte[] text, String where) throws MaterialException {
        List<PemBlock> blocks = new ArrayList<>();
        String label = null;
        boolean headers = false;
        StringBuilder body = new StringBuilder();
        for (String raw : new String(text, StandardCharsets.ISO_8859_1).lines().toList()) {
            String line = raw.strip();
            if (label == null) {
                if (line.startsWith(BEGIN)
                        && line.endsWith(DASHES)
                        && line.length() > BEGIN.length() + DASHES.length()) {
                    label = line.substring(BEGIN.length(), line.length() - DASHES.length());
                    headers = false;
                    body.setLength(0);
                }
            } else if (line.equals(END + label + DASHES)) {
                blocks.add(new PemBlock(label, headers, decoded(body, label, where)));
                label = null;
            } else if (line.startsWith(DASHES)) {
                throw new MaterialException(where + ": '" + line + "' within a block of " + label
                        + " (expected: its END line); write the file anew");
            } else if (line.indexOf(':') >= 0) {
                headers = true;
            } else {
                body.append(line);
            }
        }
        if (label != null) {
            throw new MaterialException(where + ": the block of " + label
                    + " has no end; write the file anew, best to another name, then move it");
        }
        return blocks;
    }

    /** Returns what it holds, such as {@code CERTIFICATE}. */
    String label() {
        return label;
    }

    /** Tells whether it has header lines, as keys have that OpenSSL encrypted in its old way. */
    boolean hasHeaders() {
        return headers;
    }

    byte[] content() {
        return content;
    }

    private static byte[] decoded(StringBuilder body, String label, String where) throws MaterialException {
        try {
            return Base64.getDecoder().decode(body.toString());
        } catch (IllegalArgumentException e) {
            throw new MaterialException(where + ": the block of " + label + " is not Base64; write the file anew", e);
        }
    }
}
